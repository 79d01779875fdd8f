//! `cocoasim explain link`.

use std::{collections::BTreeSet, fmt::Write as _, path::Path};

use serde_json::json;

use crate::{
    drawing::{LinkDrawing, MapDrawing, PlanDrawing, Turn, link_figure, rotation_figure},
    faults::{Faults, counted, use_one_of},
    inputs::Inputs,
    mobility::{Carriage, NO_ROOM},
    population::PhoneModel,
    radio::{CalibrationTable, LinkEnd, LinkExplained, RadioModel, Without},
    random::Seed,
    scenario::{Loaded, SourceArgs, open},
    units::Point,
    venue::{FloorPlan, VenueKind},
};

use super::{
    Failure,
    args::{LinkArgs, WithoutArg},
    files::Outputs,
};

/// Cells of the map along the longer side of the plan.
const MAP_CELLS: f32 = 160.0;

pub(super) fn link(args: &LinkArgs) -> Result<(), Failure> {
    let files = [&args.figure, &args.map, &args.rotation];
    let outputs = Outputs::new(files.into_iter().filter_map(|file| file.as_deref()), args.overwrite, args.json)?;
    let loaded = open(&SourceArgs { scenario: args.scenario.clone(), sets: args.sets.clone(), seed: None })?;
    let scenario = &loaded.scenario;
    let mut faults = Faults::default();
    let table =
        CalibrationTable::open(&scenario.radio.calibration, &loaded.base_dir("radio.calibration"), &mut Inputs::default(), &mut faults);
    let floor = venue(&args.venue, &loaded, &mut faults);
    if !faults.is_empty() {
        return Err(loaded.locate(&faults).into());
    }
    let Some(plan) = floor else {
        let remedy = use_one_of(&args.venue, ["office", "home", "home-N"].into_iter());
        return Err(Failure::fault(format!("--venue {}", args.venue), "no such venue", format!("{remedy} (N people, 1 to 10)")));
    };
    let mut wrong = Faults::default();
    let ends = ends(args, &plan, &mut wrong);
    let models = models(args, &loaded, &table, &mut wrong);
    if !wrong.is_empty() {
        wrong.0.dedup();
        return Err(Failure::of_options(&wrong));
    }
    let model = RadioModel::new(&scenario.radio, Seed(scenario.run.seed));
    let without = Without { walls: args.without.contains(&WithoutArg::Wall) };
    let left_out = if without.walls { ", without walls" } else { "" };
    let explained = model.explain(&plan, ends, [&models[0], &models[1]], &table, without);
    let drawing = drawing(&plan);
    let write = |file: &Path, svg: &str| outputs.write_and_say(file, svg.as_bytes());
    if let Some(path) = &args.figure {
        let note = format!(
            "{:.2} m between people, {:.2} m between phones{left_out}: {:.0} ± {:.0} dB",
            explained.people_m, explained.phones_m, explained.mean_db, explained.sd_db
        );
        let link = link_drawing(ends, &explained, &plan, note);
        write(path, &link_figure("A link on its floor plan", &drawing, &link, None))?;
    }
    if let Some(path) = &args.map {
        let map = attenuation_map(&model, &plan, ends[0], without);
        let from = LinkDrawing {
            people: vec![(xy(ends[0].body), f64::from(ends[0].facing_rad))],
            note: format!("mean attenuation to somebody there who carries alike and faces A, before errors of calibration{left_out}"),
            ..LinkDrawing::default()
        };
        write(path, &link_figure("Attenuation from one place", &drawing, &from, Some(&map)))?;
    }
    if let Some(path) = &args.rotation {
        let title = format!("Attenuation while the carrier turns{left_out}");
        write(path, &rotation_figure(&title, &turns(&model, &plan, ends, without)))?;
    }
    outputs.answer(&if args.json { as_json(&explained, without, &loaded) } else { text(args, &explained, left_out, &loaded) })
}

fn venue(name: &str, loaded: &Loaded, faults: &mut Faults) -> Option<FloorPlan> {
    let (kind, people) = match name {
        "office" => (VenueKind::OFFICE, u32::MAX),
        "home" => (VenueKind::HOME, 2),
        _ => (VenueKind::HOME, name.strip_prefix("home-")?.parse().ok().filter(|n| (1..=10).contains(n))?),
    };
    let (materials, seed) = (loaded.scenario.venue.materials(faults), Seed(loaded.scenario.run.seed));
    Some(loaded.kinds.named(kind.name())?.lay_out_for(people, &materials, seed, 0).plan)
}

/// One text for both ends, or one for each.
fn two<'a>(text: &'a str, option: &str, wrong: &mut Faults) -> [&'a str; 2] {
    let parts: Vec<&str> = text.split(',').map(str::trim).collect();
    match parts[..] {
        [both] => [both, both],
        [from, to] => [from, to],
        _ => {
            wrong.push(
                format!("--{option} {text}"),
                format!("{}, of which a link has two", counted(parts.len(), "end")),
                "give one for both ends, or FROM,TO",
            );
            ["", ""]
        }
    }
}

fn ends(args: &LinkArgs, plan: &FloorPlan, wrong: &mut Faults) -> [LinkEnd; 2] {
    let carried = two(&args.carriage, "carriage", wrong).map(|name| {
        let found = Carriage::ALL.into_iter().find(|c| c.name() == name);
        if found.is_none() {
            let remedy = use_one_of(name, Carriage::ALL.iter().map(|c| c.name()));
            wrong.push(format!("--carriage {name}"), "no such carriage", remedy);
        }
        found.unwrap_or(Carriage::Table)
    });
    let seats = [("from", &args.from), ("to", &args.to)].map(|(option, text)| {
        let seat = place(text, plan);
        if seat.is_none() {
            let last = plan.seats.len().saturating_sub(1);
            wrong.push(format!("--{option} {text}"), "neither a seat nor a point", format!("use a seat from 0 to {last}, or X,Y in m"));
        }
        let (low, high) = extent(plan);
        if let Some((at, _)) = seat
            && !((low.x_m..=high.x_m).contains(&at.x_m) && (low.y_m..=high.y_m).contains(&at.y_m))
        {
            let remedy = format!("use x from {} to {} m, y from {} to {} m", low.x_m, high.x_m, low.y_m, high.y_m);
            wrong.push(format!("--{option} {text}"), "outside the floor", remedy);
        }
        seat.unwrap_or((Point::default(), None))
    });
    let turned = args.facing.as_ref().map(|text| {
        two(text, "facing", wrong).map(|degrees| {
            degrees.parse::<f32>().ok().filter(|d| d.is_finite()).unwrap_or_else(|| {
                wrong.push(format!("--facing {degrees}"), "not a number", "give degrees");
                0.0
            })
        })
    });
    if wrong.is_empty() && seats[0].0 == seats[1].0 {
        wrong.push("--to", "the same place as --from", "name two places");
    }
    [0, 1].map(|i| {
        let (body, facing) = seats[i];
        let facing_rad = turned.map(|t| t[i].to_radians()).or(facing).unwrap_or_else(|| body.bearing_rad(seats[1 - i].0));
        let room = plan.rooms.iter().position(|r| r.contains(body)).map_or(NO_ROOM, |r| r as u16);
        LinkEnd { body, facing_rad, carriage: carried[i], room }
    })
}

/// The corners of the smallest rectangle around all rooms and walls.
fn extent(plan: &FloorPlan) -> (Point, Point) {
    let corners = || plan.rooms.iter().flat_map(|r| [r.low, r.high]).chain(plan.barriers.iter().flat_map(|b| [b.from, b.to]));
    let first = corners().next().unwrap_or_default();
    (
        corners().fold(first, |l, p| Point::new(l.x_m.min(p.x_m), l.y_m.min(p.y_m))),
        corners().fold(first, |h, p| Point::new(h.x_m.max(p.x_m), h.y_m.max(p.y_m))),
    )
}

/// A seat's place and facing, or a point.
fn place(text: &str, plan: &FloorPlan) -> Option<(Point, Option<f32>)> {
    if let Ok(number) = text.parse::<usize>() {
        return plan.seats.get(number).map(|seat| (seat.at, Some(seat.facing_rad)));
    }
    let (x, y) = text.split_once(',')?;
    let metres = |t: &str| t.trim().parse::<f32>().ok().filter(|v| v.abs() < 1e5);
    Some((Point::new(metres(x)?, metres(y)?), None))
}

fn models(args: &LinkArgs, loaded: &Loaded, table: &CalibrationTable, wrong: &mut Faults) -> [PhoneModel; 2] {
    let phones = &loaded.scenario.phones;
    let share = |os| if os == crate::population::Os::Ios { phones.ios_share } else { 1.0 - phones.ios_share };
    let common = phones.models.iter().max_by(|a, b| (a.share * share(a.os)).total_cmp(&(b.share * share(b.os))));
    let common = common.map(|m| PhoneModel { oem: m.oem.clone(), model: m.model.clone(), os: m.os });
    let Some(text) = &args.model else {
        let phone = common.unwrap_or_else(|| table.phone_model(""));
        return [phone.clone(), phone];
    };
    two(text, "model", wrong).map(|name| {
        let of_scenario = phones.models.iter().find(|m| m.model == name);
        if of_scenario.is_none() && !table.identifies(name) {
            let near = table.nearest(name).map_or_else(String::new, |m| format!("did you mean {m}? "));
            let remedy = format!(
                "{near}use one of the table's, or of the scenario's: {}",
                phones.models.iter().map(|m| m.model.as_str()).collect::<Vec<_>>().join(", ")
            );
            wrong.push(format!("--model {name}"), "in neither the scenario nor its calibration table", remedy);
        }
        of_scenario.map_or_else(|| table.phone_model(name), |m| PhoneModel { oem: m.oem.clone(), model: m.model.clone(), os: m.os })
    })
}

fn xy(p: Point) -> [f64; 2] {
    [f64::from(p.x_m), f64::from(p.y_m)]
}

fn drawing(plan: &FloorPlan) -> PlanDrawing {
    PlanDrawing {
        rooms: plan.rooms.iter().map(|r| (r.name.clone(), xy(r.low), xy(r.high))).collect(),
        barriers: plan.barriers.iter().map(|b| (xy(b.from), xy(b.to), plan.materials[b.material].name.clone())).collect(),
        tables: plan.tables.iter().map(|t| (xy(t.low), xy(t.high))).collect(),
        seats: plan.seats.iter().map(|s| xy(s.at)).collect(),
    }
}

fn link_drawing(ends: [LinkEnd; 2], explained: &LinkExplained, plan: &FloorPlan, note: String) -> LinkDrawing {
    let crossing = |c: &crate::encounter::Crossing| {
        let barrier = &plan.barriers[c.barrier];
        let (a, b, from, to) = (ends[0].body, ends[1].body, barrier.from, barrier.to);
        // Share of the way at which the line meets the barrier.
        let cross = |ux: f32, uy: f32, vx: f32, vy: f32| ux * vy - uy * vx;
        let along = cross(from.x_m - a.x_m, from.y_m - a.y_m, to.x_m - from.x_m, to.y_m - from.y_m);
        let across = cross(b.x_m - a.x_m, b.y_m - a.y_m, to.x_m - from.x_m, to.y_m - from.y_m);
        let share = if across.abs() > 1e-6 { (along / across).clamp(0.0, 1.0) } else { 0.5 };
        (xy(a.towards(b, share)), format!("{} {:.1} dB", plan.materials[barrier.material].name, c.loss_db))
    };
    LinkDrawing {
        people: ends.map(|e| (xy(e.body), f64::from(e.facing_rad))).to_vec(),
        phones: explained.phones.map(xy).to_vec(),
        crossings: explained.crossings.iter().map(crossing).collect(),
        note,
    }
}

/// For each way of carrying at the transmitter, the link's mean attenuation as its carrier turns from facing the receiver.
fn turns(model: &RadioModel, plan: &FloorPlan, ends: [LinkEnd; 2], without: Without) -> Vec<Turn> {
    const STEPS: usize = 72;
    let towards_rad = ends[0].body.bearing_rad(ends[1].body);
    let at = |carriage: Carriage, step: usize| {
        let facing_rad = towards_rad + step as f32 * std::f32::consts::TAU / STEPS as f32;
        model.mean_between(plan, [LinkEnd { facing_rad, carriage, ..ends[0] }, ends[1]], without)
    };
    Carriage::ALL.into_iter().map(|c| (c.name().to_string(), (0..=STEPS).map(|step| at(c, step)).collect())).collect()
}

fn attenuation_map(model: &RadioModel, plan: &FloorPlan, from: LinkEnd, without: Without) -> MapDrawing {
    let (low, high) = extent(plan);
    let (width_m, height_m) = (high.x_m - low.x_m, high.y_m - low.y_m);
    let step_m = (width_m.max(height_m) / MAP_CELLS).max(0.02);
    let (columns, rows) = ((width_m / step_m).ceil() as usize, (height_m / step_m).ceil() as usize);
    let middle = |i: usize| Point::new(low.x_m + ((i % columns) as f32 + 0.5) * step_m, low.y_m + ((i / columns) as f32 + 0.5) * step_m);
    let db = (0..columns * rows).map(|i| model.mean_at(plan, from, middle(i), without)).collect();
    MapDrawing { low: xy(low), step_m: f64::from(step_m), columns, db }
}

fn as_json(explained: &LinkExplained, without: Without, loaded: &Loaded) -> String {
    let mut value = json!(explained);
    let left_out: &[&str] = if without.walls { &["wall"] } else { &[] };
    value["without"] = json!(left_out);
    if let Some(terms) = value["terms"].as_array_mut() {
        for term in terms {
            let source = loaded.source_of(term["key"].as_str().unwrap_or_default());
            term["source"] = json!(source);
        }
    }
    format!("{value:#}\n")
}

fn text(args: &LinkArgs, x: &LinkExplained, left_out: &str, loaded: &Loaded) -> String {
    let mut out = format!(
        "{}, {} to {}{left_out}: {:.2} m between people, {:.2} m between phones; environment {}\n\n{:<66} {:>8} {:>6}\n",
        args.venue, args.from, args.to, x.people_m, x.phones_m, x.environment, "term", "mean dB", "± dB"
    );
    for term in &x.terms {
        let sd = if term.sd_db > 0.0 { format!("{:.1}", term.sd_db) } else { String::new() };
        let _ = writeln!(out, "{:<66} {:>8.1} {sd:>6}", term.name, term.mean_db);
    }
    let _ = writeln!(out, "{:<66} {:>8.1} {:>6.1}", "sum: mean attenuation of the link", x.mean_db, x.sd_db);
    let _ = writeln!(out, "{:<66} {:>8} {:>6.1}", "fading between packets", "", x.fading_sd_db);
    let _ = writeln!(out, "\nnothing is heard beyond {:.0} dB; {:.0} % of scans hear something", x.ceiling_db, x.heard * 100.0);
    let heard = x.packets_heard.map_or_else(String::new, |n| format!(", of which those hear {n:.1} on average"));
    let _ = writeln!(out, "packets sent while a scan of {} s listens: {}{heard}", x.scan_s, x.packets_a_scan);
    if let [Some(q05), Some(q25), Some(q50), Some(q75), Some(q95)] = x.typical_db {
        let _ = writeln!(out, "their typical attenuation: 5 % {q05:.0}, 25 % {q25:.0}, median {q50:.0}, 75 % {q75:.0}, 95 % {q95:.0} dB");
    }
    let _ = writeln!(out, "\nsources");
    let mut printed = BTreeSet::new();
    for term in &x.terms {
        // Keys of one environment share the comment at its head.
        let source = loaded.source_of(&term.key);
        if printed.insert(source.clone()) {
            let _ = writeln!(out, "  {}: {source}", term.key);
        }
    }
    out
}

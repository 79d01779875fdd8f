//! `cocoasim draw`: pictures of what a run is made of.

use std::path::Path;

use crate::{
    drawing::{VenueDrawing, venue_figure},
    faults::{Faults, counted},
    ids::{PersonId, VenueId},
    mobility::{Carry, NO_GROUP, Stance, Visit},
    places::{Ground, Places},
    random::Seed,
    scenario::{SourceArgs, open, open_kind},
    time::DayJst,
    units::Point,
    venue::kind::Layout,
};

use super::{Failure, files::Outputs, say};

/// Draws a venue of a kind, laid out as venue 0 of a world.
pub(super) fn venue(kind: &str, seed: u64, is_occupied: bool, figure: &Path, overwrite: bool) -> Result<(), Failure> {
    let baseline = open(&SourceArgs { scenario: "baseline".into(), ..SourceArgs::default() })?;
    let materials = baseline.scenario.venue.materials(&mut Faults::default());
    let kind = open_kind(kind, &materials, baseline.scenario.radio.environments.keys().map(String::as_str))?;
    let outputs = Outputs::new([figure], overwrite, false)?;
    let ground = Ground::new(&kind, kind.lay_out(&materials, Seed(seed), 0));
    let layout = ground.layout();
    let (width_m, depth_m) = layout.floor_m;
    let seats = counted(layout.plan.seats.len(), "seat");
    let carry = Carry::new(&baseline.scenario.mobility.carriage, Seed(seed));
    let places = Places { kind: &kind, ground: &ground, carry: &carry, seed: Seed(seed) };
    let there = if is_occupied { occupied(&places) } else { Vec::new() };
    let people: Vec<([f64; 2], f64)> = there.iter().map(|(at, stance)| (xy(*at), f64::from(stance.facing_rad))).collect();
    // As the radio places them: so far from the body's middle, in so many degrees from where it faces.
    let carried = baseline.scenario.radio.carriage.each();
    let phone = |(at, stance): &(Point, Stance)| {
        let of = carried[stance.carriage as usize];
        xy(at.offset(stance.facing_rad + of.bearing_deg.to_radians(), of.offset_m))
    };
    let phones = there.iter().map(phone).collect();
    let number = if is_occupied {
        format!(", {}", if people.len() == 1 { "1 person".into() } else { format!("{} people", people.len()) })
    } else {
        String::new()
    };
    let size = format!("{width_m:.2} m by {depth_m:.2} m, {seats}{number}");
    let note = format!("{}. Seed {seed}: {size}.", kind.description.trim_end_matches('.'));
    let drawing = VenueDrawing { people, phones, ..drawing(layout, note) };
    outputs.write(figure, venue_figure(&kind.name, &drawing).as_bytes())?;
    say(format_args!("{}: {size}", kind.name));
    Ok(())
}

/// Seconds of a full venue: people come during the half hour before the moment and leave during the ten minutes after it.
const HALF_HOUR_S: i64 = 1800;
const LEAVING_S: i64 = 600;

/// Where people are, and their stances, in the middle of a working day at which as many came as find a place, or as are a nominal load.
fn occupied(places: &Places<'_>) -> Vec<(Point, Stance)> {
    let day = DayJst::of((2020, 9, 7));
    let noon_s = day.start().0 + 24 * HALF_HOUR_S;
    let moment_s = noon_s + HALF_HOUR_S;
    let handed_on: Vec<&str> = places.kind.roles.iter().filter_map(|role| role.then.as_deref()).collect();
    let mut visits = Vec::new();
    for (role, config) in places.kind.roles.iter().enumerate().filter(|(_, config)| !handed_on.contains(&config.name.as_str())) {
        let people = if role == 0 || !config.model.is_crowd() { places.capacity(role) } else { 0 };
        let people = if role == 0 { people.min(places.kind.nominal_people.unwrap_or(u32::MAX)) } else { people };
        for number in 0..people {
            let share = |s: i64| s * i64::from(number) / i64::from(people);
            visits.push(Visit {
                person: PersonId(visits.len() as u32),
                venue: VenueId(0),
                start_s: noon_s + share(HALF_HOUR_S),
                end_s: moment_s + 1 + share(LEAVING_S),
                seat: number,
                group: NO_GROUP,
                role: role as u8,
            });
        }
    }
    let mut stances = Vec::new();
    places.stances(0, day, &visits, &mut stances);
    let there = stances.into_iter().filter(|stance| stance.start_s <= moment_s && moment_s < stance.end_s);
    there.map(|stance| (stance.at(moment_s as f64), stance)).collect()
}

fn xy(p: Point) -> [f64; 2] {
    [p.x_m, p.y_m].map(f64::from)
}

fn drawing(layout: &Layout, note: String) -> VenueDrawing {
    let plan = &layout.plan;
    let material = |number: usize| plan.materials[number].name.clone();
    VenueDrawing {
        floor_m: [layout.floor_m.0, layout.floor_m.1].map(f64::from),
        rooms: plan.rooms.iter().map(|room| (room.name.clone(), xy(room.low), xy(room.high))).collect(),
        barriers: plan.barriers.iter().map(|b| (xy(b.from), xy(b.to), material(b.material), b.reaches_ceiling)).collect(),
        tables: plan.tables.iter().map(|table| (xy(table.low), xy(table.high))).collect(),
        seats: plan.seats.iter().map(|seat| (xy(seat.at), f64::from(seat.facing_rad))).collect(),
        doors: layout.doors.iter().map(|door| (xy(door.at), f64::from(door.width_m), door.is_along_x)).collect(),
        standing: layout.standing.iter().map(|area| (xy(area.low), xy(area.high))).collect(),
        queues: layout.queues.iter().map(|queue| queue.path.iter().map(|p| xy(*p)).collect()).collect(),
        aisles: layout.aisles.iter().map(|(from, to)| (xy(*from), xy(*to))).collect(),
        posts: layout.posts.iter().map(|post| (xy(post.at), f64::from(post.facing_rad))).collect(),
        people: Vec::new(),
        phones: Vec::new(),
        note,
    }
}

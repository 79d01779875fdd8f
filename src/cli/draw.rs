//! `cocoasim draw`: pictures of what a run is made of.

use std::path::Path;

use crate::{
    drawing::{VenueDrawing, venue_figure},
    faults::{Faults, counted},
    random::Seed,
    scenario::{SourceArgs, open, open_kind},
    units::Point,
    venue::kind::Layout,
};

use super::{Failure, files::Outputs, say};

/// Draws a venue of a kind, laid out as venue 0 of a world.
pub(super) fn venue(kind: &str, seed: u64, figure: &Path, overwrite: bool) -> Result<(), Failure> {
    let baseline = open(&SourceArgs { scenario: "baseline".into(), ..SourceArgs::default() })?;
    let materials = baseline.scenario.venue.materials(&mut Faults::default());
    let kind = open_kind(kind, &materials, baseline.scenario.radio.environments.keys().map(String::as_str))?;
    let outputs = Outputs::new([figure], overwrite, false)?;
    let layout = kind.lay_out(&materials, Seed(seed), 0);
    let (width_m, depth_m) = layout.floor_m;
    let seats = counted(layout.plan.seats.len(), "seat");
    let note = format!("{}. Seed {seed}: {width_m:.2} m by {depth_m:.2} m, {seats}.", kind.description.trim_end_matches('.'));
    outputs.write(figure, venue_figure(&kind.name, &drawing(&layout, note)).as_bytes())?;
    say(format_args!("{}: {width_m:.2} m by {depth_m:.2} m, {seats}", kind.name));
    Ok(())
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
        note,
    }
}

//! Waiting in line.

use rand::RngExt;

use crate::{
    random::KeyedRng,
    units::Point,
    venue::kind::{Layout, Queue, QueueModel},
};

use super::{
    scene::{Job, Scene},
    stays::{WALK_MPS, walk_s},
    ways::along,
};

/// A line: where one stands in it, and when each who joined it leaves it, in the order in which they joined.
struct Line {
    marks: Marks,
    leaves_s: Vec<i64>,
}

impl Line {
    /// How many of those who joined are still there.
    fn waiting(&self, t_s: i64) -> usize {
        self.leaves_s.iter().filter(|leaves_s| **leaves_s > t_s).count()
    }
}

/// Where one stands in a line.
pub(super) struct Marks {
    /// From the one who is served back.
    pub places: Vec<Point>,
    /// Where that one looks, if not along the line.
    served_facing_rad: Option<f32>,
}

impl Marks {
    /// Where one looks at a place: to who is before, or who serves.
    pub fn facing_rad(&self, place: usize) -> f32 {
        let ahead = place.max(1);
        let behind = ahead.min(self.places.len() - 1);
        let along_rad = || self.places[behind].bearing_rad(self.places[ahead - 1]);
        self.served_facing_rad.filter(|_| place == 0).unwrap_or_else(along_rad)
    }
}

/// The lines of a model.
pub(super) fn lines(layout: &Layout, model: &QueueModel) -> Vec<Marks> {
    let all = layout.queues.iter().enumerate().filter(|(i, _)| model.lines.as_ref().is_none_or(|lines| lines.contains(&(*i as u32))));
    let marks = |queue: &Queue| Marks { places: along(&queue.path, queue.spacing_m).collect(), served_facing_rad: queue.served_facing_rad };
    all.map(|(_, queue)| marks(queue)).collect()
}

/// How many find a place in line at once.
pub(super) fn capacity(layout: &Layout, model: &QueueModel) -> u32 {
    lines(layout, model).iter().map(|marks| marks.places.len() as u32).sum()
}

/// Everybody joins the shortest line that has room, moves up as those before leave, and is served at its head, one after another. Who has
/// been served goes on to the next role, or to a door, where the rest of the visit is spent. Lines that end visits are another matter:
/// `checkout`.
///
/// Weakness: people join in the order in which they set out for a line, not in that in which they get there.
pub(super) fn play(scene: &mut Scene<'_>, model: &QueueModel, jobs: &[Job]) {
    let marks = lines(scene.layout, model).into_iter();
    let mut lines: Vec<Line> = marks.map(|marks| Line { marks, leaves_s: Vec::new() }).collect();
    for job in jobs {
        let mut rng = scene.rng(job, 0);
        let waiting = |line: &usize| lines[*line].waiting(job.start_s);
        let open: Vec<usize> = (0..lines.len()).filter(|line| waiting(line) < lines[*line].marks.places.len()).collect();
        let Some(shortest) = open.iter().map(waiting).min() else {
            scene.hand_on(job, false);
            continue;
        };
        let best: Vec<usize> = open.into_iter().filter(|line| waiting(line) == shortest).collect();
        let line = &mut lines[best[rng.random_range(0..best.len())]];
        let end_of_line = line.marks.places[shortest];
        let way_s = scene.last(job).map_or(0, |from| walk_s(&scene.ways.path(from, end_of_line), WALK_MPS));
        let comes_s = (job.start_s + way_s).min(job.end_s);
        let free_s = line.leaves_s.iter().copied().max().unwrap_or(comes_s).max(comes_s);
        let leaves_s = service_s(model, &mut rng).map_or(job.end_s, |service_s| (free_s + service_s).min(job.end_s));
        // Places are taken up from the front: each time somebody before leaves, all behind move up at once.
        let mut moves: Vec<i64> = line.leaves_s.iter().copied().filter(|t_s| (comes_s + 1..leaves_s).contains(t_s)).collect();
        moves.sort_unstable();
        moves.dedup();
        for (k, t_s) in std::iter::once(job.start_s).chain(moves).enumerate() {
            let place = line.waiting(if k == 0 { comes_s } else { t_s });
            scene.stand(job, t_s, line.marks.places[place], Some(line.marks.facing_rad(place)), WALK_MPS);
        }
        line.leaves_s.push(leaves_s);
        if leaves_s < job.end_s {
            scene.hand_on(&Job { start_s: leaves_s, ..*job }, true);
        }
    }
}

/// How long somebody is served, s; `None`: until the visit ends.
fn service_s(model: &QueueModel, rng: &mut KeyedRng) -> Option<i64> {
    let mean_s = model.service_mean_s?;
    Some(drawn_s(mean_s, model.service_cv, rng))
}

/// A gamma time of a mean and a coefficient of variation, whole seconds, at least 1.
pub(super) fn drawn_s(mean_s: f64, cv: f64, rng: &mut KeyedRng) -> i64 {
    let drawn_s = if cv > 0.0 { rng.gamma(1.0 / (cv * cv), mean_s * cv * cv) } else { mean_s };
    (drawn_s.round() as i64).max(1)
}

//! Truth, second by second and pair by pair (design.md, "Truth" and "Encounter"; the columns of the table `contacts`).

use std::collections::BTreeMap;

use cocoasim::{
    math,
    time::{DayJst, DayUtc, UnixSeconds},
    units::Point,
};

use super::{
    barriers::between,
    world::{Span, Stance, World, least},
};

/// A second in which somebody walks is looked at so many times, and one in which the circle may be crossed so many.
const LOOKS: i64 = 10;
const CLOSE_LOOKS: i64 = 1000;
/// By how much a second in which the circle is crossed may be wrong.
const A_CROSSING_S: f64 = 2.0 / CLOSE_LOOKS as f64;
/// Pieces of contact nearer than this are one.
const UNBROKEN_S: f64 = 0.5 / CLOSE_LOOKS as f64;
/// By how much the time near each other in a span may be wrong: not looked at closely, and entered and left once.
pub const NEAR_S: f64 = 2.0 / LOOKS as f64;

/// Where and with what between them two people were, for how long they were near there, and how near.
#[derive(Clone)]
pub struct Circumstance {
    pub kind: String,
    pub barrier: String,
    pub near_s: f64,
    pub min_m: f64,
}

/// Two people in the time that a JST day and a UTC day share.
#[derive(Clone)]
pub struct Half {
    pub within_s: f64,
    pub ignoring_walls_s: f64,
    /// Seconds in which the circle may have been entered or left.
    pub crossings: u32,
    pub min_m: f64,
    pub circumstances: Vec<Circumstance>,
}

impl Default for Half {
    fn default() -> Self {
        Self { within_s: 0.0, ignoring_walls_s: 0.0, crossings: 0, min_m: f64::MAX, circumstances: Vec::new() }
    }
}

impl Half {
    /// Whether looks cannot say if the time within the circle is as long as asked: with no crossing they can, to the second.
    pub fn is_open(&self, need_s: f64) -> bool {
        self.crossings > 0 && (self.within_s - need_s).abs() <= self.slack_s()
    }

    /// By how much seconds may be wrong.
    pub fn slack_s(&self) -> f64 {
        1e-3 + A_CROSSING_S * f64::from(self.crossings)
    }
}

/// Everything true of two people.
#[derive(Default)]
pub struct Pair {
    halves: BTreeMap<(DayJst, DayUtc), Half>,
    /// Contact, as (from, to), in time order: without looks so near the circle that it may have been crossed between two of them.
    surely_s: Vec<(f64, f64)>,
    /// The same with all of these.
    perhaps_s: Vec<(f64, f64)>,
}

impl Pair {
    fn sum(&self, is_in: impl Fn(&(DayJst, DayUtc)) -> bool) -> Half {
        let mut sum = Half::default();
        for (_, half) in self.halves.iter().filter(|(days, _)| is_in(days)) {
            sum.within_s += half.within_s;
            sum.ignoring_walls_s += half.ignoring_walls_s;
            sum.crossings += half.crossings;
            sum.min_m = sum.min_m.min(half.min_m);
            sum.circumstances.extend_from_slice(&half.circumstances);
        }
        sum
    }

    pub fn of_jst(&self, day: DayJst) -> Half {
        self.sum(|(jst, _)| *jst == day)
    }

    pub fn of_utc(&self, day: DayUtc) -> Half {
        self.sum(|(_, utc)| *utc == day)
    }

    pub fn of_half(&self, jst: DayJst, utc: DayUtc) -> Half {
        self.sum(|days| *days == (jst, utc))
    }

    /// The longest time in contact that begins on a day, interruptions up to `gap_s` forgiven and not counted: least and most.
    pub fn longest_run_s(&self, day: DayJst, gap_s: f64) -> [f64; 2] {
        let (least_s, most_s) = (gap_s - A_CROSSING_S, gap_s + A_CROSSING_S);
        [longest_s(&self.surely_s, day, least_s.max(UNBROKEN_S)), longest_s(&self.perhaps_s, day, most_s)]
    }
}

fn longest_s(contact_s: &[(f64, f64)], day: DayJst, gap_s: f64) -> f64 {
    let mut longest_s = 0.0f64;
    let mut run: Option<(DayJst, f64, f64)> = None;
    for (from_s, to_s) in contact_s {
        run = match run {
            Some((began, sum_s, last_s)) if from_s - last_s <= gap_s => Some((began, sum_s + to_s - from_s, *to_s)),
            _ => Some((UnixSeconds(*from_s as i64).day_jst(), to_s - from_s, *to_s)),
        };
        longest_s = run.filter(|(began, ..)| *began == day).map_or(longest_s, |(_, sum_s, _)| longest_s.max(sum_s));
    }
    longest_s
}

/// Walks through every second that two people spend in one venue.
pub fn pair(world: &World, a: usize, b: usize) -> Pair {
    let mut pair = Pair::default();
    world.spans(a, b).iter().for_each(|span| each_second(world, span, &mut pair));
    pair
}

fn each_second(world: &World, span: &Span<'_>, pair: &mut Pair) {
    let (config, near_m) = (&world.scenario.truth, world.scenario.output.contacts_within_m);
    let [a, b] = span.middle();
    let between = between(world, span.a.venue, a, b);
    let counts = !(config.walls_separate && between.separates);
    let of_phones = world.json["truth"]["between"] == "phones";
    let aside = |s: &Stance| if of_phones { world.carried_at(s.carriage).turned(s.facing_rad) } else { Point::default() };
    let (aside_a, aside_b) = (aside(span.a), aside(span.b));
    let is_still = span.a.is_still() && span.b.is_still();
    let speed = |s: &Stance| f64::from(s.from.distance_m(s.to)) / (s.end_s - s.start_s) as f64;
    let step_m = |looks: i64| (speed(span.a) + speed(span.b)) / looks as f64;
    let circumstance = Circumstance {
        kind: world.venue(span.a.venue).kind.clone(),
        barrier: between.material.map_or_else(|| "none".into(), String::from),
        near_s: 0.0,
        min_m: f64::MAX,
    };
    let distance_m = |t_s: f64| {
        let (at_a, at_b) = (span.a.exactly_at(t_s), span.b.exactly_at(t_s));
        let x_m = at_b.0 + f64::from(aside_b.x_m) - at_a.0 - f64::from(aside_a.x_m);
        let y_m = at_b.1 + f64::from(aside_b.y_m) - at_a.1 - f64::from(aside_a.y_m);
        math::hypot(x_m, y_m)
    };
    let mut last = None;
    for second in span.start_s..span.end_s {
        let days = (UnixSeconds(second).day_jst(), UnixSeconds(second).day_utc());
        let half = pair.halves.entry(days).or_default();
        if last != Some(days) {
            half.circumstances.push(circumstance.clone());
            last = Some(days);
        }
        let here = half.circumstances.last_mut().expect("one was just added");
        let start_s = second as f64;
        here.min_m = here.min_m.min(if is_still { distance_m(start_s) } else { least(&distance_m, start_s, start_s + 1.0) });
        half.min_m = half.min_m.min(here.min_m);
        let seen_m = |look: i64, looks: i64| distance_m(start_s + (look as f64 + 0.5) / looks as f64);
        let may_cross = |now_m: f64, looks: i64| (now_m - config.radius_m).abs() <= step_m(looks);
        let crosses = !is_still && (0..LOOKS).any(|look| may_cross(seen_m(look, LOOKS), LOOKS));
        let looks = if is_still { 1 } else { [LOOKS, CLOSE_LOOKS][usize::from(crosses)] };
        for look in 0..looks {
            let (from_s, length_s) = (start_s + look as f64 / looks as f64, 1.0 / looks as f64);
            let now_m = seen_m(look, looks);
            let is_within = now_m <= config.radius_m;
            let is_on_edge = crosses && may_cross(now_m, looks);
            here.near_s += if now_m <= near_m { length_s } else { 0.0 };
            half.ignoring_walls_s += if is_within { length_s } else { 0.0 };
            half.within_s += if is_within && counts { length_s } else { 0.0 };
            if counts && is_within && !is_on_edge {
                lengthen(&mut pair.surely_s, from_s, length_s);
            }
            if counts && (is_within || is_on_edge) {
                lengthen(&mut pair.perhaps_s, from_s, length_s);
            }
        }
        half.crossings += u32::from(crosses);
    }
}

fn lengthen(contact_s: &mut Vec<(f64, f64)>, from_s: f64, length_s: f64) {
    match contact_s.last_mut() {
        Some((_, to_s)) if from_s - *to_s < UNBROKEN_S => *to_s = from_s + length_s,
        _ => contact_s.push((from_s, from_s + length_s)),
    }
}

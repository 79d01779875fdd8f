//! The records mobility hands to encounter: stances inside a venue.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    faults::Faults,
    ids::{PersonId, VenueId},
    units::Point,
};

use super::visit::Visit;

/// How a phone is carried. The name is the `carriage` of every table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Carriage {
    /// In the hand, before the body.
    Hand,
    /// Trouser front pocket.
    FrontPocket,
    /// Trouser back pocket.
    BackPocket,
    /// Bag or backpack.
    Bag,
    /// On a table, desk or bedside.
    Table,
    /// At the ear.
    Ear,
}

impl Carriage {
    /// Every carriage, in index order.
    pub const ALL: [Carriage; 6] =
        [Carriage::Hand, Carriage::FrontPocket, Carriage::BackPocket, Carriage::Bag, Carriage::Table, Carriage::Ear];

    /// The name used in tables and scenario files.
    pub fn name(self) -> &'static str {
        match self {
            Carriage::Hand => "hand",
            Carriage::FrontPocket => "front_pocket",
            Carriage::BackPocket => "back_pocket",
            Carriage::Bag => "bag",
            Carriage::Table => "table",
            Carriage::Ear => "ear",
        }
    }
}

/// `Stance::room` of someone in no room of the plan (a corridor).
pub const NO_ROOM: u16 = u16::MAX;

/// A pose held for a time, or a straight walk at even speed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stance {
    /// Who.
    pub person: PersonId,
    /// First second, Unix.
    pub start_s: i64,
    /// End (exclusive), Unix seconds; always after `start_s`.
    pub end_s: i64,
    /// Body centre at `start_s`.
    pub from: Point,
    /// Body centre at `end_s`; equal to `from` for a held pose.
    pub to: Point,
    /// Direction faced (walked), radians counter-clockwise from the x axis.
    pub facing_rad: f32,
    /// How the phone is carried.
    pub carriage: Carriage,
    /// Index into the plan's rooms, or [`NO_ROOM`].
    pub room: u16,
    /// Names the spot: the same number whenever this person takes this very pose again (their desk chair, their bed),
    /// so that what is fixed about a pair of spots (multipath) is the same when they come back to them.
    pub place: u32,
    /// Names the carriage episode, unique among this person's episodes of the run: the loss of a phone in a pocket is
    /// drawn once per episode. An episode that lasts over midnight keeps its number.
    pub episode: u32,
}

impl Stance {
    /// Whether the person stands or sits still.
    pub fn is_still(&self) -> bool {
        self.from == self.to
    }

    /// Body centre at a moment within the stance.
    pub fn at(&self, t_s: f64) -> Point {
        if self.is_still() {
            return self.from;
        }
        let share = (t_s - self.start_s as f64) / (self.end_s - self.start_s) as f64;
        self.from.towards(self.to, share as f32)
    }
}

/// All stances of one venue on one JST day, sorted by (person, start). Stances of one person do not overlap.
#[derive(Clone, Debug)]
pub struct VenueDay {
    /// Where.
    pub venue: VenueId,
    /// The stances.
    pub stances: Vec<Stance>,
}

/// Everything mobility says about one JST day.
#[derive(Clone, Debug, Default)]
pub struct DayPlan {
    /// Visits, sorted by (person, start).
    pub visits: Vec<Visit>,
    /// Venues with anyone in them, sorted by venue.
    pub venue_days: Vec<VenueDay>,
    /// Visits that found no seat of their own, of all venues.
    pub over_capacity: u32,
}

/// A value for every carriage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PerCarriage<T> {
    /// In the hand.
    pub hand: T,
    /// Front pocket.
    pub front_pocket: T,
    /// Back pocket.
    pub back_pocket: T,
    /// Bag.
    pub bag: T,
    /// On a table.
    pub table: T,
    /// At the ear.
    pub ear: T,
}

impl<T: Copy + Into<f64>> PerCarriage<T> {
    /// Finds weights that cannot be drawn by: negative ones, or all 0.
    pub fn check_weights(&self, path: &str, faults: &mut Faults) {
        let weights: Vec<f64> = self.each().iter().map(|w| (**w).into()).collect();
        let mut wrong = Carriage::ALL.iter().zip(&weights).filter(|(_, w)| !(w.is_finite() && **w >= 0.0)).peekable();
        let all_are_weights = wrong.peek().is_none();
        wrong.for_each(|(carriage, weight)| {
            faults.push(format!("{path}.{}", carriage.name()), format!("{weight} is not a weight"), "use a number of 0 or more");
        });
        if all_are_weights && weights.iter().sum::<f64>() <= 0.0 {
            faults.push(path, "the weights add up to 0", "give at least one a positive weight");
        }
    }
}

impl<T> PerCarriage<T> {
    /// The values in the order of [`Carriage::ALL`].
    pub fn each(&self) -> [&T; 6] {
        [&self.hand, &self.front_pocket, &self.back_pocket, &self.bag, &self.table, &self.ear]
    }

    /// The value of one carriage.
    pub fn of(&self, carriage: Carriage) -> &T {
        self.each()[carriage as usize]
    }
}

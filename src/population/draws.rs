//! What is drawn of a phone beyond its first draws: each purpose by itself, so that none moves another.

use rand::RngExt;

use crate::{
    ids::PersonId,
    random::{Keyed, KeyedRng, Seed, Stream},
};

/// What a draw is for. 0 is what [`People`](super::People) draws first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Drawn {
    /// The version of the system.
    System = 1,
    /// Whether the phone never installs another release.
    NeverUpdates = 2,
    /// Whether its owner stops at a step of the first start, step by step.
    DropsOut = 3,
    /// When the app goes, and whether it comes back, stretch by stretch.
    Leaves = 4,
    /// Whether its owner agrees to a change of terms or policy, change by change.
    AgreesAgain = 5,
    /// Whether it is abroad, day by day.
    Abroad = 6,
    /// Whether a backup is restored on it, and when.
    Restored = 7,
    /// When it is passed on.
    PassedOn = 8,
    /// Whether two partners carry each other's, day by day.
    Swapped = 9,
    /// Whether it hands over the key of the day too.
    SameDayKey = 10,
    /// Whether its owner has another, without the app.
    SecondPhone = 11,
}

/// Draws of phones: pure functions of (seed, phone, purpose, when).
#[derive(Clone, Copy, Debug)]
pub struct PhoneDraws(Keyed);

impl PhoneDraws {
    /// Those of a run.
    pub fn new(seed: Seed) -> Self {
        Self(Keyed::new(seed, Stream::Phone))
    }

    /// A number from 0 to 1.
    pub fn of(&self, phone: PersonId, what: Drawn, when: u32) -> f64 {
        self.0.uniform(phone.0, what as u32, when)
    }

    /// As many as wanted.
    pub fn rng(&self, phone: PersonId, what: Drawn, when: u32) -> KeyedRng {
        self.0.rng(phone.0, what as u32, when)
    }

    /// The draw that decides whether somebody has the app, by `phones.adoption`: the third of the first draws.
    pub fn has_app(&self, phone: PersonId) -> f64 {
        let [.., has_app]: [f64; 3] = {
            let mut rng = self.0.rng(phone.0, 0, 0);
            std::array::from_fn(|_| rng.random())
        };
        has_app
    }
}

//! How a phone is carried, episode by episode.

use rand::RngExt;

use crate::{
    ids::PersonId,
    random::{Keyed, Seed, Stream},
};

use super::{
    config::CarriageWeights,
    stance::{Carriage, PerCarriage},
};

/// What someone does, as far as their phone is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// Is at one's desk.
    Desk,
    /// Sits in a meeting.
    Meeting,
    /// Talks, on foot.
    Talk,
    /// Has lunch or a break.
    Pause,
    /// Is at home, awake.
    Home,
    /// Sleeps.
    Night,
}

/// Draws carriages: a person has a habit for everything they do, and keeps to it most of the time.
#[derive(Clone, Debug)]
pub struct Carry {
    weights: CarriageWeights,
    keyed: Keyed,
}

/// Share of episodes in which people keep to their habit (assumption).
const HABIT_SHARE: f64 = 0.7;

impl Carry {
    /// Purposes from here on are not those of [`Doing`].
    pub const OWN_PURPOSES: u32 = 1000;

    /// By the scenario's weights.
    pub fn new(weights: &CarriageWeights, seed: Seed) -> Self {
        Self { weights: weights.clone(), keyed: Keyed::new(seed, Stream::Carriage) }
    }

    /// The carriage of one episode of one person.
    pub fn draw(&self, person: PersonId, doing: Doing, episode: u32) -> Carriage {
        let weights = match doing {
            Doing::Desk => &self.weights.desk,
            Doing::Meeting => &self.weights.meeting,
            Doing::Talk => &self.weights.talk,
            Doing::Pause => &self.weights.pause,
            Doing::Home => &self.weights.home,
            Doing::Night => &self.weights.night,
        };
        self.draw_by(weights, person, doing as u32, episode)
    }

    /// The same by weights of one's own: `purpose` numbers what they are for, [`Carry::OWN_PURPOSES`] or more, and each has a habit.
    pub fn draw_by(&self, weights: &PerCarriage<f64>, person: PersonId, purpose: u32, episode: u32) -> Carriage {
        let mut rng = self.keyed.rng(person.0, episode, 1 + purpose);
        let keeps_habit = rng.random::<f64>() < HABIT_SHARE;
        let uniform = if keeps_habit { self.keyed.uniform(person.0, 0, 100 + purpose) } else { rng.random() };
        pick(weights, uniform)
    }
}

fn pick(weights: &PerCarriage<f64>, uniform: f64) -> Carriage {
    let weights = weights.each();
    let mut left = uniform * weights.iter().copied().sum::<f64>();
    for (carriage, weight) in Carriage::ALL.into_iter().zip(weights) {
        left -= weight;
        if left < 0.0 {
            return carriage;
        }
    }
    Carriage::Table
}

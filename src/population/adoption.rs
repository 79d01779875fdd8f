//! Adoption: of whom how many have the app.

use crate::{
    faults::{Faults, short},
    ids::PersonId,
};

use super::{People, PhonesConfig, config::OfWhom};

/// Bands of ages of ten years, the last of 70 and more.
pub(super) const AGE_BANDS: usize = 8;
/// The first band of adults.
const ADULT_BAND: usize = 2;

/// The band of an age.
pub(super) fn age_band(age_years: u8) -> usize {
    usize::from(age_years / 10).min(AGE_BANDS - 1)
}

/// How many have the app, whenever they install it, of whom; NaN of nobody.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdoptionShares {
    /// Of those with a smartphone.
    pub of_owners: f64,
    /// Of all people.
    pub of_people: f64,
    /// Of people of 20 and more years.
    pub of_adults: f64,
    /// Of pairs of people, those of whom both have it.
    pub pair_share: f64,
}

impl People {
    /// Chances that smartphone owners have the app, by age: as many have it on average as the scenario says.
    pub(super) fn app_chances(&self, phones: &PhonesConfig) -> [f64; AGE_BANDS] {
        let (_, whom, share) = phones.stated_adoption();
        let (mut owners, mut people) = ([0.0; AGE_BANDS], [0.0; AGE_BANDS]);
        for (age_years, model) in self.age_years.iter().zip(&self.model) {
            people[age_band(*age_years)] += 1.0;
            owners[age_band(*age_years)] += f64::from(u8::from(model.is_some()));
        }
        let first = if whom == OfWhom::Adults { ADULT_BAND } else { 0 };
        let of: f64 = if whom == OfWhom::Owners { &owners } else { &people }[first..].iter().sum();
        // Each owner counts as often as their age makes them likelier than others.
        let likely: f64 = owners.iter().zip(&phones.adoption_by_age).skip(first).map(|(owners, weight)| owners * weight).sum();
        let each = if likely > 0.0 { share * (of / likely) } else { 0.0 };
        std::array::from_fn(|band| each * phones.adoption_by_age[band])
    }

    /// The chance that a person has the app, given a smartphone.
    pub fn app_chance(&self, person: PersonId) -> f64 {
        self.app_chances[age_band(self.age_years[person.index()])]
    }

    /// Finds more people with the app than there are with a smartphone.
    pub fn check_adoption(&self, phones: &PhonesConfig, faults: &mut Faults) {
        let (key, of, share) = phones.stated_adoption();
        let owners = |band: usize| self.age_years.iter().zip(&self.model).any(|(age, model)| age_band(*age) == band && model.is_some());
        let largest = (0..AGE_BANDS).filter(|band| owners(*band)).max_by(|a, b| self.app_chances[*a].total_cmp(&self.app_chances[*b]));
        let Some(band) = largest else {
            // Any share of no owners is nobody.
            if share > 0.0 && of != OfWhom::Owners {
                faults.push(key, "nobody has a smartphone to have the app on", "use 0, or make phones.smartphone_shares more");
            }
            return;
        };
        let chance = self.app_chances[band];
        if chance > 1.0 + 1e-9 {
            let years = if band + 1 < AGE_BANDS { format!("{}-{}", 10 * band, 10 * band + 9) } else { format!("{} and more", 10 * band) };
            let problem = format!("more than all smartphone owners of {years} years would have the app: {chance:.2} times as many");
            let most = (share / chance * 1000.0).floor() / 1000.0;
            faults.push(
                key,
                problem,
                format!("use at most {}, or another phones.adoption_by_age or phones.smartphone_shares", short(most)),
            );
        }
    }

    /// How many have the app.
    pub fn adoption(&self) -> AdoptionShares {
        let count = |counts: &dyn Fn(usize) -> bool| (0..self.len()).filter(|i| counts(*i)).count() as f64;
        let is_adult = |i: usize| age_band(self.age_years[i]) >= ADULT_BAND;
        let (people, with_app) = (self.len() as f64, count(&|i| self.has_app[i]));
        AdoptionShares {
            of_owners: with_app / count(&|i| self.model[i].is_some()),
            of_people: with_app / people,
            of_adults: count(&|i| self.has_app[i] && is_adult(i)) / count(&is_adult),
            pair_share: with_app * (with_app - 1.0) / (people * (people - 1.0)),
        }
    }
}

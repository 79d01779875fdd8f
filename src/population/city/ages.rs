//! How old people are.

use serde::Deserialize;

use super::config::CityConfig;

/// Japan in October 2020.
const AGES: &str = include_str!("../../../scenarios/system/ages.toml");

/// Share of people who had their birthday since the second of April, when the school year's ages are counted, by the first of September.
/// Births even over the year.
pub(super) const BIRTHDAYS_SINCE_APRIL_SHARE: f64 = 5.0 / 12.0;

#[derive(Deserialize)]
struct AgesFile {
    thousands: Vec<f64>,
}

/// Shares of people by age.
#[derive(Clone, Debug)]
pub(super) struct Ages {
    /// Of 0, 1, 2, ... years, the last also of who is older; together 1.
    pub shares: Vec<f64>,
}

impl Ages {
    /// Those that a scenario states, or Japan's.
    pub fn of(config: &CityConfig) -> Self {
        let of_japan = || toml::from_str::<AgesFile>(AGES).expect("the ages that come with the program are TOML").thousands;
        let counts = if config.ages.is_empty() { of_japan() } else { config.ages.clone() };
        let all: f64 = counts.iter().sum();
        Self { shares: counts.into_iter().map(|count| count / all).collect() }
    }
}

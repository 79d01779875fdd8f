//! The scenario file as a whole: every room's configuration.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    accuracy::AccuracyConfig,
    app::{AppConfig, ReleaseDates, whole_history},
    authority::AuthorityConfig,
    faults::{Faults, use_one_of},
    gaen::GaenConfig,
    history::{ChangeConfig, Timeline},
    mobility::{MobilityConfig, Source},
    output::OutputConfig,
    population::{PhonesConfig, PopulationConfig},
    radio::RadioConfig,
    server::ServerConfig,
    time::DayJst,
    truth::TruthConfig,
    venue::{VenueConfig, VenueKind},
};

/// `[run]`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RunConfig {
    /// Name of the scenario.
    pub name: String,
    /// One line about it.
    pub description: String,
    /// Seed of every random draw.
    #[schemars(range(min = 0, max = 9_223_372_036_854_775_807_i64))]
    pub seed: u64,
    /// First day, JST, YYYY-MM-DD: the first that results are about.
    pub first_day: String,
    /// Number of JST days. Where it is not stated, a replayed trace brings its own.
    #[schemars(range(min = 1, max = 3660))]
    pub days: u32,
    /// Days before the first that are simulated too, and told of in no figure.
    #[schemars(range(min = 0, max = 60))]
    pub warm_up_days: u32,
}

/// A scenario.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScenarioFile {
    /// The run.
    pub run: RunConfig,
    /// Who there is.
    pub population: PopulationConfig,
    /// Their phones.
    pub phones: PhonesConfig,
    /// Venues.
    pub venue: VenueConfig,
    /// How people move.
    pub mobility: MobilityConfig,
    /// What counts as a contact.
    pub truth: TruthConfig,
    /// The radio model.
    pub radio: RadioConfig,
    /// The framework.
    pub gaen: GaenConfig,
    /// Cases.
    pub authority: AuthorityConfig,
    /// The notification server.
    pub server: ServerConfig,
    /// The app.
    pub app: AppConfig,
    /// Dated settings beyond the history that comes with the program.
    pub timeline: Vec<ChangeConfig>,
    /// How accuracy is reported.
    pub accuracy: AccuracyConfig,
    /// What is written.
    pub output: OutputConfig,
}

impl ScenarioFile {
    /// The first day; `None` if the text is no date (reported by [`Self::check`]).
    pub fn first_day(&self) -> Option<DayJst> {
        DayJst::parse(&self.run.first_day)
    }

    /// Finds what the ranges of single keys cannot express.
    pub fn check(&self, faults: &mut Faults) {
        let year = |day: DayJst| day.to_string()[..4].parse::<i32>().unwrap_or(0);
        match self.first_day() {
            None => faults.push("run.first_day", "not a date of the calendar", "write YYYY-MM-DD, as in \"2020-09-01\""),
            Some(day) if !(2019..=2035).contains(&year(day)) => {
                faults.push("run.first_day", "far from the years of COCOA", "use a day from 2019 to 2035");
            }
            Some(_) => {}
        }
        if self.run.name.is_empty() || !self.run.name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c)) {
            faults.push("run.name", "not usable as a folder name", "use letters, digits, '-', '_' and '.'");
        }
        self.population.check(faults);
        let is_city = self.mobility.source == Source::City;
        if !is_city && !self.population.file.is_empty() {
            faults.push_mended("population.file", "people of a city, and the scenario is about none", vec!["mobility.source=city".into()]);
        }
        if is_city && self.population.file.is_empty() && self.population.people.number().is_none() {
            faults.push_mended("population.people", "a city of nobody", vec!["population.people=10000".into()]);
        }
        self.phones.check(faults);
        self.mobility.carriage.check(faults);
        self.mobility.contacts.check(faults);
        self.mobility.city.check(faults);
        (0..).zip(&self.mobility.venues).for_each(|(i, venues): (usize, _)| venues.check(&format!("mobility.venues[{i}]"), faults));
        let environments = || self.radio.environments.keys().map(String::as_str);
        if environments().all(|known| known != self.mobility.contacts.environment) {
            let remedy = use_one_of(&self.mobility.contacts.environment, environments());
            faults.push("mobility.contacts.environment", "no environment of this name", remedy);
        }
        let kinds = || VenueKind::KNOWN.iter().map(|kind| kind.name());
        let kind = self.mobility.contacts.venue_kind.name();
        if kinds().all(|known| known != kind) {
            faults.push("mobility.contacts.venue_kind", "no venue kind of this name", use_one_of(kind, kinds()));
        }
        self.radio.check(faults);
        if self.accuracy.universe_within_m < self.truth.radius_m {
            let remedy = format!("make it at least {} m", self.truth.radius_m);
            faults.push("accuracy.universe_within_m", "shorter than truth.radius_m, so contacts would be left out", remedy);
        }
        self.output.check(faults);
        self.gaen.check(faults);
        self.authority.check(faults);
        self.app.check(faults);
        Timeline::check(&whole_history(), &self.timeline, faults);
        ReleaseDates::check(&self.timeline, faults);
        if self.mobility.source == Source::Contacts && self.run.warm_up_days > 0 {
            faults.push("run.warm_up_days", "a recorded trace has no days before its first", "use 0");
        }
        if self.mobility.source != Source::Contacts {
            self.authority.check_days(self.run.days, "run.days", faults);
        }
        let environment = &self.mobility.pairs.environment;
        if !environment.is_empty() && environments().all(|known| known != environment) {
            faults.push("mobility.pairs.environment", "no environment of this name", use_one_of(environment, environments()));
        }
        self.venue.materials(faults);
        if !self.radio.environments.contains_key("office") {
            faults.push("radio.environments", "no environment named office", "keep it: floors that state none use it");
        }
    }
}

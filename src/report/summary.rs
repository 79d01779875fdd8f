//! `summary.json`: the summary of a run.

use schemars::{JsonSchema, generate::SchemaSettings};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::RuleFigures;

/// `summary.json` of a run, or of a folder of several worlds. The report reads it; every field may be missing there, others are
/// ignored.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Summary {
    /// Name of the scenario.
    pub scenario: Option<String>,
    /// One line that says what was simulated.
    pub title: Option<String>,
    /// First day, `YYYY-MM-DD`.
    pub first_day_jst: Option<String>,
    /// Number of days.
    pub days: Option<u32>,
    /// Number of days before the first that were simulated too, and are in no figure.
    pub warm_up_days: Option<u32>,
    /// The figures of the headline's rule.
    pub headline: Option<RuleFigures>,
    /// What counts as a contact.
    pub contact: Option<Contact>,
    /// Largest distance at which a scan is heard with a probability of at least 1 %, m.
    pub reach_m: Option<f64>,
    /// Whether that is where the search ended, so that reach may be larger.
    pub reach_is_at_least: bool,
    /// How the intervals of the rates were made.
    pub interval: Option<String>,
    /// The same of every rule.
    pub rules: Vec<RuleFigures>,
    /// Anything else a reader should know, a sentence each.
    pub notes: Vec<String>,
    /// What the intervals leave out, a sentence each.
    pub left_out: Vec<String>,
    /// The seed; of several worlds, the first one's.
    pub seed: u64,
    /// Cases of the scenario, stated and drawn, also those reported before these days and after them; of several worlds, of all together, as uploads and notifications are.
    pub cases: u64,
    /// Of these, cases whose result is known on these days.
    pub cases_reported: u64,
    /// Cases whose keys the server took.
    pub uploads: u64,
    /// Rows of the table `notifications`.
    pub notifications: u64,
    /// How many have the app, of whom; over several worlds the mean of their shares.
    pub adoption: Option<AdoptionFigures>,
    /// Contacts counted from everybody's to those of the headline, step by step; over several worlds their sums.
    pub contacts_bridge: Vec<BridgeStep>,
    /// True contacts for each hour that a person spends somewhere: outside the home, then in each kind of venue.
    pub contact_rates: Vec<ContactRate>,
    /// How much of what 2.0 showed people rests on far signals.
    pub far_signal: Option<FarSignalFigures>,
    /// How well a trace was kept; null where none was replayed.
    pub replay: Option<Value>,
}

/// How many have the app, whenever they install it; null of nobody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AdoptionFigures {
    /// Of those with a smartphone.
    pub of_owners: Option<f64>,
    /// Of all people.
    pub of_people: Option<f64>,
    /// Of people of 20 and more years.
    pub of_adults: Option<f64>,
    /// Of pairs of people, those of whom both have it: no contact of another pair can be found.
    pub pair_share: Option<f64>,
}

/// Alarms of rule 2.0 outside the home, as if confirmed, on the headline's days.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FarSignalFigures {
    /// The rule.
    pub rule: String,
    /// A scan is far above this attenuation, dB.
    pub far_above_db: i32,
    /// An alarm is mostly far if more than this share of the seconds heard of the key is.
    pub mostly_share: f64,
    /// Alarms.
    pub alarms: u64,
    /// Mostly far ones.
    pub mostly_far: u64,
    /// Their share; over several worlds the mean of the worlds' shares.
    pub share: Option<f64>,
    /// Lower end of its interval over worlds; null in one world.
    pub share_lo: Option<f64>,
    /// Upper end.
    pub share_hi: Option<f64>,
}

/// True contacts for each hour that a person spends somewhere: how many others become a contact. Everybody counts, with phones or without,
/// on the headline's days.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ContactRate {
    /// `outside_home`, or a kind of venue.
    pub place: String,
    /// Hours that people spent there, all together; over several worlds their sum.
    pub person_hours: f64,
    /// Ordered pairs of people and UTC days in contact, where the two came nearest; a pair counts for each of the two. Over several worlds
    /// their sum.
    pub contacts: u64,
    /// Contacts by person-hours; over several worlds the mean of theirs. Null where nobody was, or where pairs of some people alone were
    /// looked at.
    pub per_person_hour: Option<f64>,
    /// Lower end of its interval over worlds; null in one world, and where no world differs from another.
    pub per_person_hour_lo: Option<f64>,
    /// Upper end.
    pub per_person_hour_hi: Option<f64>,
}

/// [`ContactRate::place`] of all kinds of venue but home.
pub const OUTSIDE_HOME: &str = "outside_home";

/// A step between two counts of contacts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BridgeStep {
    /// Its name.
    pub step: String,
    /// What is counted, in words.
    pub text: String,
    /// How many.
    pub count: u64,
}

/// JSON Schema of `summary.json`, without references.
pub fn summary_schema() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|s| s.inline_subschemas = true);
    settings.into_generator().into_root_schema_for::<Summary>().to_value()
}

/// What counts as a contact.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Contact {
    /// Radius, m.
    pub radius_m: f64,
    /// Time within the radius, minutes.
    pub minutes: f64,
}

//! `[mobility]` of the scenario file.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{faults::Faults, population::check_shares, venue::VenueKind};

use super::{
    city::CityDaysConfig,
    line::LineConfig,
    stance::{Carriage, PerCarriage},
};

/// Where movement comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Drawn from the keys below.
    Generated,
    /// Replayed from a face-to-face trace.
    Contacts,
    /// Trials of two people at a set distance for a set time.
    Pairs,
    /// Visits to venues of kinds that are files.
    Venues,
    /// The days of a city's people.
    City,
}

/// How people move.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MobilityConfig {
    /// Generated, replayed from a trace, trials of pairs, visits to venues, or the days of a city.
    pub source: Source,
    /// Trace of records `t i j`, plain or gzip; "" = none.
    pub file: String,
    /// Metadata `id department` of a trace; "" = none.
    pub metadata: String,
    /// A working day.
    pub work: WorkConfig,
    /// Share of what people of a city do outside home, school and work by choice that they still do: below 1 in the pandemic.
    #[schemars(range(min = 0, max = 1))]
    pub non_home_scale: f64,
    /// The days of a city's people.
    pub city: CityDaysConfig,
    /// A replayed trace.
    pub contacts: ContactsConfig,
    /// Trials of pairs.
    pub pairs: PairsConfig,
    /// Venues of kinds that are files, and who visits them.
    pub venues: Vec<VenueVisitsConfig>,
    /// How phones are carried, as weights, by what people do.
    pub carriage: CarriageWeights,
}

/// When people work on the floor; what they do there is its kind's.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WorkConfig {
    /// Share of workers who work from home on a weekday.
    #[schemars(range(min = 0, max = 1))]
    pub telework_share: f64,
    /// Mean arrival, hours after midnight JST.
    #[schemars(range(min = 4, max = 14))]
    pub arrival_h: f64,
    /// Its standard deviation, minutes.
    #[schemars(range(min = 0, max = 180))]
    pub arrival_sd_min: f64,
    /// Earliest usual leaving, hours after midnight JST.
    #[schemars(range(min = 12, max = 22))]
    pub leaving_h: f64,
    /// Mean time stayed on after it, minutes (exponential).
    #[schemars(range(min = 0, max = 300))]
    pub overtime_mean_min: f64,
    /// One-way commute, minutes; not simulated, only time away from home.
    #[schemars(range(min = 0, max = 240))]
    pub commute_min: f64,
    /// Share of lunches eaten out of the building (not simulated).
    #[schemars(range(min = 0, max = 1))]
    pub lunch_out_share: f64,
}

/// How a trace is replayed.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ContactsConfig {
    /// Length of the slot a record stands for, s.
    #[schemars(range(min = 1, max = 3600))]
    pub record_s: u32,
    /// The t that is 00:00 JST of `run.first_day`, s.
    #[schemars(range(min = -100000000000i64, max = 100000000000i64))]
    pub origin: i64,
    /// The people of the trace by age band 0-9, 10-19, ..., 70+ (any scale); none stated = `population.worker_age_shares`.
    #[schemars(length(max = 8))]
    pub age_shares: Vec<f64>,
    /// Whether the people of the trace work where it was recorded.
    pub at_work: bool,
    /// Mean distance of two people during a recorded contact, m.
    #[schemars(range(min = 0.3, max = 3))]
    pub distance_m: f64,
    /// Its standard deviation, m; draws are kept within 0.4 m and 1.5 m.
    #[schemars(range(min = 0, max = 1))]
    pub distance_sd_m: f64,
    /// How far from face to face they stand, degrees (standard deviation).
    #[schemars(range(min = 0, max = 90))]
    pub facing_sd_deg: f64,
    /// A pair's own gaps up to this are bridged, s.
    #[schemars(range(min = 0, max = 3600))]
    pub bridge_gap_s: i64,
    /// Least distance of the places of those without a record from each other (from meetings at least 2 m), m.
    #[schemars(range(min = 0.5, max = 20))]
    pub idle_pitch_m: f64,
    /// Radio environment of the hall.
    pub environment: String,
    /// Kind of venue that tables name.
    pub venue_kind: VenueKind,
    /// Longest time at one's own place before the first record of a day, minutes (even from 5).
    #[schemars(range(min = 5, max = 600))]
    pub before_first_max_min: i64,
    /// Longest time at one's own place after the last record of a day, minutes (even from 5).
    #[schemars(range(min = 5, max = 600))]
    pub after_last_max_min: i64,
}

impl ContactsConfig {
    /// Finds what ranges of single keys cannot express.
    pub fn check(&self, faults: &mut Faults) {
        const PATH: &str = "mobility.contacts.age_shares";
        match self.age_shares.len() {
            0 => {}
            8 => check_shares(faults, PATH, &self.age_shares),
            n => faults.push(PATH, format!("{n} items"), "give the 8 shares of the ages 0-9, 10-19, ..., 70+, or none"),
        }
    }
}

/// Between which points distance is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Between {
    /// Body centres.
    People,
    /// Phones: body centre plus the carriage's offset.
    Phones,
}

/// How the two of a trial stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Facing {
    /// Face to face.
    FaceToFace,
    /// Both across the line between them, the same way.
    SideBySide,
    /// Either faces any way.
    AnyWay,
}

/// A way of placing two phones alike in a trial.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlacementConfig {
    /// How the two stand to each other.
    pub facing: Facing,
    /// How both phones are carried.
    pub carriage: Carriage,
    /// Weight among the placements.
    #[schemars(range(min = 0.001, max = 1000))]
    pub weight: f64,
}

/// Trials of two people, once a day.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PairsConfig {
    /// Distance of the two, m.
    #[schemars(range(min = 0.3, max = 100))]
    pub distance_m: f64,
    /// Whether that is between the people or between their phones.
    pub between: Between,
    /// How long they stay, minutes.
    #[schemars(range(min = 1, max = 480))]
    pub duration_min: f64,
    /// Radio environment of the room; "" = the room's own.
    pub environment: String,
    /// When they meet, hours after midnight JST.
    #[schemars(range(min = 0, max = 15))]
    pub start_h: f64,
    /// Weight of trials face to face.
    #[schemars(range(min = 0, max = 1000))]
    pub face_to_face: f64,
    /// Weight of trials side by side.
    #[schemars(range(min = 0, max = 1000))]
    pub side_by_side: f64,
    /// Weight of trials in which either faces any way.
    #[schemars(range(min = 0.001, max = 1000))]
    pub any_way: f64,
    /// Trials that place both phones alike; none = facing by the weights above, each phone as `mobility.carriage.talk` says.
    pub placements: Vec<PlacementConfig>,
}

/// Weights of carriages by what people do.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CarriageWeights {
    /// At one's desk.
    pub desk: PerCarriage<f64>,
    /// In a meeting.
    pub meeting: PerCarriage<f64>,
    /// In conversation, on foot.
    pub talk: PerCarriage<f64>,
    /// Lunch and breaks.
    pub pause: PerCarriage<f64>,
    /// At home, awake.
    pub home: PerCarriage<f64>,
    /// Asleep.
    pub night: PerCarriage<f64>,
}

impl CarriageWeights {
    /// Finds what ranges of single keys cannot express.
    pub fn check(&self, faults: &mut Faults) {
        let all = [
            ("desk", &self.desk),
            ("meeting", &self.meeting),
            ("talk", &self.talk),
            ("pause", &self.pause),
            ("home", &self.home),
            ("night", &self.night),
        ];
        for (name, weights) in all {
            weights.check_weights(&format!("mobility.carriage.{name}"), faults);
        }
    }
}

/// Venues of a kind that is a file, and who visits each of them.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VenueVisitsConfig {
    /// The kind: a name of `list venues`, or that of a file of `venue.kinds`.
    pub kind: String,
    /// How many venues.
    #[schemars(range(min = 1, max = 100000))]
    pub number: u32,
    /// The line that each runs: its people ride from stop to stop.
    #[serde(default)]
    pub line: Option<LineConfig>,
    /// Load of the fullest section of the line, on average, over the kind's nominal load; none = as many as people and their shares make.
    #[serde(default)]
    #[schemars(range(min = 0.01, max = 10))]
    pub congestion: Option<f64>,
    /// Who visits each, by roles of the kind.
    #[schemars(length(min = 1, max = 32))]
    pub roles: Vec<RoleVisitsConfig>,
}

/// People of a role of one venue, and when they come.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleVisitsConfig {
    /// The role.
    pub role: String,
    /// How many people each venue has of it.
    #[schemars(range(min = 1, max = 100000))]
    pub people: u32,
    /// Share of them who come on a day.
    #[serde(default = "all")]
    #[schemars(range(min = 0, max = 1))]
    pub comes_share: f64,
    /// Whether they come on weekdays alone.
    #[serde(default)]
    pub weekdays_only: bool,
    /// Between when and when they come, hours after midnight JST, even between.
    #[serde(default)]
    pub arrives_h: Option<[f64; 2]>,
    /// How long they stay on average, minutes.
    #[serde(default)]
    #[schemars(range(min = 1, max = 1440))]
    pub stay_min: Option<f64>,
    /// Its standard deviation, minutes; cut off at two.
    #[serde(default)]
    #[schemars(range(min = 0, max = 720))]
    pub stay_sd_min: Option<f64>,
    /// On a line, the stop at which they board.
    #[serde(default)]
    pub from: Option<String>,
    /// On a line, the stop at which they leave.
    #[serde(default)]
    pub to: Option<String>,
    /// Shares of groups of 1, 2, 3 ... who come, sit and leave together; none = each for themselves.
    #[serde(default)]
    #[schemars(length(max = 20))]
    pub group_shares: Vec<f64>,
}

fn all() -> f64 {
    1.0
}

impl VenueVisitsConfig {
    /// Finds what ranges of single keys cannot express.
    pub fn check(&self, path: &str, faults: &mut Faults) {
        // Each may be a group of their own, and groups are numbered in 16 bits.
        let people: u64 = self.roles.iter().map(|role| u64::from(role.people)).sum();
        if people >= u64::from(u16::MAX) {
            faults.push(format!("{path}.roles"), format!("{people} people in one venue"), "use at most 65534 together, in more venues");
        }
        self.check_line(path, faults);
        for (i, role) in self.roles.iter().enumerate() {
            let path = format!("{path}.roles[{i}]");
            self.check_when(role, &path, faults);
            if !role.group_shares.is_empty()
                && (role.group_shares.iter().any(|s| !(0.0..=1e6).contains(s)) || role.group_shares.iter().sum::<f64>() <= 0.0)
            {
                faults.push(format!("{path}.group_shares"), "no shares", "give numbers of 0 or more, at least one above 0");
            }
        }
    }
}

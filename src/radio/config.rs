//! `[radio]` of the scenario file.

use std::{collections::BTreeMap, ops::RangeInclusive};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{faults::Faults, math, mobility::PerCarriage, population::Os};

/// Channels that advertisements are sent on.
pub(super) const CHANNELS: usize = 3;
/// Weakest raw RSSI that a receiver may report, dBm: the range of `radio.floor_mean_dbm` too.
const FLOOR_DBM: RangeInclusive<f32> = -120.0..=-60.0;

/// A radio environment.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EnvironmentConfig {
    /// Mean attenuation at 1 m with both phones on a table, dB.
    #[schemars(range(min = 20, max = 90))]
    pub level_at_1m_db: f32,
    /// Path-loss exponent n in 10 n log10(d / 1 m).
    #[schemars(range(min = 0, max = 6))]
    pub exponent: f32,
    /// Standard deviation of the static offset of a pair of spots, dB.
    #[schemars(range(min = 0, max = 20))]
    pub pair_offset_sd_db: f32,
    /// Standard deviation of fast shadowing, dB: hands, breathing, people who pass.
    #[schemars(range(min = 0, max = 20))]
    pub shadowing_sd_db: f32,
    /// Its correlation time, s.
    #[schemars(range(min = 1, max = 3600))]
    pub shadowing_time_s: f32,
    /// Standard deviation of slow shadowing, dB: how two people sit or stand to each other.
    #[schemars(range(min = 0, max = 20))]
    pub slow_shadowing_sd_db: f32,
    /// Its correlation time, s.
    #[schemars(range(min = 1, max = 36000))]
    pub slow_shadowing_time_s: f32,
    /// Standard deviation of fading between packets, dB.
    #[schemars(range(min = 0.1, max = 5.5))]
    pub fading_sd_db: f32,
    /// Loss through the carrier's own body when it stands fully in the way, dB.
    #[schemars(range(min = 0, max = 40))]
    pub body_db: f32,
    /// Whether others in the line cost `radio.third_person_db` each; false where level and exponent were measured among them, as in a
    /// full car.
    pub third_persons: bool,
    /// Share of scans that hear nothing of a phone for reasons other than its level.
    #[schemars(range(min = 0, max = 1))]
    pub scan_miss: f32,
    /// Share of scans during which the two move, so that every packet fades by itself. For measured links; on a floor plan
    /// walking is simulated.
    #[schemars(range(min = 0, max = 1))]
    pub moving_share: f32,
    /// Time for which a person keeps facing one way, s. For measured links; on a floor plan facing is simulated.
    #[schemars(range(min = 1, max = 36000))]
    pub turning_time_s: f32,
    /// Largest angle between a phone's outward direction and its peer, degrees, even up to it; 180 = any. For measured links.
    #[schemars(range(min = 1, max = 180))]
    pub facing_spread_deg: f32,
    /// How phones are carried there, as weights. For measured links; on a floor plan carriage is simulated.
    pub carriage_mix: PerCarriage<f32>,
}

impl EnvironmentConfig {
    /// Mean of something over the ways of carrying there, given by their place among
    /// [`Carriage::ALL`](crate::mobility::Carriage::ALL).
    pub fn over_carriage(&self, f: impl Fn(usize) -> f64) -> f64 {
        let weights = self.carriage_mix.each().map(|w| f64::from(*w));
        let total: f64 = weights.iter().sum();
        (0..weights.len()).map(|i| weights[i] / total * f(i)).sum()
    }

    /// Standard deviation of both parts of shadowing together, dB.
    pub fn both_shadowings_sd_db(&self) -> f32 {
        math::hypot(self.shadowing_sd_db, self.slow_shadowing_sd_db)
    }

    /// The same with both parts of shadowing scaled to this standard deviation together, dB; all of it fast if there was none.
    #[must_use]
    pub fn with_shadowing_sd_db(self, sd_db: f32) -> Self {
        let before_db = self.both_shadowings_sd_db();
        let (fast, slow) =
            if before_db > 0.0 { (self.shadowing_sd_db / before_db, self.slow_shadowing_sd_db / before_db) } else { (1.0, 0.0) };
        Self { shadowing_sd_db: fast * sd_db, slow_shadowing_sd_db: slow * sd_db, ..self }
    }

    /// Loss through so many others in the line, dB.
    pub(super) fn third_persons_db(&self, radio: &RadioConfig, number: u32) -> f32 {
        if self.third_persons { number.min(radio.third_persons_max) as f32 * radio.third_person_db } else { 0.0 }
    }

    /// Share of the body term's variance that stays for a quarter of an hour, when people turn every so often.
    pub fn turning_share(&self) -> f32 {
        let turns = 900.0 / self.turning_time_s;
        if turns <= 1.0 { 1.0 } else { 1.0 / turns }
    }
}

/// What carrying a phone in one way does.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CarriageConfig {
    /// Mean extra attenuation, dB.
    #[schemars(range(min = -20, max = 40))]
    pub loss_db: f32,
    /// Its standard deviation from one episode to another, dB.
    #[schemars(range(min = 0, max = 20))]
    pub loss_sd_db: f32,
    /// Distance of the phone from the body centre, m.
    #[schemars(range(min = 0, max = 2))]
    pub offset_m: f32,
    /// Direction of the phone from the body centre relative to facing, degrees counter-clockwise.
    #[schemars(range(min = -180, max = 180))]
    pub bearing_deg: f32,
    /// Share of the environment's body loss that applies (0 = the body is never in the way).
    #[schemars(range(min = 0, max = 1))]
    pub body_share: f32,
}

/// Known residual errors of a model or family of models, against the reference table (2020-12-14).
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ModelErrorConfig {
    /// Of the transmitter, dB: how much higher attenuation reads.
    #[schemars(range(min = -30, max = 30))]
    pub tx_db: f32,
    /// Of the receiver, dB.
    #[schemars(range(min = -30, max = 30))]
    pub rx_db: f32,
    /// How models of the family differ from that, each way, dB (standard deviation).
    #[schemars(range(min = 0, max = 20))]
    pub sd_db: f32,
}

/// Scan cadence of one system.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScanConfig {
    /// Length of a scan, s.
    #[schemars(range(min = 1, max = 60))]
    pub length_s: u32,
    /// Shortest gap from the end of a scan to the start of the next, s.
    #[schemars(range(min = 10, max = 3600))]
    pub gap_min_s: u32,
    /// Longest gap, s.
    #[schemars(range(min = 10, max = 3600))]
    pub gap_max_s: u32,
    /// What the gap is multiplied by while the screen is on.
    #[schemars(range(min = 0.1, max = 1))]
    pub screen_gap_factor: f64,
    /// What it is multiplied by, further, while music or a call goes to a headset.
    #[schemars(range(min = 0.1, max = 1))]
    pub music_gap_factor: f64,
    /// How much longer a scan takes then, s; it hears more packets for it.
    #[schemars(range(min = 0, max = 60))]
    pub music_extra_s: u32,
    /// Longest gap of a phone that idles, s.
    #[schemars(range(min = 10, max = 3600))]
    pub idle_gap_max_s: u32,
}

/// What phones are doing, as shares of scans. Each gap is drawn by itself: bouts of use are not modelled.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PhoneUseConfig {
    /// Hour of the day, JST, from which phones are in use.
    #[schemars(range(min = 0, max = 24))]
    pub awake_from_h: f64,
    /// Hour of the day, JST, until which they are.
    #[schemars(range(min = 0, max = 24))]
    pub awake_until_h: f64,
    /// Share of the time between with the screen on.
    #[schemars(range(min = 0, max = 1))]
    pub screen_share: f64,
    /// Share of it with music or a call on a headset.
    #[schemars(range(min = 0, max = 1))]
    pub music_share: f64,
    /// Share of the rest of the day in which a phone idles.
    #[schemars(range(min = 0, max = 1))]
    pub idle_share: f64,
}

/// The radio model.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RadioConfig {
    /// Calibration table: "builtin:2020-06-13", "builtin:2020-12-14", or a CSV file with the columns oem, device, model,
    /// rssi_correction (dB), tx_power (dBm), confidence and a first line "# date: YYYY-MM-DD".
    pub calibration: String,
    /// Residual error of a model's transmit calibration, dB (standard deviation).
    #[schemars(range(min = 0, max = 20))]
    pub tx_error_sd_db: f32,
    /// Residual error of a model's receive calibration, dB (standard deviation).
    #[schemars(range(min = 0, max = 20))]
    pub rx_error_sd_db: f32,
    /// The same, each way, for models the table does not list, dB.
    #[schemars(range(min = 0, max = 20))]
    pub unmeasured_error_sd_db: f32,
    /// What is known of the errors of models: names are beginnings of model names, the longest that fits counts.
    pub model_error: BTreeMap<String, ModelErrorConfig>,
    /// Difference between handsets of a model, each way, dB (standard deviation).
    #[schemars(range(min = 0, max = 20))]
    pub handset_error_sd_db: f32,
    /// Weakest raw RSSI a receiver reports, dBm: mean over phones.
    #[schemars(range(min = -120, max = -60))]
    pub floor_mean_dbm: f32,
    /// Its standard deviation over phones, dB.
    #[schemars(range(min = 0, max = 20))]
    pub floor_sd_db: f32,
    /// The same for models that were measured, dBm: names are beginnings of model names, the longest that fits counts. Their
    /// handsets spread by `handset_error_sd_db`.
    pub model_floor_dbm: BTreeMap<String, f32>,
    /// How far a measured position lies from the person's middle, m (standard deviation, each axis). For measured links:
    /// distances there are between persons as cameras place them; 0 where the phones' own distances were taped.
    #[schemars(range(min = 0, max = 2))]
    pub measured_position_sd_m: f32,
    /// Loss of one other person standing in the line, dB.
    #[schemars(range(min = 0, max = 30))]
    pub third_person_db: f32,
    /// No more than so many persons in the line count.
    #[schemars(range(min = 0, max = 10))]
    pub third_persons_max: u32,
    /// Best chance of hearing one packet.
    #[schemars(range(min = 0, max = 1))]
    pub packet_success: f32,
    /// How gradually reception sets in above the floor, dB.
    #[schemars(range(min = 0.1, max = 60))]
    pub reception_scale_db: f32,
    /// Airtime of an advertisement, microseconds.
    #[schemars(range(min = 0, max = 10000))]
    pub packet_us: f32,
    /// Interval between advertisements, ms.
    #[schemars(range(min = 20, max = 10000))]
    pub advertising_interval_ms: f32,
    /// What phones are doing, which decides how often they scan.
    pub phone_use: PhoneUseConfig,
    /// Scans of iPhones.
    pub scan_ios: ScanConfig,
    /// Scans of Android phones.
    pub scan_android: ScanConfig,
    /// What each carriage does.
    pub carriage: PerCarriage<CarriageConfig>,
    /// Environments by name; rooms and venue kinds refer to them.
    pub environments: BTreeMap<String, EnvironmentConfig>,
}

impl RadioConfig {
    /// Finds what ranges of single keys cannot express.
    pub fn check(&self, faults: &mut Faults) {
        for (name, _) in self.model_floor_dbm.iter().filter(|(_, dbm)| !FLOOR_DBM.contains(dbm)) {
            let remedy = format!("use a number from {} to {}", FLOOR_DBM.start(), FLOOR_DBM.end());
            faults.push(format!("radio.model_floor_dbm.{name}"), "out of range", remedy);
        }
        for (name, environment) in &self.environments {
            environment.carriage_mix.check_weights(&format!("radio.environments.{name}.carriage_mix"), faults);
        }
        for (path, scan) in [("radio.scan_ios", self.scan_ios), ("radio.scan_android", self.scan_android)] {
            if scan.gap_min_s > scan.gap_max_s {
                faults.push(format!("{path}.gap_min_s"), "longer than gap_max_s", "swap the two or make them equal");
            } else if scan.gap_min_s > scan.idle_gap_max_s {
                faults.push(format!("{path}.idle_gap_max_s"), "shorter than gap_min_s", "make it at least gap_min_s");
            }
            self.check_packets(path, scan, faults);
        }
    }

    /// Packets are counted whole: a scan must be long enough for one on each channel.
    fn check_packets(&self, path: &str, scan: ScanConfig, faults: &mut Faults) {
        let (interval_ms, channels) = (self.advertising_interval_ms, CHANNELS as f32);
        let length_ms = scan.length_s as f32 * 1000.0;
        if length_ms < channels * interval_ms {
            let problem = format!(
                "{} s on {CHANNELS} channels in turn is {:.0} ms on each, less than the {interval_ms} ms between packets",
                scan.length_s,
                length_ms / channels
            );
            let least_s = (channels * interval_ms / 1000.0).ceil();
            let remedy = format!(
                "give a length from {least_s} s on, or a radio.advertising_interval_ms from 20 to {} ms",
                (length_ms / channels).floor()
            );
            faults.push(format!("{path}.length_s"), problem, remedy);
        }
    }

    /// How phones of a system scan.
    pub fn scan_of(&self, os: Os) -> ScanConfig {
        match os {
            Os::Ios => self.scan_ios,
            Os::Android => self.scan_android,
        }
    }

    /// Packets that another phone sends while a scan of this length listens to one of the three channels.
    pub fn packets_a_channel(&self, scan_length_s: u32) -> u32 {
        (scan_length_s as f32 * 1000.0 / self.advertising_interval_ms / CHANNELS as f32).round() as u32
    }

    /// The longest scan that a phone takes, s: lengthened by music, if anybody has any.
    pub(super) fn longest_scan_s(&self) -> u32 {
        let extra_s = |scan: ScanConfig| if self.phone_use.music_share > 0.0 { scan.music_extra_s } else { 0 };
        [self.scan_ios, self.scan_android].map(|scan| scan.length_s + extra_s(scan)).into_iter().max().unwrap_or(0)
    }

    /// Mean floor of a model, dBm, and the spread of its handsets.
    pub fn floor_dbm(&self, model: &str) -> (f32, f32) {
        longest_beginning(&self.model_floor_dbm, model)
            .map_or((self.floor_mean_dbm, self.floor_sd_db), |(_, dbm)| (*dbm, self.handset_error_sd_db))
    }
}

/// The entry with the longest name that a model's name begins with.
pub(super) fn longest_beginning<'a, T>(named: &'a BTreeMap<String, T>, model: &str) -> Option<(&'a String, &'a T)> {
    named.iter().filter(|(name, _)| model.starts_with(name.as_str())).max_by_key(|(name, _)| name.len())
}

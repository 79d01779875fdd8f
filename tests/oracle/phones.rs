//! What a phone does and is by itself: when it scans, until when it works, how it is calibrated (comments of `[radio]` and `[phones]`
//! in baseline.toml).

use cocoasim::{
    population::PhoneModelConfig,
    random::{Keyed, Stream},
    time::{DayJst, UnixSeconds},
};
use rand::RngExt;

use super::world::World;

/// One scan of a phone.
#[derive(Clone, Copy)]
pub struct Scan {
    pub start_s: i64,
    pub length_s: u32,
    /// When the one before it stopped, and how long that took.
    pub before_stop_s: i64,
    pub before_length_s: u32,
}

/// Until when of the JST day a phone advertises (0) or scans (1).
pub fn works_until_s(world: &World, phone: usize, t_s: i64, what: u32) -> i64 {
    let day = UnixSeconds(t_s).day_jst();
    let phones = &world.scenario.phones;
    let mut rng = Keyed::new(world.seed, Stream::Outage).rng(phone as u32, what, (day.start().0 / 60) as u32);
    let (stops, at) = (rng.random::<f64>(), rng.random::<f64>());
    let share = [phones.stops_advertising, phones.stops_scanning][what as usize];
    if stops < share { day.start().0 + (at * 86_400.0) as i64 } else { i64::MAX }
}

/// Whether something of a phone is off at a moment, by a row that begins on its JST day or, over midnight, on the day before.
pub fn is_off(world: &World, phone: usize, t_s: i64) -> bool {
    let stream = Keyed::new(world.seed, Stream::Outage);
    let today = UnixSeconds(t_s).day_jst();
    let hour = (t_s - today.start().0) as f64 / 3600.0;
    (2..).zip(&world.scenario.phones.off).any(|(row, off)| {
        let on_day = |day: DayJst| stream.uniform(phone as u32, row, day.0 as u32) < off.days_share;
        let is_now = if off.from_h < off.until_h {
            off.from_h <= hour && hour < off.until_h && on_day(today)
        } else {
            off.from_h <= hour && on_day(today) || hour < off.until_h && on_day(today.plus_days(-1))
        };
        is_now && stream.uniform(phone as u32, row, u32::MAX) < off.share
    })
}

/// A phone's scans of the run: every six hours from a moment of its own on one starts exactly, and the gaps between are stretched to fit.
pub fn scans(world: &World, phone: usize) -> Vec<Scan> {
    const ANCHOR_S: i64 = 21_600;
    let (radio, stream) = (&world.scenario.radio, Keyed::new(world.seed, Stream::ScanTimes));
    let (use_, config) = (&radio.phone_use, if world.people[phone].ios { radio.scan_ios } else { radio.scan_android });
    let (from_s, to_s) = (world.first_day.start().0, world.days().last().expect("a day").end().0);
    let phase_s = (stream.uniform(phone as u32, 0, 0) * ANCHOR_S as f64) as i64;
    let mut starts: Vec<(i64, u32)> = Vec::new();
    for anchor in (from_s - phase_s).div_euclid(ANCHOR_S) - 1..=(to_s - phase_s).div_euclid(ANCHOR_S) {
        let mut rng = stream.rng(phone as u32, 1, anchor as u32);
        let start_s = (anchor * ANCHOR_S + phase_s) as f64;
        let (mut drawn, mut sum_s): (Vec<(u32, f64)>, f64) = (Vec::new(), 0.0);
        while sum_s < ANCHOR_S as f64 {
            let hour = ((start_s + sum_s + 32_400.0) / 3600.0).rem_euclid(24.0);
            let is_awake = use_.awake_from_h <= hour && hour < use_.awake_until_h;
            let [screen, music, idle] = [use_.screen_share, use_.music_share, use_.idle_share].map(|share| rng.random::<f64>() < share);
            let (screen, music, idle) = (screen && is_awake, music && is_awake, idle && !is_awake);
            let longest_s = if idle { config.idle_gap_max_s.max(config.gap_min_s) } else { config.gap_max_s };
            let mut gap_s = f64::from(rng.random_range(config.gap_min_s..=longest_s));
            gap_s *= if screen { config.screen_gap_factor } else { 1.0 };
            gap_s *= if music { config.music_gap_factor } else { 1.0 };
            let length_s = config.length_s + if music { config.music_extra_s } else { 0 };
            drawn.push((length_s, f64::from(length_s) + gap_s.max(1.0)));
            sum_s += f64::from(length_s) + gap_s.max(1.0);
        }
        let last_s = drawn[drawn.len() - 1].1;
        if drawn.len() > 1 && sum_s - ANCHOR_S as f64 > last_s / 2.0 {
            drawn.pop();
            sum_s -= last_s;
        }
        let mut at_s = start_s;
        for (length_s, period_s) in drawn {
            starts.push((at_s.round() as i64, length_s));
            at_s += period_s * (ANCHOR_S as f64 / sum_s);
        }
    }
    let both = starts.windows(2).map(|two| Scan {
        start_s: two[1].0,
        length_s: two[1].1,
        before_stop_s: two[0].0 + i64::from(two[0].1),
        before_length_s: two[0].1,
    });
    let runs = |s: &Scan| s.start_s < works_until_s(world, phone, s.start_s, 1) && !is_off(world, phone, s.start_s);
    both.filter(|s| (from_s..to_s).contains(&s.start_s) && runs(s)).collect()
}

/// A model by the reference table, and what is known of its errors.
pub struct Model {
    correction_db: i8,
    tx_power_dbm: i8,
    confidence: u8,
    tx_db: f32,
    rx_db: f32,
    tx_sd_db: f32,
    rx_sd_db: f32,
    floor_dbm: f32,
    floor_sd_db: f32,
}

impl Model {
    /// The table's row of the model, or of its maker, or of all phones; errors and floors by the longest name that the model's begins
    /// with.
    pub fn of(world: &World, phone: &PhoneModelConfig) -> Self {
        let radio = &world.scenario.radio;
        assert_eq!(radio.calibration, "builtin:2020-12-14", "the oracle knows the reference table alone");
        let text = include_str!("../../scenarios/calibration/2020-12-14.csv");
        let rows: Vec<Vec<&str>> = text.lines().filter(|l| !l.starts_with('#')).skip(1).map(|l| l.split(',').collect()).collect();
        let of_model = rows.iter().find(|r| r[2] == phone.model);
        let of_maker = || rows.iter().find(|r| r[0] == phone.oem && r[2].is_empty());
        let row = of_model.or_else(of_maker).unwrap_or(&rows[rows.len() - 1]);
        let [correction_db, tx_power_dbm] = [row[3], row[4]].map(|n| n.parse::<i8>().expect("a number"));
        let confidence: u8 = row[5].parse().expect("a number");
        let is_of = |name: &&String| phone.model.starts_with(name.as_str());
        let known = radio.model_error.keys().filter(is_of).max_by_key(|n| n.len()).map(|n| radio.model_error[n]);
        let (tx_db, rx_db, tx_sd_db, rx_sd_db) = match known {
            Some(known) => (known.tx_db, known.rx_db, known.sd_db, known.sd_db),
            None if of_model.is_some() && confidence == 3 => (0.0, 0.0, radio.tx_error_sd_db, radio.rx_error_sd_db),
            None => (0.0, 0.0, radio.unmeasured_error_sd_db, radio.unmeasured_error_sd_db),
        };
        let known = radio.model_floor_dbm.keys().filter(is_of).max_by_key(|n| n.len()).map(|n| radio.model_floor_dbm[n]);
        let (floor_dbm, floor_sd_db) = known.map_or((radio.floor_mean_dbm, radio.floor_sd_db), |dbm| (dbm, radio.handset_error_sd_db));
        Self { correction_db, tx_power_dbm, confidence, tx_db, rx_db, tx_sd_db, rx_sd_db, floor_dbm, floor_sd_db }
    }

    /// How loud its handsets are, and how faint what they hear, dBm, on average.
    pub fn loud_and_keen_dbm(&self) -> (f32, f32) {
        (f32::from(self.tx_power_dbm) - self.tx_db, self.floor_dbm + f32::from(self.correction_db) + self.rx_db)
    }
}

/// What is special about a phone.
#[derive(Clone, Copy, Default)]
pub struct Device {
    pub tx_power_dbm: i8,
    pub confidence: u8,
    pub tx_error_db: f32,
    pub rx_error_db: f32,
    pub floor_dbm: f32,
}

/// Every phone's calibration and its errors: one draw a model, one more a handset.
pub fn devices(world: &World) -> Vec<Device> {
    let stream = Keyed::new(world.seed, Stream::DeviceError);
    let device = |(i, number): (usize, Option<usize>)| {
        let Some(number) = number else { return Device::default() };
        let model = Model::of(world, &world.scenario.phones.models[number]);
        let (mut of_all, mut of_one) = (stream.rng(number as u32, 1, 0), stream.rng(i as u32, 0, 0));
        let handset_sd_db = world.scenario.radio.handset_error_sd_db;
        let mut error = |sd_db: f32| of_all.normal() as f32 * sd_db + of_one.normal() as f32 * handset_sd_db;
        Device {
            tx_power_dbm: model.tx_power_dbm,
            confidence: model.confidence,
            tx_error_db: model.tx_db + error(model.tx_sd_db),
            rx_error_db: model.rx_db + error(model.rx_sd_db),
            floor_dbm: model.floor_dbm + of_one.normal() as f32 * model.floor_sd_db + f32::from(model.correction_db),
        }
    };
    world.people.iter().map(|p| p.model).enumerate().map(device).collect()
}

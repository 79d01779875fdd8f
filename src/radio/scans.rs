//! When a phone scans: a pure function of phone and time that knows no midnight.

use rand::RngExt;

use crate::{
    ids::PersonId,
    random::{Keyed, Seed, Stream},
};

use super::{
    config::{PhoneUseConfig, ScanConfig},
    records::Scan,
};

/// A scan starts exactly at every anchor; between two anchors the gaps fit. Short enough to be cheap to evaluate, long
/// enough for the fitting to move gaps by about 1 %.
const ANCHOR_S: i64 = 6 * 3600;

/// Scan times of all phones.
#[derive(Clone, Copy, Debug)]
pub struct ScanTimes {
    keyed: Keyed,
    phone_use: PhoneUseConfig,
}

/// What a phone does during a gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct State {
    screen: bool,
    music: bool,
    idle: bool,
}

impl ScanTimes {
    /// The scan times of a run.
    pub fn new(seed: Seed, phone_use: PhoneUseConfig) -> Self {
        Self { keyed: Keyed::new(seed, Stream::ScanTimes), phone_use }
    }

    /// All scans that start within `[from_s, to_s)`, in time order.
    ///
    /// Gaps are even between the two limits (Android: 300 - U{0..89} s after the scan stops, shorter with the screen on or
    /// music, up to 9 minutes when idle; exposure-notifications-internals, ContactTracingFeature and BleScannerImpl) and are
    /// stretched, by under 2 %, so that they fill the six hours between two anchors.
    pub fn between(&self, phone: PersonId, config: ScanConfig, from_s: i64, to_s: i64) -> Vec<Scan> {
        let phase_s = (self.keyed.uniform(phone.0, 0, 0) * ANCHOR_S as f64) as i64;
        let mut scans = Vec::new();
        // Start and length.
        let mut starts_s: Vec<(i64, u32)> = Vec::new();
        // A scan starts at every anchor, so that one at `from_s` alone has its scan before it in the stretch before.
        let mut anchor = (from_s - phase_s - 1).div_euclid(ANCHOR_S);
        while anchor * ANCHOR_S + phase_s < to_s {
            self.starts(phone, config, anchor, phase_s, &mut starts_s);
            anchor += 1;
        }
        for pair in starts_s.windows(2) {
            if (from_s..to_s).contains(&pair[1].0) {
                let ((before_s, before_length_s), (start_s, length_s)) = (pair[0], pair[1]);
                let previous_stop_s = before_s + i64::from(before_length_s);
                scans.push(Scan { start_s, length_s, previous_stop_s, previous_length_s: before_length_s });
            }
        }
        scans
    }

    fn starts(&self, phone: PersonId, config: ScanConfig, anchor: i64, phase_s: i64, out: &mut Vec<(i64, u32)>) {
        let mut rng = self.keyed.rng(phone.0, 1, anchor as u32);
        let start_s = (anchor * ANCHOR_S + phase_s) as f64;
        // Length of each scan and time to the next.
        let mut drawn: Vec<(u32, f64)> = Vec::new();
        let mut sum_s = 0.0;
        while sum_s < ANCHOR_S as f64 {
            let state = self.state(&mut rng, start_s + sum_s);
            let length_s = config.length_s + if state.music { config.music_extra_s } else { 0 };
            let longest_s = if state.idle { config.idle_gap_max_s.max(config.gap_min_s) } else { config.gap_max_s };
            let mut gap_s = f64::from(rng.random_range(config.gap_min_s..=longest_s));
            gap_s *= if state.screen { config.screen_gap_factor } else { 1.0 };
            gap_s *= if state.music { config.music_gap_factor } else { 1.0 };
            let period_s = f64::from(length_s) + gap_s.max(1.0);
            sum_s += period_s;
            drawn.push((length_s, period_s));
        }
        // The last may reach over the anchor: it goes if that comes nearer.
        let last_s = drawn.last().map_or(0.0, |d| d.1);
        if drawn.len() > 1 && sum_s - ANCHOR_S as f64 > last_s / 2.0 {
            drawn.pop();
            sum_s -= last_s;
        }
        let stretch = ANCHOR_S as f64 / sum_s;
        let mut at_s = start_s;
        for (length_s, period_s) in drawn {
            out.push((at_s.round() as i64, length_s));
            at_s += period_s * stretch;
        }
    }

    fn state(&self, rng: &mut impl RngExt, t_s: f64) -> State {
        const JST_S: f64 = 9.0 * 3600.0;
        let hour = ((t_s + JST_S) / 3600.0).rem_euclid(24.0);
        let u = &self.phone_use;
        let awake = hour >= u.awake_from_h && hour < u.awake_until_h;
        let [screen, music, idle] = [u.screen_share, u.music_share, u.idle_share].map(|share| rng.random::<f64>() < share);
        State { screen: awake && screen, music: awake && music, idle: !awake && idle }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANDROID: ScanConfig = ScanConfig {
        length_s: 4,
        gap_min_s: 211,
        gap_max_s: 300,
        screen_gap_factor: 0.8,
        music_gap_factor: 0.6,
        music_extra_s: 13,
        idle_gap_max_s: 540,
    };
    const USE: PhoneUseConfig =
        PhoneUseConfig { awake_from_h: 7.0, awake_until_h: 24.0, screen_share: 0.2, music_share: 0.03, idle_share: 0.5 };
    const MIDNIGHT_S: i64 = 1_598_886_000;

    #[test]
    fn scans_are_the_same_however_the_time_is_cut() {
        let times = ScanTimes::new(Seed(3), USE);
        let whole = times.between(PersonId(5), ANDROID, MIDNIGHT_S, MIDNIGHT_S + 3 * 86_400);
        let cut: Vec<Scan> =
            (0..72).flat_map(|h| times.between(PersonId(5), ANDROID, MIDNIGHT_S + h * 3600, MIDNIGHT_S + (h + 1) * 3600)).collect();
        assert_eq!(whole, cut);
        for pair in whole.windows(2) {
            let (gap_s, length_s) = (pair[1].start_s - pair[1].previous_stop_s, pair[1].previous_stop_s - pair[0].start_s);
            assert!((99..=550).contains(&gap_s) && (length_s == 4 || length_s == 17), "{gap_s} after {length_s}");
        }
    }

    /// Seconds since the last scan over 91,103 readings of Android phones, rounded to minutes by the API: 240 s 57 %, 300 s 30 %,
    /// 180 s 11 %, 120 s 1.6 % (DP-3T, exp34).
    #[test]
    fn val_gaps_by_day_come_as_android_phones_reported_them() {
        let times = ScanTimes::new(Seed(1), USE);
        let mut counts = std::collections::BTreeMap::new();
        for phone in 0..200 {
            for scan in times.between(PersonId(phone), ANDROID, MIDNIGHT_S + 9 * 3600, MIDNIGHT_S + 21 * 3600) {
                *counts.entry((scan.start_s - scan.previous_stop_s + 30) / 60 * 60).or_insert(0.0) += 1.0;
            }
        }
        let total: f64 = counts.values().sum();
        for (seconds, share) in [(120, 0.016), (180, 0.11), (240, 0.57), (300, 0.30)] {
            let found = counts.get(&seconds).copied().unwrap_or(0.0) / total;
            assert!((found - share).abs() < 0.06, "{seconds} s: {found} of scans, measured {share}");
        }
    }

    #[test]
    fn idle_phones_scan_less_by_night() {
        let times = ScanTimes::new(Seed(1), USE);
        let number = |hour: i64| times.between(PersonId(1), ANDROID, MIDNIGHT_S + hour * 3600, MIDNIGHT_S + (hour + 6) * 3600).len();
        assert!(number(0) + 8 < number(12), "{} by night, {} by day", number(0), number(12));
    }

    #[test]
    fn a_scan_belongs_to_the_span_it_starts_in() {
        let times = ScanTimes::new(Seed(3), USE);
        let day = times.between(PersonId(5), ANDROID, MIDNIGHT_S, MIDNIGHT_S + 86_400);
        let starts_s = |from_s, to_s| times.between(PersonId(5), ANDROID, from_s, to_s).iter().map(|s| s.start_s).collect::<Vec<_>>();
        let (third_s, fourth_s) = (day[2].start_s, day[3].start_s);
        assert_eq!(starts_s(third_s, fourth_s), [third_s], "from its first second on, up to the first of the next");
        assert_eq!(starts_s(third_s, fourth_s + 1), [third_s, fourth_s]);
        assert!(starts_s(third_s + 1, fourth_s).is_empty());
    }

    /// Nothing but the limits: every gap of two days lies between them, stretched or shrunk by under 2 % to fit between the anchors.
    #[test]
    fn gaps_fit_between_anchors() {
        let plain = PhoneUseConfig { screen_share: 0.0, music_share: 0.0, idle_share: 0.0, ..USE };
        for phone in 0..20 {
            let scans = ScanTimes::new(Seed(2), plain).between(PersonId(phone), ANDROID, MIDNIGHT_S, MIDNIGHT_S + 2 * 86_400);
            let mut periods_s = scans.windows(2).map(|pair| pair[1].start_s - pair[0].start_s);
            assert!(periods_s.all(|s| (210..=311).contains(&s)), "phone {phone}");
        }
    }

    /// A screen that is always on shortens gaps to four fifths, and only while its owner is awake (from 07:00 JST).
    #[test]
    fn screens_are_off_by_night() {
        let always_on = PhoneUseConfig { screen_share: 1.0, music_share: 0.0, idle_share: 0.0, ..USE };
        let times = ScanTimes::new(Seed(2), always_on);
        let shortest_s = |hour: i64| {
            let scans = times.between(PersonId(1), ANDROID, MIDNIGHT_S + hour * 3600, MIDNIGHT_S + (hour + 5) * 3600);
            scans.windows(2).map(|pair| pair[1].start_s - pair[0].start_s).min().expect("scans")
        };
        assert!(shortest_s(1) >= 210 && shortest_s(12) < 200, "{} by night, {} by day", shortest_s(1), shortest_s(12));
    }
}

//! The result of a check of matched keys: one answer for the simulated phone, for `keys match`, and for pairs judged as if one
//! had been confirmed.

use serde::{Deserialize, Serialize};

use crate::{
    gaen::{DailySummary, DiagnosisKey, ExposureWindow, daily_summaries},
    time::{DayUtc, UnixSeconds},
};

use super::{
    evaluated::{Evaluated, without_far_scans},
    reading::{OfKey, notifies_of_itself},
    rules::{Kind, Rule},
};

/// Days for which the framework keeps its results (ENI FAQ).
const FRAMEWORK_KEEPS_DAYS: i32 = 14;

/// A key of a check and what the framework made of it.
#[derive(Clone, Copy, Debug)]
pub struct Matched<'a> {
    /// The key.
    pub key: &'a DiagnosisKey,
    /// Its exposures and windows.
    pub evaluated: &'a Evaluated,
}

/// What COCOA 2 keeps of earlier checks (ExposureDataRepository.cs), and the framework with it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Stored {
    /// Windows by key. COCOA never deletes one; the framework forgets after 14 days.
    windows: Vec<([u8; 16], ExposureWindow)>,
    /// One a day, in day order: of all summaries ever returned the largest values.
    summaries: Vec<DailySummary>,
}

impl Stored {
    fn summary(&self, day: DayUtc) -> Option<&DailySummary> {
        self.summaries.binary_search_by_key(&day, |s| s.day).ok().map(|i| &self.summaries[i])
    }

    /// Takes in what a check brought.
    pub fn keep(&mut self, new: &[Matched<'_>], detection: &Detection) {
        for matched in new {
            self.windows.extend(matched.evaluated.windows.iter().map(|w| (matched.key.tek.key, w.clone())));
        }
        for merged in detection.days.iter().filter_map(|d| d.summary) {
            match self.summaries.binary_search_by_key(&merged.day, |s| s.day) {
                Ok(i) => self.summaries[i] = merged,
                Err(i) => self.summaries.insert(i, merged),
            }
        }
    }

    /// The same without scans of far phones.
    fn without_far_scans(&self) -> Self {
        let windows = self.windows.iter().filter_map(|(key, window)| Some((*key, without_far_scans(window)?))).collect();
        Self { windows, summaries: self.summaries.clone() }
    }

    /// The same as if no summary had been stored.
    pub(super) fn windows_alone(&self) -> Self {
        Self { windows: self.windows.clone(), summaries: Vec::new() }
    }

    /// The days that the screen of version 2 shows by a rule, and the seconds of each: of all stored windows.
    pub(super) fn shown_days(&self, rule: &Rule) -> Vec<(DayUtc, i64)> {
        let Kind::V2 { risk, leaves_far_out, .. } = &rule.kind else { return Vec::new() };
        if *leaves_far_out {
            return self.without_far_scans().shown_days(&rule.clone().with_far_scans());
        }
        let of_day = |day: DayUtc| self.windows.iter().map(|(_, w)| w).filter(move |w| w.day() == day);
        let shown = self.summaries.iter().filter(|summary| risk.holds(summary, of_day(summary.day)));
        shown.map(|summary| (summary.day, of_day(summary.day).map(ExposureWindow::seconds).sum())).collect()
    }

    /// The keys that have windows of a day.
    pub fn keys_of(&self, day: DayUtc) -> impl Iterator<Item = [u8; 16]> + '_ {
        self.windows.iter().filter(move |(_, w)| w.day() == day).map(|(key, _)| *key)
    }
}

/// What a check makes of one UTC day: of the key's in version 1, of the windows' in version 2.
#[derive(Clone, Debug, PartialEq)]
pub struct FoundDay {
    /// The day.
    pub day: DayUtc,
    /// Highest total risk score (v1), the day's score sum (v2), seconds (readings without a score).
    pub score: f64,
    /// The keys behind it: those whose exposures the screen counts (v1), those of which this check brought windows of the day (v2).
    pub keys: Vec<[u8; 16]>,
    /// Seconds the verdict rests on: durations of the exposures shown (v1); of this check's windows of the day, all keys together (v2).
    pub duration_s: i64,
    /// Seconds that the screen sums up: of all stored windows of the day, this check's with them (v2); as `duration_s` in v1.
    pub on_screen_s: i64,
    /// The check reports the day: what a notification goes out for.
    pub reported: bool,
    /// The screen shows the day.
    pub shown: bool,
    /// The summary as merged with the one stored (v2).
    pub summary: Option<DailySummary>,
}

impl FoundDay {
    fn new(day: DayUtc) -> Self {
        Self { day, score: 0.0, keys: Vec::new(), duration_s: 0, on_screen_s: 0, reported: false, shown: false, summary: None }
    }

    /// Shows a key's exposures: the reading of version 1, where what is shown is what is reported.
    fn show(&mut self, key: &DiagnosisKey, seconds: i64) {
        self.keys.push(key.tek.key);
        self.duration_s += seconds;
        self.on_screen_s += seconds;
        (self.reported, self.shown) = (true, true);
    }
}

/// The result of a check.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Detection {
    /// A notification pops up. On iPhones until 1.1.3 the system shows one on any match, whatever the app shows then.
    pub notified: bool,
    /// The days of what matched, ascending.
    pub days: Vec<FoundDay>,
}

impl Detection {
    /// Whether the screen shows something.
    pub fn shown(&self) -> bool {
        self.days.iter().any(|d| d.shown)
    }

    /// Whether the screen shows something that this check brought; version 2 still shows days of earlier ones.
    pub fn shows_news(&self) -> bool {
        self.days.iter().any(|d| d.shown && !d.keys.is_empty())
    }

    fn day(&mut self, day: DayUtc) -> &mut FoundDay {
        let at = match self.days.binary_search_by_key(&day, |d| d.day) {
            Ok(at) => at,
            Err(at) => {
                self.days.insert(at, FoundDay::new(day));
                at
            }
        };
        &mut self.days[at]
    }
}

/// What an app that runs `rule` makes of the keys that a check matched anew. `scored` is called with every stretch that the verdict of
/// a reported day rests on: a moment of it, Unix seconds, and its seconds.
///
/// Version 2 (ExposureDetectionService.cs, ExposureDataRepository.cs, ExposureRiskCalculationService.cs): a day's score is that of
/// its summary over all keys that the framework holds, merged with the stored one by maximum; its seconds are those of this check's
/// new windows alone, over all keys and at any attenuation. The screen judges a day by the merged summary and all stored windows.
pub fn detect(rule: &Rule, new: &[Matched<'_>], stored: &Stored, now_s: u32, mut scored: impl FnMut(u32, i64)) -> Detection {
    let mut out = Detection::default();
    if let Kind::V2 { config, risk, leaves_far_out } = &rule.kind {
        if *leaves_far_out {
            let near: Vec<Evaluated> = new.iter().map(|m| m.evaluated.without_far_scans()).collect();
            let new: Vec<Matched<'_>> = new.iter().zip(&near).map(|(m, evaluated)| Matched { evaluated, ..*m }).collect();
            return detect(&rule.clone().with_far_scans(), &new, &stored.without_far_scans(), now_s, scored);
        }
        let today = UnixSeconds(i64::from(now_s)).day_utc();
        let oldest = today.plus_days(-FRAMEWORK_KEEPS_DAYS);
        let earlier = || stored.windows.iter().map(|(_, w)| w);
        let of_check = || new.iter().flat_map(|m| &m.evaluated.windows);
        let in_framework = earlier().filter(|w| w.day() >= oldest).chain(of_check());
        for summary in daily_summaries(in_framework, config, today) {
            let before = stored.summary(summary.day);
            let merged = before.map_or(summary, |before| summary.or_larger(before));
            let of_day = |w: &&ExposureWindow| w.day() == summary.day;
            let new_windows = || of_check().filter(of_day);
            let all_windows = || earlier().chain(of_check()).filter(of_day);
            let day = out.day(summary.day);
            let keys = new.iter().filter(|m| m.evaluated.windows.iter().any(|w| w.day() == summary.day));
            day.keys = keys.map(|m| m.key.tek.key).collect();
            day.score = merged.score_sum;
            day.duration_s = new_windows().map(ExposureWindow::seconds).sum();
            day.on_screen_s = all_windows().map(ExposureWindow::seconds).sum();
            day.reported = before != Some(&summary) && risk.holds(&merged, new_windows());
            day.shown = risk.holds(&merged, all_windows());
            day.summary = Some(merged);
            if day.reported {
                new_windows().flat_map(|w| &w.scans).for_each(|s| scored(s.t_s, i64::from(s.seconds_since_last_scan)));
            }
        }
        out.notified = out.days.iter().any(|d| d.reported);
        return out;
    }
    let of_keys = new.iter().map(|m| OfKey { key: m.key, level: m.key.transmission_risk_level, evaluated: m.evaluated });
    let asks = of_keys.clone().any(|of_key| of_key.passes(&rule.kind, now_s));
    for of_key in of_keys.clone() {
        let Some(read) = of_key.read(&rule.kind, asks, now_s, &mut scored) else { continue };
        let day = out.day(of_key.key.tek.rolling_start.start().day_utc());
        day.score = day.score.max(read.score);
        if let Some(seconds) = read.shown_s {
            day.show(of_key.key, seconds);
        }
    }
    out.notified = out.shown() || notifies_of_itself(&rule.kind) && of_keys.clone().any(|of_key| !of_key.evaluated.runs.is_empty());
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        app::{Gate, Verdict, evaluate, judge, released_rules},
        gaen::{Infectiousness, KeyMatch, MatchedSighting, ReportType, ScanInstance, TemporaryExposureKey},
        time::Enin,
    };

    const DAY: u32 = 18_500;
    const START_S: u32 = 86_400 * DAY;

    fn rule(name: &str) -> Rule {
        released_rules().into_iter().find(|r| r.name == name).unwrap_or_else(|| panic!("no rule {name}"))
    }

    fn key(byte: u8) -> DiagnosisKey {
        let tek = TemporaryExposureKey { key: [byte; 16], rolling_start: Enin(START_S / 600), rolling_period: 144 };
        DiagnosisKey { tek, transmission_risk_level: 0, report_type: None, days_since_onset: None }
    }

    /// One sighting a scan, from `at_s` after midnight on, at (seconds after the one before, dB).
    fn heard(at_s: u32, scans: &[(u32, i32)]) -> KeyMatch {
        let mut t_s = START_S + at_s;
        let sighting = |&(gap_s, attenuation_db): &(u32, i32)| {
            t_s += gap_s;
            MatchedSighting { t_s, attenuation_db, previous_scan_s: t_s - gap_s, calibration_confidence: 3 }
        };
        let aggregated: Vec<_> = scans.iter().map(sighting).collect();
        KeyMatch { key: 0, tek: [1; 16], report_type: None, raw: aggregated.clone(), aggregated }
    }

    fn verdict_of(name: &str, found: &KeyMatch) -> Verdict {
        judge(&rule(name), found, &evaluate(found, &key(1)), &key(1), START_S + 86_400, START_S)
    }

    fn detected(name: &str, scans: &[(u32, i32)]) -> bool {
        verdict_of(name, &heard(36_000, scans)).detected
    }

    fn window(at_s: u32, scans: &[(i32, i32)]) -> ExposureWindow {
        let t_s = START_S + at_s;
        let scan =
            |&(typical_db, seconds): &(i32, i32)| ScanInstance { t_s, typical_db, min_db: typical_db, seconds_since_last_scan: seconds };
        ExposureWindow {
            t_s,
            infectiousness: Infectiousness::High,
            report_type: ReportType::ConfirmedTest,
            calibration_confidence: 3,
            scans: scans.iter().map(scan).collect(),
        }
    }

    fn with_windows(windows: Vec<ExposureWindow>) -> Evaluated {
        Evaluated { runs: Vec::new(), windows }
    }

    /// A phone that runs 2.0 and its checks: keys, and the windows that each brings.
    #[derive(Default)]
    struct Phone2(Stored);

    impl Phone2 {
        fn check(&mut self, brought: &[(u8, Vec<ExposureWindow>)], day: u32) -> Detection {
            self.check_by("2.0", brought, day)
        }

        fn check_by(&mut self, name: &str, brought: &[(u8, Vec<ExposureWindow>)], day: u32) -> Detection {
            let keys: Vec<DiagnosisKey> = brought.iter().map(|(byte, _)| key(*byte)).collect();
            let evaluated: Vec<Evaluated> = brought.iter().map(|(_, windows)| with_windows(windows.clone())).collect();
            let new: Vec<Matched<'_>> = keys.iter().zip(&evaluated).map(|(key, evaluated)| Matched { key, evaluated }).collect();
            let detection = detect(&rule(name), &new, &self.0, 86_400 * day, |_, _| {});
            self.0.keep(&new, &detection);
            detection
        }
    }

    /// (score, seconds of the check, seconds on the screen, reported, shown) of each day.
    fn told(detection: &Detection) -> Vec<(f64, i64, i64, bool, bool)> {
        detection.days.iter().map(|d| (d.score, d.duration_s, d.on_screen_s, d.reported, d.shown)).collect()
    }

    #[test]
    fn version_2_sums_a_day_over_all_keys_of_a_check() {
        let first = window(36_000, &[(55, 300), (61, 300), (46, 60)]);
        let second = window(50_000, &[(55, 300), (61, 300), (46, 240)]);
        let alone = Phone2::default().check(&[(1, vec![first.clone()])], DAY + 2);
        assert_eq!(told(&alone), [(750.0 + 390.0 + 60.0, 660, 660, false, false)]);
        let both = Phone2::default().check(&[(1, vec![first.clone()]), (2, vec![second.clone()])], DAY + 2);
        assert_eq!(told(&both), [(1200.0 + 1380.0, 1500, 1500, true, true)]);
        assert!(both.notified && both.days[0].keys == [[1; 16], [2; 16]]);
    }

    #[test]
    fn a_notification_counts_the_seconds_of_new_windows_and_the_score_of_all() {
        let mut phone = Phone2::default();
        let ten_minutes = |at_s| window(at_s, &[(55, 300), (55, 300)]);
        assert_eq!(told(&phone.check(&[(1, vec![ten_minutes(36_000)])], DAY + 2)), [(1500.0, 600, 600, false, false)], "too short");
        // The day's summary holds both keys, the new windows last ten minutes again; the screen sums up twenty.
        let second = phone.check(&[(2, vec![ten_minutes(50_000)])], DAY + 3);
        assert_eq!(told(&second), [(3000.0, 600, 1200, false, true)]);
        assert!(!second.notified && second.shown());
        // A check that brings nothing of a day leaves it alone: its summary is the stored one.
        let other_day = phone.check(&[(3, vec![window(86_400 + 36_000, &[(55, 300)])])], DAY + 3);
        assert_eq!(other_day.days.iter().map(|d| (d.day.0 as u32, d.reported)).collect::<Vec<_>>(), [(DAY, false), (DAY + 1, false)]);
        let long = phone.check(&[(4, vec![window(60_000, &[(55, 300), (55, 300), (55, 300)])])], DAY + 3);
        assert_eq!(told(&long)[0], (3000.0 + 2250.0, 900, 2100, true, true));
    }

    /// Fault F15: ten near minutes and six beyond 70 dB are reported, and shown as 16 minutes; without the far ones they are too short, and
    /// what a screen shows are the near minutes alone.
    #[test]
    fn scans_of_far_phones_count_unless_they_are_left_out() {
        let mixed = |far_db| window(36_000, &[(55, 300), (55, 300), (far_db, 360)]);
        let told_by = |rule: &Rule, far_db: i32| {
            let evaluated = with_windows(vec![mixed(far_db)]);
            let key = key(1);
            let new = [Matched { key: &key, evaluated: &evaluated }];
            let mut stored = Stored::default();
            let detection = detect(rule, &new, &stored, 86_400 * (DAY + 2), |_, _| {});
            stored.keep(&new, &detection);
            let day = &detection.days[0];
            (day.score, day.duration_s, day.reported, stored.shown_days(rule).into_iter().map(|(_, s)| s).collect::<Vec<_>>())
        };
        let (as_it_was, without) = (rule("2.0"), rule("2.0").without_far_scans());
        assert_eq!(told_by(&as_it_was, 71), (1503.6, 960, true, vec![960]));
        assert_eq!(told_by(&without, 71), (1500.0, 600, false, vec![]));
        assert_eq!(told_by(&without, 70), (1503.6, 960, true, vec![960]), "70 dB are not far");
        let found = |far_db| heard(36_000, &[(300, 55), (300, 55), (360, far_db)]);
        let verdict = |rule: &Rule| judge(rule, &found(71), &evaluate(&found(71), &key(1)), &key(1), START_S + 86_400, START_S).detected;
        assert_eq!([verdict(&as_it_was), verdict(&without)], [true, false], "the same as if confirmed");
    }

    /// Without a condition on seconds a day would be reported at every check, were it not for its summary being the stored one.
    #[test]
    fn a_day_is_reported_anew_only_where_its_summary_changed() {
        let mut phone = Phone2::default();
        let draft = "2.0-draft";
        let long = window(36_000, &[(49, 300), (49, 300)]);
        assert_eq!(told(&phone.check_by(draft, &[(1, vec![long])], DAY + 2)), [(1500.0, 600, 600, true, true)]);
        let other_day = phone.check_by(draft, &[(2, vec![window(86_400 + 36_000, &[(49, 300)])])], DAY + 3);
        assert_eq!(told(&other_day), [(1500.0, 0, 600, false, true), (750.0, 300, 300, false, false)]);
        assert!(other_day.shown() && !other_day.shows_news() && !other_day.notified);
    }

    /// Ten minutes at 55 dB score 1500: the score's condition holds, that of 900 s does not.
    #[test]
    fn the_score_alone_asks_for_no_seconds() {
        let ten_minutes = |rule| Phone2::default().check_by(rule, &[(1, vec![window(36_000, &[(55, 300), (55, 300)])])], DAY + 2);
        assert_eq!(told(&ten_minutes("2.0-score-alone")), [(1500.0, 600, 600, true, true)]);
        assert_eq!(told(&ten_minutes("2.0")), [(1500.0, 600, 600, false, false)]);
        let seven = Phone2::default().check_by("2.0-score-alone", &[(1, vec![window(36_000, &[(55, 300), (55, 180)])])], DAY + 2);
        assert_eq!(told(&seven), [(1200.0, 480, 480, false, false)]);
    }

    #[test]
    fn summaries_are_merged_by_maximum_and_windows_are_forgotten_by_the_framework_alone() {
        let mut phone = Phone2::default();
        let near = |at_s, n: usize| window(at_s, &vec![(55, 300); n]);
        phone.check(&[(1, vec![near(36_000, 2)])], DAY + 14);
        // A day later the framework has forgotten that day's windows: its summary is of the new key alone, and smaller than the
        // stored one, which stands; the screen still sums up all stored windows.
        let later = phone.check(&[(2, vec![window(50_000, &[(61, 300); 3])])], DAY + 15);
        assert_eq!(told(&later), [(1500.0, 900, 1500, true, true)], "1500 points of the first check, 900 s of the second");
        let in_time = {
            let mut phone = Phone2::default();
            phone.check(&[(1, vec![near(36_000, 2)])], DAY + 14);
            phone.check(&[(2, vec![window(50_000, &[(61, 300); 3])])], DAY + 14)
        };
        assert_eq!(told(&in_time), [(1500.0 + 1170.0, 900, 1500, true, true)]);
    }

    #[test]
    fn a_day_is_that_of_its_windows() {
        // A key of one day whose last identifier was heard after midnight: ten minutes on either side.
        let ten = |at_s| window(at_s, &[(55, 300), (55, 300)]);
        let split = Phone2::default().check(&[(1, vec![ten(85_000), ten(86_401)])], DAY + 3);
        assert_eq!(told(&split), [(1500.0, 600, 600, false, false); 2]);
        assert_eq!(split.days.iter().map(|d| d.day.0 as u32).collect::<Vec<_>>(), [DAY, DAY + 1]);
        // Two keys of two days, heard on one: the day sums both.
        let evaluated = [with_windows(vec![ten(86_401)]), with_windows(vec![ten(90_000)])];
        let of_next_day = DiagnosisKey { tek: TemporaryExposureKey { rolling_start: Enin(START_S / 600 + 144), ..key(2).tek }, ..key(2) };
        let new = [Matched { key: &key(1), evaluated: &evaluated[0] }, Matched { key: &of_next_day, evaluated: &evaluated[1] }];
        let joined = detect(&rule("2.0"), &new, &Stored::default(), START_S + 3 * 86_400, |_, _| {});
        assert_eq!(told(&joined), [(3000.0, 1200, 1200, true, true)]);
    }

    /// Five-minute scans: (dB, scans) of one run.
    fn five_minutely(db: i32, scans: usize) -> Vec<(u32, i32)> {
        vec![(300, db); scans]
    }

    /// The effective rules that follow from the configurations and the two systems' arithmetic.
    #[test]
    fn effective_rules_of_the_releases() {
        assert_eq!(released_rules().len(), 22);
        let (every, none) = ([true; 6], [false; 6]);
        let up_to_33 = [true, false, false, false, false, false];
        let up_to_63 = [true, true, true, false, false, false];
        for (release, ios, android) in [
            ("1.0.0-1.1.2", [every, every], [every, every]),
            ("1.1.3", [up_to_33, up_to_33], [every, every]),
            ("1.1.3-served", [up_to_63, up_to_63], [every, every]),
            ("1.1.4-1.4.1", [up_to_63, up_to_63], [none, up_to_63]),
        ] {
            for (system, cells) in [("ios", ios), ("android", android)] {
                for (level, expected) in ["level0", "level4"].into_iter().zip(cells) {
                    let name = format!("{release}/{system}/{level}");
                    let found =
                        [(33, 4), (34, 4), (63, 4), (64, 4), (63, 3), (80, 1)].map(|(db, n)| detected(&name, &five_minutely(db, n)));
                    assert_eq!(found, expected, "{name}");
                }
            }
        }
    }

    #[test]
    fn release_2_needs_both_score_and_fifteen_minutes() {
        assert!(detected("2.0", &five_minutely(55, 3)));
        assert!(!detected("2.0", &five_minutely(55, 2)), "1500 points but 10 minutes");
        assert!(!detected("2.0", &five_minutely(46, 3)), "900 points");
        assert!(detected("2.0", &five_minutely(46, 5)));
        assert!(!detected("2.0", &five_minutely(70, 12)));
    }

    #[test]
    fn the_two_readings_of_version_1_on_iphones_differ_where_a_run_is_partly_far() {
        let (mean, under) = ("1.1.4-1.4.1/ios/level0", "1.1.4-1.4.1/ios/level0/minutes_under");
        // Far for most of an hour with twenty near minutes: the mean is over 63 dB, the minutes add up.
        let mixed = [five_minutely(60, 4), five_minutely(80, 8)].concat();
        assert!(!detected(mean, &mixed) && detected(under, &mixed));
        // Near for ten minutes and just over for ten: the mean is 63 dB, the minutes are ten.
        let short = [five_minutely(61, 2), five_minutely(64, 2)].concat();
        assert!(detected(mean, &short) && !detected(under, &short));
        // Two runs an hour apart add up in one reading alone.
        let twice = [five_minutely(60, 2), vec![(3600, 60)], five_minutely(60, 1)].concat();
        assert!(!detected(mean, &twice) && detected(under, &twice));
        // Seconds since the last scan, in whole minutes: fifteen minutes are not more than fifteen.
        let verdict = |scans: &[(u32, i32)]| verdict_of(under, &heard(36_000, scans));
        let (fifteen, sixteen) = (verdict(&five_minutely(63, 3)), verdict(&[five_minutely(63, 3), vec![(60, 63)]].concat()));
        assert_eq!((fifteen.score, fifteen.detected), (900.0, false));
        assert_eq!((sixteen.score, sixteen.detected, sixteen.duration_s), (960.0, true, 960.0));
        assert_eq!(verdict(&five_minutely(64, 6)).score, 0.0);
    }

    #[test]
    fn continuity_bears_a_gap_of_ten_minutes() {
        let name = crate::app::MINISTRY_CONTINUOUS;
        // Seconds since the last scan are cut at five minutes: 300 s each.
        assert!(detected(name, &[(300, 63), (600, 63), (600, 63)]));
        assert!(!detected(name, &[(300, 63), (600, 63), (601, 63)]));
        assert!(!detected(name, &[(300, 63), (300, 64), (300, 63), (300, 63)]), "broken by one scan over 63 dB");
    }

    /// Of a check: two keys, one of them near enough for 1.1.4.
    fn check_v1(rule: &Rule, levels: [i32; 2], now_s: u32) -> Detection {
        let (near, far) = (heard(36_000, &five_minutely(60, 4)), heard(50_000, &[(300, 85)]));
        let evaluated = [near, far].map(|found| evaluate(&found, &key(1)));
        let keys = [1, 2].map(|byte| DiagnosisKey { transmission_risk_level: levels[byte as usize - 1], ..key(byte) });
        let new = [Matched { key: &keys[0], evaluated: &evaluated[0] }, Matched { key: &keys[1], evaluated: &evaluated[1] }];
        detect(rule, &new, &Stored::default(), now_s, |_, _| {})
    }

    #[test]
    fn what_a_gate_lets_through() {
        let shown = |name: &str, gate: Gate| {
            let detection = check_v1(&rule(name).with_gate(gate), [4, 4], START_S + 2 * 86_400);
            (detection.notified, detection.days[0].keys.iter().map(|k| k[0]).collect::<Vec<_>>())
        };
        let (android, ios) = ("1.1.4-1.4.1/android/level4", "1.1.4-1.4.1/ios/level4");
        for gate in [Gate::AnyMatch, Gate::OfTheCheck] {
            assert_eq!(shown(android, gate), (true, vec![1, 2]), "{gate:?}: once one passes, all are shown");
            assert_eq!(shown(ios, gate), (true, vec![1]), "{gate:?}: the system returns what reaches the minimum");
        }
        assert_eq!(shown(android, Gate::OfEachExposure), (true, vec![1]));
        let nothing_near = |name: &str, gate: Gate| {
            let far = evaluate(&heard(50_000, &[(300, 85)]), &key(1));
            let new = [Matched { key: &key(1), evaluated: &far }];
            let detection = detect(&rule(name).with_gate(gate), &new, &Stored::default(), START_S + 86_400, |_, _| {});
            (detection.notified, detection.shown())
        };
        assert_eq!(nothing_near(ios, Gate::AnyMatch), (true, false), "the system notifies, the app shows nothing");
        assert_eq!(nothing_near(android, Gate::AnyMatch), (true, true));
        for name in [ios, android] {
            assert_eq!(nothing_near(name, Gate::OfTheCheck), (false, false));
        }
    }

    /// A key's own level counts on a phone; the rule's stands in where pairs are judged.
    #[test]
    fn a_check_scores_keys_by_their_own_level() {
        let rule = rule("1.1.4-1.4.1/android/level0").with_gate(Gate::OfEachExposure);
        let shown = |levels| check_v1(&rule, levels, START_S + 86_400).days[0].keys.len();
        assert_eq!((shown([0, 0]), shown([4, 0]), shown([0, 4])), (0, 1, 0));
    }

    #[test]
    fn a_withdrawn_key_has_neither_exposures_nor_windows() {
        let found = KeyMatch { report_type: Some(ReportType::Revoked), ..heard(36_000, &five_minutely(40, 6)) };
        let evaluated = evaluate(&found, &key(1));
        assert!(evaluated.runs.is_empty() && evaluated.windows.is_empty());
        let detection = detect(
            &rule("1.0.0-1.1.2/android/level0"),
            &[Matched { key: &key(1), evaluated: &evaluated }],
            &Stored::default(),
            START_S,
            |_, _| {},
        );
        assert_eq!(detection, Detection::default());
    }

    #[test]
    fn scored_seconds_are_split_at_the_moment() {
        let found = heard(53_400, &five_minutely(55, 4));
        let split_s = START_S + 54_000;
        let judged = |name: &str| judge(&rule(name), &found, &evaluate(&found, &key(1)), &key(1), START_S + 86_400, split_s);
        let two = judged("2.0");
        assert_eq!((two.before_s, two.after_s, two.duration_s), (300.0, 900.0, 1200.0), "scans at 53,700, 54,000, 54,300 and 54,600");
        let one = judged("1.1.4-1.4.1/ios/level0");
        assert_eq!((one.before_s, one.after_s, one.duration_s), (0.0, 1200.0, 1200.0), "a run lies where its middle does");
    }

    #[test]
    fn what_a_rule_needs() {
        let needs = |name: &str| rule(name).needs().map(|n| (n.at_most_db, n.seconds_at_least));
        assert_eq!(needs("1.0.0-1.1.2/ios/level0"), Some((None, 0.0)));
        assert_eq!(needs("1.1.3/ios/level0"), Some((Some(33), 960.0)));
        assert_eq!(needs("1.1.3/android/level0"), Some((None, 0.0)));
        assert_eq!(needs("1.1.3-served/ios/level0"), Some((Some(63), 960.0)));
        assert_eq!(needs("1.1.4-1.4.1/ios/level0"), Some((Some(63), 960.0)));
        assert_eq!(needs("1.1.4-1.4.1/android/level0"), None);
        assert_eq!(needs("1.1.4-1.4.1/android/level4"), Some((Some(63), 960.0)));
        assert_eq!(needs("1.1.4-1.4.1/ios/level0/minutes_under"), Some((Some(63), 901.0)));
        assert_eq!(needs("2.0"), Some((Some(65), 900.0)));
        assert_eq!(needs("2.0-score-alone"), Some((Some(65), 540.0)));
        assert_eq!(needs("2.0-draft"), Some((Some(64), 468.0)));
        assert_eq!(needs(crate::app::MINISTRY_CONTINUOUS), Some((Some(63), 900.0)));
    }
}

//! Verdicts on one key, as if it had been published.

use crate::{
    gaen::{DiagnosisKey, DiagnosisKeysDataMapping, KeyMatch, daily_summary},
    time::UnixSeconds,
};

use super::{
    evaluated::{Evaluated, evaluate_as},
    reading::{OfKey, notifies_of_itself},
    rules::{Kind, Rule},
};

/// What a rule makes of one key, as if it had been published and checked by a phone that had matched nothing before.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Verdict {
    /// The app reports a contact.
    pub detected: bool,
    /// A notification pops up (on iPhones until 1.1.3 on any match).
    pub notified: bool,
    /// Highest total risk score (v1) or the day's score sum (v2).
    pub score: f64,
    /// Seconds that the verdict rests on.
    pub duration_s: f64,
    /// Of these, seconds before the split moment.
    pub before_s: f64,
    /// And from it on.
    pub after_s: f64,
}

/// Applies a rule to one matched key, as [`detect`](super::detect) does to the keys of a check. `evaluated` is the match under COCOA's own data
/// mapping; the rule's own key level stands in for the key's. `split_s` only decides how the scored seconds are divided between two
/// calendar days.
pub fn judge(rule: &Rule, found: &KeyMatch, evaluated: &Evaluated, key: &DiagnosisKey, now_s: u32, split_s: u32) -> Verdict {
    let own = rule.mapping.as_ref().map(|mapping| evaluate_as(found, key, mapping));
    judge_evaluated(rule, own.as_ref().unwrap_or(evaluated), key, now_s, split_s)
}

/// [`judge`] by many rules, added to `verdicts` in their order. Rules with one data mapping share what it makes of the match.
pub fn judge_all<'a>(
    rules: impl IntoIterator<Item = &'a Rule>,
    found: &KeyMatch,
    evaluated: &Evaluated,
    key: &DiagnosisKey,
    (now_s, split_s): (u32, u32),
    verdicts: &mut Vec<Verdict>,
) {
    let mut own: Option<(&DiagnosisKeysDataMapping, Evaluated)> = None;
    for rule in rules {
        if let Some(mapping) = &rule.mapping
            && own.as_ref().is_none_or(|(of, _)| *of != mapping)
        {
            own = Some((mapping, evaluate_as(found, key, mapping)));
        }
        let evaluated = own.as_ref().filter(|_| rule.mapping.is_some()).map_or(evaluated, |(_, own)| own);
        verdicts.push(judge_evaluated(rule, evaluated, key, now_s, split_s));
    }
}

/// A rule's verdict of a match under the rule's own data mapping.
fn judge_evaluated(rule: &Rule, evaluated: &Evaluated, key: &DiagnosisKey, now_s: u32, split_s: u32) -> Verdict {
    let mut verdict = Verdict::default();
    let (mut before_s, mut after_s) = (0, 0);
    let mut scored = |t_s, seconds| *(if t_s < split_s { &mut before_s } else { &mut after_s }) += seconds;
    if let Kind::V2 { config, risk, leaves_far_out } = &rule.kind {
        if *leaves_far_out {
            return judge_evaluated(&rule.clone().with_far_scans(), &evaluated.without_far_scans(), key, now_s, split_s);
        }
        let today = UnixSeconds(i64::from(now_s)).day_utc();
        for of_day in evaluated.windows.chunk_by(|a, b| a.day() == b.day()) {
            let Some(summary) = daily_summary(of_day, config, today) else { continue };
            verdict.score = verdict.score.max(summary.score_sum);
            if risk.holds(&summary, of_day.iter()) {
                verdict.detected = true;
                of_day.iter().flat_map(|w| &w.scans).for_each(|s| scored(s.t_s, i64::from(s.seconds_since_last_scan)));
            }
        }
        verdict.notified = verdict.detected;
    } else {
        let of_key = OfKey { key, level: rule.key_level, evaluated };
        let asks = of_key.passes(&rule.kind, now_s);
        if let Some(read) = of_key.read(&rule.kind, asks, now_s, &mut scored) {
            verdict.score = read.score.max(0.0);
            verdict.detected = read.shown_s.is_some();
        }
        verdict.notified = verdict.detected || notifies_of_itself(&rule.kind) && !evaluated.runs.is_empty();
    }
    (verdict.before_s, verdict.after_s, verdict.duration_s) = (before_s as f64, after_s as f64, (before_s + after_s) as f64);
    verdict
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        app::{
            Configuration, Gate, Matched, Stored, detect, evaluate, released_rules,
            rules::{data_mapping, rules_of_configuration, v2_config},
        },
        gaen::{DailySummariesConfig, Infectiousness, MatchedSighting, ReportType, TemporaryExposureKey},
        time::Enin,
    };

    const START_S: u32 = 86_400 * 18_500;

    /// What a phone that had matched nothing before makes of the key alone, by [`detect`].
    fn of_a_check(rule: &Rule, found: &KeyMatch, key: &DiagnosisKey, now_s: u32, split_s: u32) -> Verdict {
        let evaluated = rule.mapping.as_ref().map_or_else(|| evaluate(found, key), |mapping| evaluate_as(found, key, mapping));
        let key = DiagnosisKey { transmission_risk_level: rule.key_level, ..key.clone() };
        let mut verdict = Verdict::default();
        let detection = detect(rule, &[Matched { key: &key, evaluated: &evaluated }], &Stored::default(), now_s, |t_s, seconds| {
            verdict.duration_s += seconds as f64;
            *(if t_s < split_s { &mut verdict.before_s } else { &mut verdict.after_s }) += seconds as f64;
        });
        verdict.detected = detection.days.iter().any(|d| d.reported);
        verdict.notified = detection.notified;
        verdict.score = detection.days.iter().map(|d| d.score).fold(0.0, f64::max);
        verdict
    }

    /// The rules built in, with each gate, and two of a configuration whose mapping makes every window worth nothing, and half.
    fn all_rules() -> Vec<Rule> {
        let configured = |infectiousness_when_missing| {
            let mapping = DiagnosisKeysDataMapping { infectiousness_when_missing, ..data_mapping() };
            let config = DailySummariesConfig { infectiousness_weight_standard: 0.5, minimum_window_score: 100.0, ..v2_config() };
            let configuration = Configuration { v2: Some(config), mapping: Some(mapping), ..Configuration::default() };
            rules_of_configuration("file", &configuration, &configuration)
        };
        let released = released_rules();
        let gated = released
            .iter()
            .flat_map(|rule| [Gate::AnyMatch, Gate::OfTheCheck, Gate::OfEachExposure].map(|gate| rule.clone().with_gate(gate)));
        let of_files = [Infectiousness::None, Infectiousness::Standard].into_iter().flat_map(configured);
        gated.chain(of_files.clone()).chain(released.iter().take(2).cloned()).chain(of_files).collect()
    }

    proptest! {
        /// A verdict of many rules at once is that of a phone's check of the key alone: runs and windows, over midnight, by every rule.
        #[test]
        fn a_verdict_is_that_of_a_check_of_the_key_alone(
            at_s in 0..86_400u32,
            scans in prop::collection::vec((1..900u32, 25..90i32), 0..30),
            near in prop::bool::ANY,
            age in 1..16u32,
            split in 0..86_400u32,
            withdrawn in 0..20,
        ) {
            let scans: Vec<(u32, i32)> = scans.into_iter().map(|(gap_s, db)| (gap_s, if near { db.min(66) } else { db })).collect();
            let report_type = (withdrawn == 0).then_some(ReportType::Revoked);
            let mut t_s = START_S + at_s;
            let sighting = |&(gap_s, attenuation_db): &(u32, i32)| {
                t_s += gap_s;
                MatchedSighting { t_s, attenuation_db, previous_scan_s: t_s - gap_s, calibration_confidence: 3 }
            };
            let aggregated: Vec<_> = scans.iter().map(sighting).collect();
            let found = KeyMatch { key: 0, tek: [1; 16], report_type, raw: aggregated.clone(), aggregated };
            let tek = TemporaryExposureKey { key: [1; 16], rolling_start: Enin(START_S / 600), rolling_period: 144 };
            let key = DiagnosisKey { tek, transmission_risk_level: 0, report_type: None, days_since_onset: None };
            let (now_s, split_s) = (START_S + 86_400 * age, START_S + split);
            let rules = all_rules();
            let mut verdicts = Vec::new();
            judge_all(&rules, &found, &evaluate(&found, &key), &key, (now_s, split_s), &mut verdicts);
            prop_assert_eq!(verdicts.len(), rules.len());
            for (rule, verdict) in rules.iter().zip(verdicts) {
                prop_assert_eq!(verdict, of_a_check(rule, &found, &key, now_s, split_s), "{}", &rule.name);
                prop_assert_eq!(verdict, judge(rule, &found, &evaluate(&found, &key), &key, now_s, split_s), "{}", &rule.name);
            }
        }
    }
}

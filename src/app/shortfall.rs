//! Why a rule does not fire on a key although enough of its scans were near.

use super::{
    evaluated::Evaluated,
    rules::{Kind, Rule},
};

/// What a key that was near for long enough still lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shortfall {
    /// A run of sightings lasted long enough, but its mean attenuation is over the threshold (version 1).
    MeanOverThreshold,
    /// No run of sightings lasted long enough: gaps split the near minutes up (version 1).
    ShortRuns,
    /// The near minutes do not follow each other without a break (the ministry's description).
    NotAtAStretch,
    /// The weighted score of the day is too low (version 2).
    LowScore,
}

impl Rule {
    /// What a key that fulfils [`Rule::needs`] lacks, if the rule does not fire on it.
    pub fn shortfall(&self, evaluated: &Evaluated) -> Shortfall {
        match &self.kind {
            Kind::V1 { .. } => {
                let need_s = self.needs().map_or(0.0, |needs| needs.seconds_at_least);
                let is_long = evaluated.runs.iter().any(|run| f64::from(run.duration_s) >= need_s);
                if is_long { Shortfall::MeanOverThreshold } else { Shortfall::ShortRuns }
            }
            Kind::Continuous { .. } | Kind::MinutesUnder { .. } => Shortfall::NotAtAStretch,
            Kind::V2 { .. } => Shortfall::LowScore,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        app::{evaluate, judge, released_rules},
        gaen::{DiagnosisKey, KeyMatch, MatchedSighting, TemporaryExposureKey},
        time::Enin,
    };

    const START_S: u32 = 86_400 * 18_500;

    /// Scans at (seconds after the one before, dB): near (63 dB or less) for 20 minutes or more in all, and no rule fires.
    fn lacks(rule: &str, scans: &[(u32, i32)]) -> Shortfall {
        let rules = released_rules();
        let rule = rules.iter().find(|r| r.name == rule).expect("a rule");
        let mut t_s = START_S + 36_000;
        let sighting = |&(gap_s, attenuation_db): &(u32, i32)| {
            t_s += gap_s;
            MatchedSighting { t_s, attenuation_db, previous_scan_s: t_s - gap_s.min(300), calibration_confidence: 3 }
        };
        let aggregated: Vec<_> = scans.iter().map(sighting).collect();
        let found = KeyMatch { key: 0, tek: [1; 16], report_type: None, raw: aggregated.clone(), aggregated };
        let tek = TemporaryExposureKey { key: [1; 16], rolling_start: Enin(START_S / 600), rolling_period: 144 };
        let key = DiagnosisKey { tek, transmission_risk_level: 0, report_type: None, days_since_onset: None };
        let evaluated = evaluate(&found, &key);
        assert!(!judge(rule, &found, &evaluated, &key, START_S + 86_400, START_S).detected, "{}", rule.name);
        rule.shortfall(&evaluated)
    }

    #[test]
    fn each_kind_of_rule_falls_short_in_its_own_way() {
        // Twenty minutes at 55 dB and forty at 80 are one run of 72 dB.
        let buried: Vec<(u32, i32)> = (0..12).map(|i| (300, if i % 3 == 0 { 55 } else { 80 })).collect();
        assert_eq!(lacks("1.1.4-1.4.1/ios/level0", &buried), Shortfall::MeanOverThreshold);
        assert_eq!(lacks("ministry_continuous", &buried), Shortfall::NotAtAStretch);
        // Four near scans an hour apart are four runs.
        let apart = [(300, 55), (3600, 55), (3600, 55), (3600, 55)];
        assert_eq!(lacks("1.1.4-1.4.1/ios/level0", &apart), Shortfall::ShortRuns);
        // Twenty minutes at 62 dB weigh 1.3 each.
        assert_eq!(lacks("2.0", &[(300, 62), (300, 62), (300, 62)]), Shortfall::LowScore);
    }
}

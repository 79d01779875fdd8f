//! Diagnosis keys: what an upload and an export carry.

use serde::{Deserialize, Serialize};

use super::crypto::{RPIS_A_KEY, TemporaryExposureKey};

/// Report types of an export (exposure_key_export.proto).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ReportType {
    /// Not stated.
    Unknown = 0,
    /// A test.
    ConfirmedTest = 1,
    /// A clinician.
    ConfirmedClinicalDiagnosis = 2,
    /// The person.
    SelfReport = 3,
    /// Reserved.
    Recursive = 4,
    /// Withdrawn.
    Revoked = 5,
}

impl ReportType {
    /// The type of a number in an export; unknown numbers read as not stated (proto2 enums).
    pub fn from_number(number: i32) -> Self {
        match number {
            1 => ReportType::ConfirmedTest,
            2 => ReportType::ConfirmedClinicalDiagnosis,
            3 => ReportType::SelfReport,
            4 => ReportType::Recursive,
            5 => ReportType::Revoked,
            _ => ReportType::Unknown,
        }
    }
}

/// A published key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiagnosisKey {
    /// The key and its intervals.
    pub tek: TemporaryExposureKey,
    /// Transmission risk level, 0 to 8.
    pub transmission_risk_level: i32,
    /// Report type, if exported.
    pub report_type: Option<ReportType>,
    /// Days from onset to the key's day, if exported.
    pub days_since_onset: Option<i32>,
}

/// How much of an export counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reading {
    /// What the published snapshot does: report type and days since onset are dropped (its TemporaryExposureKeyConverter
    /// copies key, start, period and risk only), and revised keys are not read (ENI; trap 1).
    #[default]
    AsPublished,
    /// What the documentation says: all fields of a key and revised keys are honoured.
    AsDocumented,
}

impl Reading {
    /// The keys that count, in the order in which they are matched.
    pub fn keys<'a>(self, keys: &'a [DiagnosisKey], revised: &'a [DiagnosisKey]) -> impl Iterator<Item = DiagnosisKey> + 'a {
        let (revised, bare) = match self {
            Reading::AsPublished => (&[][..], true),
            Reading::AsDocumented => (revised, false),
        };
        keys.iter().chain(revised).map(move |key| match bare {
            true => DiagnosisKey { report_type: None, days_since_onset: None, ..key.clone() },
            false => key.clone(),
        })
    }
}

/// The keys that a phone hands over when its app asks for them (section 1, key hand-over).
///
/// Without `same_day` the current day's key stays on the phone. With it (version 1.7 and later, allow-listed apps) the
/// current key is cut at `now`: it is handed over with the period that has passed, and the phone goes on with a new key of
/// the same rolling start. Keys older than 14 days are gone.
pub fn hand_over_keys(keys: &[TemporaryExposureKey], now: crate::time::Enin, same_day: bool) -> Vec<TemporaryExposureKey> {
    const KEPT_DAYS: u32 = 14;
    let per_day = RPIS_A_KEY as u32;
    let today = now.0 / per_day * per_day;
    let oldest = today.saturating_sub(KEPT_DAYS * per_day);
    keys.iter()
        .filter(|k| k.rolling_start.0 >= oldest && k.rolling_start.0 <= today)
        .filter_map(|k| {
            if k.rolling_start.0 < today {
                return Some(*k);
            }
            let passed = (now.0 - today).min(k.period() as u32);
            (same_day && passed > 0).then_some(TemporaryExposureKey { rolling_period: passed, ..*k })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Enin;

    fn key(start: u32) -> TemporaryExposureKey {
        TemporaryExposureKey { key: [start as u8; 16], rolling_start: Enin(start), rolling_period: 144 }
    }

    #[test]
    fn the_current_key_stays_unless_it_is_cut() {
        let day = 144 * 18_500;
        let keys = [key(day - 15 * 144), key(day - 14 * 144), key(day - 144), key(day)];
        let now = Enin(day + 104);
        let periods =
            |same_day| hand_over_keys(&keys, now, same_day).iter().map(|k| (k.rolling_start.0, k.rolling_period)).collect::<Vec<_>>();
        assert_eq!(periods(false), [(day - 14 * 144, 144), (day - 144, 144)]);
        assert_eq!(periods(true), [(day - 14 * 144, 144), (day - 144, 144), (day, 104)]);
        assert_eq!(hand_over_keys(&keys, Enin(day), true).len(), 2, "nothing of today has passed");
    }

    #[test]
    fn trap_01_report_type_onset_and_revised_keys_count_as_documented_only() {
        let plain = DiagnosisKey {
            tek: key(144),
            transmission_risk_level: 3,
            report_type: Some(ReportType::SelfReport),
            days_since_onset: Some(-2),
        };
        let revised = DiagnosisKey { report_type: Some(ReportType::Revoked), ..plain.clone() };
        let published: Vec<_> = Reading::AsPublished.keys(std::slice::from_ref(&plain), std::slice::from_ref(&revised)).collect();
        assert_eq!(published, [DiagnosisKey { report_type: None, days_since_onset: None, ..plain.clone() }]);
        let documented: Vec<_> = Reading::AsDocumented.keys(std::slice::from_ref(&plain), std::slice::from_ref(&revised)).collect();
        assert_eq!(documented, [plain, revised]);
    }

    #[test]
    fn a_key_is_cut_to_its_own_period_and_one_of_tomorrow_stays() {
        let day = 144 * 18_500;
        let short = TemporaryExposureKey { rolling_period: 90, ..key(day) };
        let handed_over = hand_over_keys(&[short, key(day + 144)], Enin(day + 104), true);
        assert_eq!(handed_over, [short], "it ended before now");
    }

    #[test]
    fn report_types_have_the_numbers_of_the_export() {
        use ReportType::{ConfirmedClinicalDiagnosis, ConfirmedTest, Recursive, Revoked, SelfReport, Unknown};
        let types = [Unknown, Unknown, ConfirmedTest, ConfirmedClinicalDiagnosis, SelfReport, Recursive, Revoked, Unknown];
        assert_eq!([-1, 0, 1, 2, 3, 4, 5, 6].map(ReportType::from_number), types);
        assert!(types[1..7].iter().zip(0..).all(|(report_type, number)| *report_type as i32 == number));
    }
}

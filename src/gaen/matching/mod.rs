//! From stored sightings and diagnosis keys to matches: the per-phone reference, and one index for a whole population.

mod filter;
mod per_phone;
mod population;
mod tracer;

pub use per_phone::{StoreIndex, match_store};
pub use population::PublishedIndex;
pub(super) use tracer::SAME_SCAN_S;
pub use tracer::{IdentifiedSighting, KeyMatch, MatchedSighting, Tracer, match_identified};

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        gaen::{DiagnosisKey, Metadata, MetadataCipher, ReportType, Sighting, TemporaryExposureKey, derive_rpis},
        time::Enin,
    };

    fn key(byte: u8, start: u32, period: u32) -> DiagnosisKey {
        let tek = TemporaryExposureKey { key: [byte; 16], rolling_start: Enin(start), rolling_period: period };
        DiagnosisKey { tek, transmission_risk_level: 0, report_type: None, days_since_onset: None }
    }

    fn sighting(key: &DiagnosisKey, rpi: usize, t_s: i64, rssi_dbm: i8, tx_power_dbm: i8) -> Sighting {
        let rpi = derive_rpis(&key.tek)[rpi];
        let metadata = Metadata { major: 1, minor: 1, calibration_confidence: 3, tx_power_dbm }.encode();
        let aem = MetadataCipher::new(&key.tek.key).apply(&rpi, metadata);
        Sighting { rpi, aem, t_s: t_s as u32, rssi_dbm, previous_scan_s: 0 }
    }

    fn raw_of(key: &DiagnosisKey, sightings: &[Sighting]) -> Vec<u32> {
        match_store(sightings, std::slice::from_ref(key)).iter().flat_map(|m| m.raw.iter().map(|s| s.t_s)).collect()
    }

    const START: u32 = 144 * 18_500;

    #[test]
    fn tolerance_is_twelve_intervals_both_ends_inclusive() {
        let k = key(1, START, 144);
        let rpi_start = (i64::from(START) + 72) * 600;
        for (offset, matches) in [(-12 * 600, true), (-12 * 600 - 1, false), (13 * 600 - 1, true), (13 * 600, false)] {
            assert_eq!(!raw_of(&k, &[sighting(&k, 72, rpi_start + offset, -60, -20)]).is_empty(), matches, "{offset} s");
        }
    }

    #[test]
    fn an_rpi_heard_over_1200_s_after_its_first_sighting_is_dropped() {
        let k = key(1, START, 144);
        let t = (i64::from(START) + 10) * 600;
        let heard: Vec<_> = [0, 1200, 1201].iter().map(|d| sighting(&k, 10, t + d, -60, -20)).collect();
        assert_eq!(raw_of(&k, &heard).len(), 2);
    }

    #[test]
    fn only_the_period_matches_and_zero_reads_as_144() {
        let t = (i64::from(START) + 100) * 600;
        for (period, matches) in [(100, false), (101, true), (144, true), (0, true)] {
            let k = key(1, START, period);
            assert_eq!(!raw_of(&k, &[sighting(&k, 100, t, -60, -20)]).is_empty(), matches, "period {period}");
        }
    }

    #[test]
    fn transmit_powers_no_phone_has_are_dropped() {
        let k = key(1, START, 144);
        for (tx, matches) in [(-50, true), (-51, false), (20, true), (21, false)] {
            assert_eq!(!raw_of(&k, &[sighting(&k, 0, i64::from(START) * 600, -60, tx)]).is_empty(), matches, "{tx} dBm");
        }
    }

    #[test]
    fn a_scan_is_represented_by_its_strongest_sighting() {
        let k = key(1, START, 144);
        let t = i64::from(START) * 600;
        let store: Vec<_> = [(0, -70), (25, -60), (50, -60), (76, -80)].map(|(after, rssi)| sighting(&k, 0, t + after, rssi, -20)).into();
        let found = match_store(&store, &[k]);
        let aggregated: Vec<_> = found[0].aggregated.iter().map(|s| (i64::from(s.t_s) - t, s.attenuation_db)).collect();
        assert_eq!(aggregated, [(25, 40), (76, 60)]);
        assert_eq!(found[0].raw.len(), 4);
    }

    fn typed(mut key: DiagnosisKey, report_type: ReportType) -> DiagnosisKey {
        key.report_type = Some(report_type);
        key
    }

    #[test]
    fn trap_11_a_matched_key_stays_matched_and_another_period_is_refused() {
        let t = (i64::from(START) + 120) * 600;
        // The first copy ends before the RPI that was heard: no result, but the key has been attempted.
        let short = key(1, START, 100);
        let whole = key(1, START, 144);
        let heard = [sighting(&whole, 120, t, -60, -20)];
        assert!(match_store(&heard, &[short.clone(), whole.clone()]).is_empty());
        assert_eq!(match_store(&heard, &[whole.clone(), short]).len(), 1);
        let again = DiagnosisKey { transmission_risk_level: 7, ..whole.clone() };
        let found = match_store(&heard, &[whole, again]);
        assert_eq!(found.iter().map(|m| m.key).collect::<Vec<_>>(), [0]);
    }

    #[test]
    fn a_revision_rewrites_the_report_type_once_where_it_may() {
        use ReportType::{ConfirmedClinicalDiagnosis, ConfirmedTest, Recursive, Revoked, SelfReport};
        let t = (i64::from(START) + 10) * 600;
        let heard = [sighting(&key(1, START, 144), 10, t, -60, -20)];
        let after = |types: &[ReportType]| {
            let keys: Vec<_> = types.iter().map(|t| typed(key(1, START, 144), *t)).collect();
            match_store(&heard, &keys).iter().map(|m| m.report_type).collect::<Vec<_>>()
        };
        assert_eq!(after(&[SelfReport, ConfirmedTest]), [Some(ConfirmedTest)]);
        assert_eq!(after(&[SelfReport, ConfirmedClinicalDiagnosis, ConfirmedTest]), [Some(ConfirmedClinicalDiagnosis)], "once only");
        assert_eq!(after(&[ConfirmedClinicalDiagnosis, Revoked]), [Some(Revoked)]);
        assert_eq!(after(&[ConfirmedTest, Revoked]), [Some(ConfirmedTest)], "not allowed");
        assert_eq!(after(&[Recursive]), []);
        assert_eq!(after(&[Revoked, ConfirmedTest]), [], "a withdrawn key hides what comes later");
    }

    #[test]
    fn trap_06_a_start_that_is_not_a_day_loses_identifiers_two_days_on() {
        // Starts at 23:00 UTC with clock tolerance: an RPI of the next day's end heard two hours late falls on day d + 2.
        let k = key(1, START + 138, 144);
        let i = 143;
        let t = (i64::from(START) + 138 + i) * 600;
        assert_eq!(raw_of(&k, &[sighting(&k, i as usize, t, -60, -20)]).len(), 1);
        let late = t + 7200;
        assert_eq!(late / 86_400, i64::from(START / 144) + 2);
        assert!(raw_of(&k, &[sighting(&k, i as usize, late, -60, -20)]).is_empty(), "within tolerance, but filed under d + 2");
    }

    #[test]
    fn trap_05_a_scan_across_two_identifiers_is_two_sightings_in_v1() {
        let k = key(1, START, 144);
        let t = (i64::from(START) + 11) * 600 - 1;
        let heard = [sighting(&k, 10, t, -60, -20), sighting(&k, 11, t + 2, -62, -20)];
        let found = match_store(&heard, &[k]);
        assert_eq!((found[0].raw.len(), found[0].aggregated.len()), (2, 2));
    }

    #[test]
    fn a_sighting_filed_on_the_day_before_or_after_the_keys_is_found() {
        let k = key(1, START, 144);
        let day_s = i64::from(START) * 600;
        for (rpi, t_s) in [(0, day_s - 1), (11, day_s - 600), (143, day_s + 86_400), (143, day_s + 86_400 + 7199)] {
            assert_eq!(raw_of(&k, &[sighting(&k, rpi, t_s, -60, -20)]), [t_s as u32], "{} s into the key's day", t_s - day_s);
        }
    }

    #[test]
    fn an_attenuation_is_never_negative() {
        let k = key(1, START, 144);
        let attenuation_db =
            |rssi| match_store(&[sighting(&k, 0, i64::from(START) * 600, rssi, -20)], std::slice::from_ref(&k))[0].raw[0].attenuation_db;
        assert_eq!([-127, -60, -21, -20, -19, 126].map(attenuation_db), [107, 40, 1, 0, 0, 0]);
    }

    #[test]
    fn a_sighting_outside_the_tolerance_starts_no_replay() {
        let k = key(1, START, 144);
        let rpi_start = (i64::from(START) + 72) * 600;
        let heard: Vec<_> = [-7201, -7200, -6000, -5999].iter().map(|d| sighting(&k, 72, rpi_start + d, -60, -20)).collect();
        assert_eq!(raw_of(&k, &heard), [-7200, -6000].map(|d| (rpi_start + d) as u32));
    }

    #[test]
    fn a_replay_is_told_by_time_and_not_by_the_order_in_the_store() {
        let k = key(1, START, 144);
        let t = (i64::from(START) + 10) * 600;
        let heard = [1201, 1200, 0].map(|after| sighting(&k, 10, t + after, -60, -20));
        assert_eq!(raw_of(&k, &heard), [t as u32, t as u32 + 1200]);
    }

    /// A receiver whose clock was set back hears a later identifier earlier.
    #[test]
    fn sightings_come_in_time_order_with_what_the_receiver_stored() {
        let k = key(1, START, 144);
        let t = (i64::from(START) + 10) * 600;
        let with_previous = |rpi, after, previous_scan_s| Sighting { previous_scan_s, ..sighting(&k, rpi, t + after, -60, -20) };
        let heard = [with_previous(10, 900, 2), with_previous(11, 0, 1), with_previous(12, 300, 0)];
        let found = match_store(&heard, &[k]);
        for list in [&found[0].raw, &found[0].aggregated] {
            let stored: Vec<_> = list.iter().map(|s| (i64::from(s.t_s) - t, s.previous_scan_s, s.calibration_confidence)).collect();
            assert_eq!(stored, [(0, 1, 3), (300, 0, 3), (900, 2, 3)]);
        }
    }

    /// Nothing was heard of the key in the first call, or nothing that counts: it may come again with another period.
    #[test]
    fn a_key_nothing_spoke_for_may_come_with_another_period() {
        let (short, whole) = (key(1, START, 100), key(1, START, 144));
        let t = (i64::from(START) + 120) * 600;
        for first in [vec![], vec![sighting(&whole, 120, t + 9000, -60, -20)]] {
            let mut tracer = Tracer::default();
            assert!(StoreIndex::new(&first).match_keys(std::slice::from_ref(&short), &mut tracer).is_empty());
            let heard = [sighting(&whole, 120, t, -60, -20)];
            assert_eq!(StoreIndex::new(&heard).match_keys(std::slice::from_ref(&whole), &mut tracer).len(), 1);
        }
    }

    /// From a row's type to a column's: a self report may be confirmed, diagnosed or withdrawn, a diagnosis confirmed or
    /// withdrawn. A missing type reads as the mapping says.
    #[test]
    fn report_types_change_where_they_may() {
        use ReportType::{ConfirmedClinicalDiagnosis, ConfirmedTest, Revoked, SelfReport, Unknown};
        let heard = [sighting(&key(1, START, 144), 10, (i64::from(START) + 10) * 600, -60, -20)];
        let all = [ConfirmedTest, ConfirmedClinicalDiagnosis, SelfReport, Revoked];
        for (from, allowed) in
            [(SelfReport, [true, true, false, true]), (ConfirmedClinicalDiagnosis, [true, false, false, true]), (ConfirmedTest, [false; 4])]
        {
            for (to, allowed) in all.into_iter().zip(allowed) {
                let found = match_store(&heard, &[typed(key(1, START, 144), from), typed(key(1, START, 144), to)]);
                assert_eq!(found[0].report_type, Some(if allowed { to } else { from }), "{from:?} to {to:?}");
            }
        }
        for missing in [None, Some(Unknown)] {
            let second = DiagnosisKey { report_type: missing, ..key(1, START, 144) };
            let found = match_store(&heard, &[typed(key(1, START, 144), SelfReport), second]);
            assert_eq!(found[0].report_type, Some(ConfirmedTest));
        }
    }

    /// An identifier that shares its first eight bytes with a published one, and passes the filter, which reads the last
    /// eight without their top 14 bits.
    #[test]
    fn eight_equal_bytes_are_no_match() {
        let k = key(1, START, 144);
        let t = (i64::from(START) + 10) * 600;
        let own = sighting(&k, 10, t, -60, -20);
        let mut alike = Sighting { t_s: own.t_s + 300, ..own };
        alike.rpi[15] ^= 0x80;
        for (heard, times) in [(vec![alike], vec![]), (vec![own, alike], vec![own.t_s]), (vec![alike, own], vec![own.t_s])] {
            let mut by_population = PublishedIndex::new(std::slice::from_ref(&k)).match_store(&heard, &mut Tracer::default());
            assert_eq!(match_store(&heard, std::slice::from_ref(&k)), by_population);
            let found: Vec<u32> = by_population.drain(..).flat_map(|m| m.raw).map(|s| s.t_s).collect();
            assert_eq!(found, times);
        }
    }

    proptest! {
        /// The population matcher finds what the per-phone reference finds: duplicate keys, skewed clocks, report types and all.
        #[test]
        fn both_matchers_agree(
            keys in prop::collection::vec((0..6u8, 0..3u32, 0..160u32, 0..7i32), 1..12),
            heard in prop::collection::vec((0..12usize, 0..144usize, -9000..9000i64, -110..-20i8, -60..30i8), 0..80),
        ) {
            let keys: Vec<_> = keys
                .into_iter()
                .map(|(byte, day, period, t)| DiagnosisKey {
                    report_type: (t < 6).then(|| ReportType::from_number(t)),
                    ..key(byte, START + day * 144, period)
                })
                .collect();
            let mut sightings: Vec<_> = heard
                .into_iter()
                .map(|(k, rpi, skew, rssi, tx)| {
                    let k = &keys[k % keys.len()];
                    sighting(k, rpi, (i64::from(k.tek.rolling_start.0) + rpi as i64) * 600 + skew, rssi, tx)
                })
                .collect();
            sightings.sort_by_key(|s| s.t_s);
            // In two calls, so that what a phone remembers matters too.
            let (first, second) = keys.split_at(keys.len() / 2);
            let (mut a, mut b) = (Tracer::default(), Tracer::default());
            for part in [first, second] {
                let reference = StoreIndex::new(&sightings).match_keys(part, &mut a);
                prop_assert_eq!(reference, PublishedIndex::new(part).match_store(&sightings, &mut b));
            }
        }

        /// Of each key alone, sightings with known identifiers give what the store gives: skewed clocks, replays, odd powers, several
        /// identifiers in a scan, periods and report types. The lists of the match before are reused.
        #[test]
        fn known_identifiers_match_as_derived_ones_do(
            keys in prop::collection::vec((0..3u32, 0..160u32, 0..7i32), 1..4),
            heard in prop::collection::vec((0..4usize, 0..144u8, 0..6u8, -9000..9000i64, -110..-20i8, -60..30i8), 0..60),
            in_time_order in prop::bool::ANY,
        ) {
            let keys: Vec<_> = keys
                .into_iter()
                .zip(1..)
                .map(|((day, period, t), byte)| DiagnosisKey {
                    report_type: (t < 6).then(|| ReportType::from_number(t)),
                    ..key(byte, START + day * 144, period)
                })
                .collect();
            let mut store: Vec<(usize, IdentifiedSighting, Sighting)> = heard
                .into_iter()
                .map(|(k, rpi, few, skew, rssi_dbm, tx_power_dbm)| {
                    let k = k % keys.len();
                    // Of most keys few identifiers, and most of them heard near their own time, so that scans and replays occur.
                    let (rpi, skew) = if few > 0 { (140 + rpi % 4, skew / 10) } else { (rpi, skew) };
                    let t_s = (i64::from(keys[k].tek.rolling_start.0) + i64::from(rpi)) * 600 + skew;
                    let stored = Sighting { previous_scan_s: few.into(), ..sighting(&keys[k], rpi.into(), t_s, rssi_dbm, tx_power_dbm) };
                    let known = IdentifiedSighting {
                        t_s: t_s as u32,
                        previous_scan_s: few.into(),
                        rpi,
                        rssi_dbm,
                        tx_power_dbm,
                        calibration_confidence: 3,
                    };
                    (k, known, stored)
                })
                .collect();
            if in_time_order {
                store.sort_by_key(|(_, _, s)| s.t_s);
            }
            let sightings: Vec<Sighting> = store.iter().map(|(_, _, s)| *s).collect();
            let mut found = KeyMatch::default();
            for (k, key) in keys.iter().enumerate() {
                let mut known = store.iter().filter(|(of, ..)| *of == k).map(|(_, known, _)| *known).collect();
                let is_match = match_identified(key, &mut known, &mut found);
                let alone = std::slice::from_ref(key);
                let expected = match_store(&sightings, alone);
                prop_assert_eq!(is_match.then_some(&found), expected.first());
                prop_assert_eq!(&PublishedIndex::new(alone).match_store(&sightings, &mut Tracer::default()), &expected);
            }
        }
    }
}

//! The same links at the same distances and times, simulated.

use std::f32::consts::{PI, SQRT_2};

use crate::{
    math,
    mobility::{Carriage, PerCarriage},
    population::PhoneModel,
    radio::{BODY_RADIUS_M, CalibrationTable, Devices, Environment, EnvironmentConfig, Link, LinkState, RadioModel, ScanAsked, Without},
    random::{Keyed, Seed, Stream},
};

use super::read::{MeasuredScan, MeasuredScenario};

const MINUTE_S: f64 = 60.0;

/// How a measured scenario is simulated.
#[derive(Clone, Debug)]
pub struct Replica<'a> {
    /// The radio model (its seed is that of the run).
    pub model: &'a RadioModel,
    /// The calibration table that attenuation is computed with.
    pub table: &'a CalibrationTable,
    /// The environment.
    pub environment: &'a Environment,
    /// How phones are carried, as weights; the environment's own mix unless overridden.
    pub carriage: PerCarriage<f32>,
}

impl Replica<'_> {
    /// The environment's numbers, with the ways of carrying of the replica.
    pub(super) fn as_carried(&self) -> EnvironmentConfig {
        EnvironmentConfig { carriage_mix: self.carriage.clone(), ..self.environment.config.clone() }
    }
}

/// One run over a scenario: typical attenuation of each scan, `None` where nothing was heard.
///
/// What the file does not say is drawn: each phone's errors, floor, carriage and its loss once a run; which way each person
/// faces the other and how many third persons stand in the line, held for the environment's turning time; where between the two
/// measured positions the phones are, from carriage, facing and the error of the positions. A scan whose distance is unknown
/// takes the pair's nearest known one in time, else the middle one of the scenario. Times whole minutes apart are known to
/// the minute. A phone that had not begun to advertise ([`MeasuredScenario::silent`]) is not heard.
pub fn simulate(replica: &Replica<'_>, scenario: &MeasuredScenario, seed: Seed) -> Vec<Option<f32>> {
    let Replica { model, table, environment, carriage } = replica;
    let model = &model.with_seed(seed);
    let (config, radio) = (&environment.config, model.config());
    let phones: Vec<(u32, PhoneModel)> = scenario
        .phones
        .iter()
        .map(|(_, name)| {
            let first = scenario.phones.iter().position(|(_, n)| n == name).unwrap_or(0) as u32;
            (first, table.phone_model(name))
        })
        .collect();
    let devices = Devices::of_models(radio, table, phones.iter().map(|(i, m)| (*i, m)), seed);
    let carried: Vec<Carriage> =
        (0..phones.len()).map(|i| draw_carriage(carriage, Keyed::new(seed, Stream::Carriage).uniform(i as u32, 0, 0) as f32)).collect();
    let losses: Vec<f32> = (0..phones.len())
        .map(|i| {
            let word = Keyed::new(seed, Stream::CarriageLoss).block(i as u32, 0, 0, 0)[0];
            model.carriage_loss_of_db(carried[i], word)
        })
        .collect();
    let packets_a_channel: Vec<u32> = phones.iter().map(|(_, phone)| radio.packets_a_channel(radio.scan_of(phone.os).length_s)).collect();
    let distances = distances_m(scenario);
    let others = others_in_line(scenario);
    let silent = scenario.silent();
    let open = Keyed::new(seed, Stream::MeasuredLink);
    let first_s = scenario.scans.iter().map(|s| s.t_s).fold(f64::INFINITY, f64::min);
    // Of times that lie whole minutes apart the second is unknown: each receiver scans at one of its own.
    let unknown_s = if scenario.scans.iter().all(|s| (s.t_s - first_s).rem_euclid(MINUTE_S) == 0.0) { MINUTE_S } else { 0.0 };
    scenario
        .scans
        .iter()
        .zip(distances)
        .zip(others)
        .zip(silent)
        .map(|(((scan, distance_m), others), silent)| {
            if silent {
                return None;
            }
            let (o, t) = (scan.receiver as u32, scan.transmitter as u32);
            let (a, b) = (o.min(t), o.max(t));
            // Knots count from 1970; any whole number of spacings on is as good.
            let since_first_s = scan.t_s - first_s + open.uniform(o, o, 1) * unknown_s;
            let t_s = 1_600_000_000 + since_first_s as i64;
            let turn = (since_first_s / f64::from(config.turning_time_s)) as u32;
            // Angle between the phone's outward direction and the way to the peer, either side.
            let outward_rad = |who: u32, whom: u32| {
                let uniform = open.uniform(who, whom, turn) as f32;
                (2.0 * uniform - 1.0) * config.facing_spread_deg.to_radians()
            };
            // From one phone to the other: the persons' distance with the error of both positions, which stays with the pair, less
            // what each phone lies towards the other.
            let error = open.block(a, b, 0, 1);
            let error_m = |word: u32| radio.measured_position_sd_m * SQRT_2 * model.normal(word);
            let apart_m = math::hypot(distance_m + error_m(error[0]), error_m(error[1]));
            let carriage = [carried[scan.receiver], carried[scan.transmitter]];
            let link = LinkState {
                environment,
                geometry: model.geometry_apart(apart_m, carriage, [outward_rad(o, t), outward_rad(t, o)]),
                carriage,
                carriage_db: [losses[scan.receiver], losses[scan.transmitter]],
                barriers_db: 0.0,
                pair_offset_db: model.pair_offset_db(environment, (a, b), 0),
                devices_db: [devices.rx_error_db[scan.receiver], devices.tx_error_db[scan.transmitter]],
            };
            let uniform = open.block(a, b, turn, 3)[0] as f32 / 4_294_967_296.0;
            let third_persons = poisson(others, uniform, radio.third_persons_max);
            let asked = ScanAsked {
                t_s,
                steady_db: model.terms(&link, Without::default()).total_db(),
                clear: model.clear(scenario.phones.len()),
                packets_a_channel: packets_a_channel[scan.receiver],
            };
            let moves = (open.block(o, t, t_s as u32, 2)[0] as f32) < config.moving_share * 4_294_967_296.0;
            let link = Link::new(model, environment, (o, t), 0, !moves, devices.ceiling_db(scan.transmitter, scan.receiver));
            link.scan(&asked, third_persons).map(|heard| heard.mean_db)
        })
        .collect()
}

/// How many third persons stand in the line of each scan, as expected from its receiver's other distances in the same scan: somebody
/// at a distance s, nearer than the transmitter, covers `asin(r / s) / π` of all directions with a body of radius r. People are taken
/// to stand every way from the receiver, independently (weakness: those who talk, or queue, do not), and people without a
/// phone in the file are not there.
fn others_in_line(scenario: &MeasuredScenario) -> Vec<f32> {
    let same_scan = |a: &MeasuredScan, b: &MeasuredScan| (a.t_s, a.receiver) == (b.t_s, b.receiver);
    scenario
        .scans
        .chunk_by(same_scan)
        .flat_map(|scan| {
            scan.iter().map(|of| {
                let nearer = scan.iter().filter_map(|other| other.distance_m).filter(|s| of.distance_m.is_some_and(|d| *s < d));
                nearer.map(|s| math::asin((BODY_RADIUS_M / s).min(1.0)) / PI).sum()
            })
        })
        .collect()
}

/// The number that a Poisson law of this mean puts at a share of the way from few to many; no more than `most`.
fn poisson(mean: f32, share: f32, most: u32) -> u32 {
    let (mut number, mut term) = (0, math::exp(-mean));
    let mut below = term;
    while number < most && share >= below {
        number += 1;
        term *= mean / number as f32;
        below += term;
    }
    number
}

fn draw_carriage(weights: &PerCarriage<f32>, uniform: f32) -> Carriage {
    let total: f32 = weights.each().into_iter().sum();
    let mut below = 0.0;
    for carriage in Carriage::ALL {
        below += weights.of(carriage) / total;
        if uniform < below {
            return carriage;
        }
    }
    Carriage::Hand
}

fn distances_m(scenario: &MeasuredScenario) -> Vec<f32> {
    let pair = |s: &MeasuredScan| (s.receiver.min(s.transmitter), s.receiver.max(s.transmitter));
    let mut known: std::collections::BTreeMap<(usize, usize), Vec<(f64, f32)>> = std::collections::BTreeMap::new();
    for s in &scenario.scans {
        if let Some(d) = s.distance_m {
            known.entry(pair(s)).or_default().push((s.t_s, d));
        }
    }
    let mut all: Vec<f32> = scenario.scans.iter().filter_map(|s| s.distance_m).collect();
    all.sort_by(f32::total_cmp);
    let middle = all.get(all.len() / 2).copied().unwrap_or(2.0);
    scenario
        .scans
        .iter()
        .map(|s| {
            s.distance_m.unwrap_or_else(|| {
                let near = known.get(&pair(s)).and_then(|of| of.iter().min_by(|x, y| (x.0 - s.t_s).abs().total_cmp(&(y.0 - s.t_s).abs())));
                near.map_or(middle, |(_, d)| *d)
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scan(t_s: f64, receiver: usize, transmitter: usize, distance_m: Option<f32>) -> MeasuredScan {
        MeasuredScan { t_s, receiver, transmitter, distance_m, seconds: 240.0, typical_db: None }
    }

    /// At 0.4 m a body of 0.2 m covers 30° either side, a sixth of all directions; at 1 m 11.54°.
    #[test]
    fn whoever_is_nearer_may_stand_in_the_line() {
        let scans = vec![
            scan(10.0, 0, 1, Some(2.0)),
            scan(10.0, 0, 2, Some(0.4)),
            scan(10.0, 0, 3, Some(1.0)),
            scan(10.0, 0, 4, None),
            // Another scan, another receiver: their distances are their own.
            scan(10.0, 1, 0, Some(2.0)),
            scan(250.0, 0, 1, Some(2.0)),
        ];
        let expected = others_in_line(&MeasuredScenario { scans, ..MeasuredScenario::default() });
        let near_and_far = [1.0 / 6.0, 11.54 / 180.0];
        for (found, right) in expected.iter().zip([near_and_far[0] + near_and_far[1], 0.0, near_and_far[0], 0.0, 0.0, 0.0]) {
            assert!((found - right).abs() < 1e-4, "{expected:?}");
        }
    }

    #[test]
    fn numbers_of_people_come_as_often_as_their_law_says() {
        let mut counts = [0u32; 4];
        (0..10_000).for_each(|i| counts[poisson(0.5, (i as f32 + 0.5) / 10_000.0, 2) as usize] += 1);
        // exp(-0.5), half of it, and all the rest at the most that counts.
        assert_eq!(counts, [6065, 3033, 902, 0]);
        assert_eq!((poisson(0.0, 0.999_999, 2), poisson(0.5, 0.99, 0)), (0, 0));
    }
}

//! The same links at the same distances and times, simulated.

use std::f32::consts::SQRT_2;

use crate::{
    mobility::{Carriage, PerCarriage},
    population::PhoneModel,
    radio::{
        calibration::{CalibrationTable, Devices},
        kernel::LinkLevel,
        model::{Environment, LinkTerms, RadioModel, Streams},
    },
    random::{Keyed, Seed, Stream},
    units::Point,
};

use super::read::MeasuredScenario;

/// How a measured scenario is simulated.
#[derive(Clone, Debug)]
pub struct Replica<'a> {
    /// The radio model (its seed is that of the run).
    pub model: &'a RadioModel,
    /// The calibration table that attenuation is told by.
    pub table: &'a CalibrationTable,
    /// The environment.
    pub environment: &'a Environment,
    /// How phones are carried, as weights; the environment's own mix unless overridden.
    pub carriage: PerCarriage<f32>,
}

/// One run over a scenario: typical attenuation of each scan, `None` where nothing was heard.
///
/// What the file does not say is drawn: each phone's errors, floor, carriage and its loss once a run; which way each person
/// faces the other, held for the environment's turning time; where between the two measured positions the phones are, from
/// carriage, facing and the error of the positions. A scan whose distance is unknown takes the pair's nearest known one in
/// time, else the middle one of the scenario. A phone that had not begun to advertise ([`MeasuredScenario::silent`]) is
/// not heard.
pub fn simulate(replica: &Replica<'_>, scenario: &MeasuredScenario, seed: Seed) -> Vec<Option<f32>> {
    let Replica { model, table, environment, carriage } = replica;
    let config = &environment.config;
    let phones: Vec<(u32, PhoneModel)> = scenario
        .phones
        .iter()
        .map(|(_, name)| {
            let first = scenario.phones.iter().position(|(_, n)| n == name).unwrap_or(0) as u32;
            (first, table.phone_model(name))
        })
        .collect();
    let devices = Devices::of_models(&model.config, table, phones.iter().map(|(i, m)| (*i, m)), seed);
    let carried: Vec<Carriage> =
        (0..phones.len()).map(|i| draw_carriage(carriage, Keyed::new(seed, Stream::Carriage).uniform(i as u32, 0, 0) as f32)).collect();
    let losses: Vec<f32> = (0..phones.len())
        .map(|i| {
            let c = model.config.carriage.of(carried[i]);
            let word = Keyed::new(seed, Stream::CarriageLoss).block(i as u32, 0, 0, 0)[0];
            c.loss_db + c.loss_sd_db * model.normal.at(word as u16)
        })
        .collect();
    let packets_a_channel: Vec<u32> =
        phones.iter().map(|(_, phone)| model.config.packets_a_channel(model.config.scan_of(phone.os).length_s)).collect();
    let distances = distances_m(scenario);
    let streams = Streams::new(seed);
    let silent = scenario.silent();
    let open = Keyed::new(seed, Stream::MeasuredLink);
    let first_s = scenario.scans.iter().map(|s| s.t_s).fold(f64::INFINITY, f64::min);
    scenario
        .scans
        .iter()
        .zip(distances)
        .zip(silent)
        .map(|((scan, distance_m), silent)| {
            if silent {
                return None;
            }
            let (o, t) = (scan.receiver as u32, scan.transmitter as u32);
            let (a, b) = (o.min(t), o.max(t));
            let shadowing = model.shadowing(&streams, environment, (o, t), 0);
            // Knots count from 1970; any whole number of spacings on is as good.
            let since_first_s = scan.t_s - first_s;
            let t_s = 1_600_000_000 + since_first_s as i64;
            let moment = model.blend.at(t_s, environment.knot_rate);
            let turn = (since_first_s / f64::from(config.turning_time_s)) as u32;
            // Angle between the phone's outward direction and the way to the peer, either side.
            let outward_rad = |who: u32, whom: u32| {
                let uniform = open.uniform(who, whom, turn) as f32;
                (2.0 * uniform - 1.0) * config.facing_spread_deg.to_radians()
            };
            let body_db = |who: u32, angle_rad: f32| {
                let share = model.config.carriage.of(carried[who as usize]).body_share;
                -config.body_db * share * angle_rad.cos() / 2.0
            };
            let (angle_o, angle_t) = (outward_rad(o, t), outward_rad(t, o));
            // From one phone to the other: the persons' distance, less what each phone lies towards the other, and the
            // error of both positions, which stays with the pair.
            let offset = |who: u32, angle_rad: f32| {
                let reach_m = model.config.carriage.of(carried[who as usize]).offset_m;
                Point { x_m: reach_m * angle_rad.cos(), y_m: reach_m * angle_rad.sin() }
            };
            let (from, to) = (offset(o, angle_o), offset(t, angle_t));
            let error = open.block(a, b, 0, 1);
            let error_m = |word: u32| model.config.measured_position_sd_m * SQRT_2 * model.normal.at(word as u16);
            let phones_m = (distance_m - from.x_m - to.x_m + error_m(error[0])).hypot(from.y_m - to.y_m + error_m(error[1]));
            let terms = LinkTerms {
                distance_db: environment.distance_db(phones_m),
                carriage_db: losses[scan.receiver] + losses[scan.transmitter],
                body_db: body_db(o, angle_o) + body_db(t, angle_t),
                pair_offset_db: streams.pair_offset_db(&model.normal, environment, a, b, 0),
                devices_db: devices.tx_error_db[scan.transmitter] + devices.rx_error_db[scan.receiver],
                shadowing_db: shadowing.at(moment, &model.normal),
                ..LinkTerms::default()
            };
            let link = LinkLevel {
                mean_db: terms.total_db(),
                ceiling_db: devices.ceiling_db(scan.transmitter, scan.receiver),
                clear: model.reception.clear(scenario.phones.len()),
                scan_miss: config.scan_miss,
                packets_a_channel: packets_a_channel[scan.receiver],
            };
            let address = t_s as u32;
            let moves = (open.block(o, t, address, 2)[0] as f32) < config.moving_share * 4_294_967_296.0;
            streams.scan((o, t, address), link, environment, &model.reception, !moves).map(|r| r.mean_db)
        })
        .collect()
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
    let pair = |s: &super::MeasuredScan| (s.receiver.min(s.transmitter), s.receiver.max(s.transmitter));
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

//! One link taken apart: every term of its attenuation, and what a scan of it hears.

use serde::Serialize;

use crate::{
    encounter::{Crossing, crossings, line_of_sight},
    math,
    mobility::NO_ROOM,
    population::PhoneModel,
    units::Point,
    venue::FloorPlan,
};

use super::{
    calibration::CalibrationTable,
    config::CHANNELS,
    kernel::{LinkLevel, ScanResult},
    model::{Environment, RadioModel},
    terms::{Geometry, LinkEnd, LinkState, LinkTerms, Without},
};

/// Scans drawn to estimate what is heard.
const DRAWS: u32 = 40_000;

/// A term of the mean level.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LinkTermRow {
    /// What it is, in words.
    pub name: String,
    /// What it adds, dB.
    pub mean_db: f32,
    /// How it spreads from link to link or in time, dB (standard deviation).
    pub sd_db: f32,
    /// Key path of the scenario that states it, where its source stands.
    pub key: String,
}

/// A link between two people at rest, nobody else near.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LinkExplained {
    /// Name of the environment.
    pub environment: String,
    /// Between body centres, m.
    pub people_m: f32,
    /// Between phones, m.
    pub phones_m: f32,
    /// Every term.
    pub terms: Vec<LinkTermRow>,
    /// Their sum, dB.
    pub mean_db: f32,
    /// Spread of the sum, dB.
    pub sd_db: f32,
    /// Spread between packets around it, dB.
    pub fading_sd_db: f32,
    /// Attenuation at the receiver's floor, dB: beyond it nothing is heard.
    pub ceiling_db: f32,
    /// Length of the receiver's scans, s.
    pub scan_s: u32,
    /// Packets that the transmitter sends while a scan listens.
    pub packets_a_scan: u32,
    /// Share of scans that hear something.
    pub heard: f64,
    /// Mean number of packets that those hear.
    pub packets_heard: Option<f64>,
    /// Quantiles 5, 25, 50, 75, 95 % of the typical attenuation of those, dB.
    pub typical_db: [Option<f32>; 5],
    /// Where the two phones are.
    #[serde(skip)]
    pub phones: [Point; 2],
    /// Barriers that cost something.
    #[serde(skip)]
    pub crossings: Vec<Crossing>,
}

impl RadioModel {
    /// Takes the link from transmitter `ends[0]` to receiver `ends[1]` apart, without some of its terms; the phones are of the models
    /// given.
    pub fn explain(
        &self,
        plan: &FloorPlan,
        ends: [LinkEnd; 2],
        models: [&PhoneModel; 2],
        table: &CalibrationTable,
        without: Without,
    ) -> LinkExplained {
        let name = self.environment_name(plan, ends[0].room, ends[1].room).to_string();
        let environment = self.environment(plan, ends[0].room, ends[1].room);
        let (e, c) = (&environment.config, &self.config);
        let geometry = self.geometry(ends);
        let phones_m = geometry.phones_m;
        let reference = CalibrationTable::reference();
        let residuals = models.map(|m| table.residual(c, &reference, m));
        // The transmitter's, the receiver's: what is known of the model, what the table in use adds, and the spread.
        let errors_db = [
            (residuals[0].tx_db, residuals[0].tx_shift_db, residuals[0].tx_sd_db),
            (residuals[1].rx_db, residuals[1].rx_shift_db, residuals[1].rx_sd_db),
        ];
        let devices_db = errors_db.map(|(known_db, shift_db, _)| known_db + shift_db);
        let of = self.mean_terms(environment, plan, ends, geometry, devices_db, without);
        let key = |leaf: &str| format!("radio.environments.{name}.{leaf}");
        let mut terms = vec![
            row("level at 1 m, both phones on a table".into(), e.level_at_1m_db, 0.0, key("level_at_1m_db")),
            row(format!("distance, {phones_m:.2} m between the phones"), of.distance_db - e.level_at_1m_db, 0.0, key("exponent")),
        ];
        for (i, who) in ["transmitter", "receiver"].into_iter().enumerate() {
            let carriage = ends[i].carriage;
            let carried = c.carriage.of(carriage);
            terms.push(row(
                format!("{who}'s phone: {}", carriage.name().replace('_', " ")),
                of.carriage_db[i],
                carried.loss_sd_db,
                format!("radio.carriage.{}", carriage.name()),
            ));
            let angle_deg = math::acos(geometry.outward_cos[i].clamp(-1.0, 1.0)).to_degrees();
            terms.push(row(
                format!("{who}'s own body, phone {angle_deg:.0}° off the way to the other"),
                of.body_db[i],
                0.0,
                key("body_db"),
            ));
        }
        let crossed: Vec<Crossing> = crossings(ends[0].body, ends[1].body, plan).filter(|_| !without.walls).collect();
        for crossing in &crossed {
            let material = &plan.materials[plan.barriers[crossing.barrier].material].name;
            let angle_deg = math::acos(crossing.cos_incidence.clamp(0.0, 1.0)).to_degrees();
            terms.push(row(
                format!("{material}, {angle_deg:.0}° off the normal"),
                crossing.loss_db,
                0.0,
                format!("venue.materials.{material}"),
            ));
        }
        let spread = |name: &str, sd_db: f32, key: String| row(name.into(), 0.0, sd_db, key);
        terms.extend([
            if e.third_persons {
                spread("other people in the line: nobody (each adds the key's dB)", 0.0, "radio.third_person_db".into())
            } else {
                spread("other people in the line: in the level already", 0.0, key("third_persons"))
            },
            spread("this pair of spots (multipath)", e.pair_offset_sd_db, key("pair_offset_sd_db")),
            spread("fast shadowing", e.shadowing_sd_db, key("shadowing_sd_db")),
            spread("slow shadowing", e.slow_shadowing_sd_db, key("slow_shadowing_sd_db")),
        ]);
        for (i, who) in ["transmitter", "receiver"].into_iter().enumerate() {
            let (known_db, shift_db, sd_db) = errors_db[i];
            let name = format!("calibration error of the {who} ({})", models[i].model);
            terms.push(row(name, known_db, math::hypot(sd_db, c.handset_error_sd_db), residuals[i].keys[i].clone()));
            if shift_db != 0.0 {
                terms.push(row(format!("the calibration table's own reading of the {who}"), shift_db, 0.0, "radio.calibration".into()));
            }
        }
        let mean_db = of.total_db();
        let sd_db = terms.iter().map(|t| t.sd_db * t.sd_db).sum::<f32>().sqrt();
        let (correction_db, tx_power_dbm) = (table.of_phone(models[1]).0, table.of_phone(models[0]).1);
        let (floor_dbm, floor_sd_db) = c.floor_dbm(&models[1].model);
        let ceiling_db = f32::from(tx_power_dbm) - floor_dbm - f32::from(correction_db);
        let scan_s = c.scan_of(models[1].os).length_s;
        let packets_a_channel = c.packets_a_channel(scan_s);
        let results: Vec<ScanResult> = (0..DRAWS)
            .filter_map(|draw| {
                let spread = self.streams.shadowing.block(draw, 0, 0, 0);
                let link = LinkLevel {
                    mean_db: mean_db + sd_db * self.normal.at(spread[0] as u16),
                    ceiling_db: ceiling_db + floor_sd_db * self.normal.at(spread[1] as u16),
                    clear: 1.0,
                    scan_miss: e.scan_miss,
                    packets_a_channel,
                };
                self.streams.scan((draw, 0, 0), link, environment, &self.reception, true)
            })
            .collect();
        let mut typical: Vec<f32> = results.iter().map(|r| r.mean_db).collect();
        typical.sort_by(f32::total_cmp);
        let quantile = |p: f64| (!typical.is_empty()).then(|| typical[((typical.len() - 1) as f64 * p).round() as usize]);
        LinkExplained {
            environment: name,
            people_m: ends[0].body.distance_m(ends[1].body),
            phones_m,
            mean_db,
            sd_db,
            fading_sd_db: e.fading_sd_db,
            ceiling_db,
            scan_s,
            packets_a_scan: CHANNELS as u32 * packets_a_channel,
            heard: results.len() as f64 / f64::from(DRAWS),
            packets_heard: (!results.is_empty()).then(|| results.iter().map(|r| f64::from(r.packets)).sum::<f64>() / results.len() as f64),
            typical_db: [0.05, 0.25, 0.5, 0.75, 0.95].map(quantile),
            phones: geometry.phones,
            crossings: crossed,
            terms,
        }
    }

    /// Mean attenuation from one person to somebody who carries alike and faces them, at a point of the plan, dB.
    pub fn mean_at(&self, plan: &FloorPlan, from: LinkEnd, at: Point, without: Without) -> f32 {
        let room = plan.rooms.iter().position(|r| r.contains(at)).map_or(NO_ROOM, |r| r as u16);
        let there = LinkEnd { body: at, facing_rad: at.bearing_rad(from.body), room, ..from };
        self.mean_between(plan, [from, there], without)
    }

    /// Mean attenuation of a link before errors of calibration, dB.
    pub fn mean_between(&self, plan: &FloorPlan, ends: [LinkEnd; 2], without: Without) -> f32 {
        let environment = self.environment(plan, ends[0].room, ends[1].room);
        self.mean_terms(environment, plan, ends, self.geometry(ends), [0.0; 2], without).total_db()
    }

    /// The terms of a link at their means.
    fn mean_terms(
        &self,
        environment: &Environment,
        plan: &FloorPlan,
        ends: [LinkEnd; 2],
        geometry: Geometry,
        devices_db: [f32; 2],
        without: Without,
    ) -> LinkTerms {
        let carriage = ends.map(|end| end.carriage);
        let link = LinkState {
            environment,
            geometry,
            carriage,
            carriage_db: carriage.map(|carriage| self.config.carriage.of(carriage).loss_db),
            barriers_db: line_of_sight(ends[0].body, ends[1].body, plan).loss_db,
            pair_offset_db: 0.0,
            devices_db,
        };
        self.terms(&link, without)
    }
}

fn row(name: String, mean_db: f32, sd_db: f32, key: String) -> LinkTermRow {
    // No term is printed as -0.0.
    LinkTermRow { name, mean_db: mean_db + 0.0, sd_db, key }
}

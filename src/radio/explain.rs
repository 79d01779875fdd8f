//! One link taken apart: every term of its attenuation, and what a scan of it hears.

use serde::Serialize;

use crate::{
    encounter::{Crossing, crossings},
    ids::PersonId,
    mobility::{Carriage, Stance},
    population::PhoneModel,
    units::Point,
    venue::{FloorPlan, VenueKind},
};

use super::{
    calibration::CalibrationTable,
    kernel::{CHANNELS, LinkLevel, ScanResult},
    model::{MIN_DISTANCE_M, RadioModel},
};

/// Scans drawn to estimate what is heard.
const DRAWS: u32 = 40_000;

/// One person with a phone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LinkEnd {
    /// Body centre.
    pub body: Point,
    /// Direction faced, rad counter-clockwise from the x axis.
    pub facing_rad: f32,
    /// How the phone is carried.
    pub carriage: Carriage,
    /// Index into the plan's rooms, or `NO_ROOM`.
    pub room: u16,
}

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
    /// Barriers crossed.
    #[serde(skip)]
    pub crossings: Vec<Crossing>,
}

impl RadioModel {
    /// Takes the link from transmitter `ends[0]` to receiver `ends[1]` apart; the phones are of the models given.
    pub fn explain(
        &self,
        kind: VenueKind,
        plan: &FloorPlan,
        ends: [LinkEnd; 2],
        models: [&PhoneModel; 2],
        table: &CalibrationTable,
    ) -> LinkExplained {
        let stances = ends.map(stance);
        let name = self.environment_name(kind, plan, ends[0].room, ends[1].room).to_string();
        let environment = self.environment(kind, plan, ends[0].room, ends[1].room);
        let (e, c) = (&environment.config, &self.config);
        let held = self.ends([&stances[0], &stances[1]], ends.map(|end| end.body));
        let phones = held.map(|end| end.phone);
        let phones_m = phones[0].distance_m(phones[1]).max(MIN_DISTANCE_M);
        let key = |leaf: &str| format!("radio.environments.{name}.{leaf}");
        let mut terms = vec![
            row("level at 1 m, both phones on a table".into(), e.level_at_1m_db, 0.0, key("level_at_1m_db")),
            row(
                format!("distance, {phones_m:.2} m between the phones"),
                environment.distance_db(phones_m) - e.level_at_1m_db,
                0.0,
                key("exponent"),
            ),
        ];
        for (i, who) in ["transmitter", "receiver"].into_iter().enumerate() {
            let carriage = ends[i].carriage;
            let carried = c.carriage.of(carriage);
            terms.push(row(
                format!("{who}'s phone: {}", carriage.name().replace('_', " ")),
                carried.loss_db,
                carried.loss_sd_db,
                format!("radio.carriage.{}", carriage.name()),
            ));
            let angle_deg = held[i].outward_cos.clamp(-1.0, 1.0).acos().to_degrees();
            terms.push(row(
                format!("{who}'s own body, phone {angle_deg:.0}° off the way to the other"),
                self.own_body_db(environment, carriage, held[i].outward_cos),
                0.0,
                key("body_db"),
            ));
        }
        let crossed = crossings(ends[0].body, ends[1].body, plan).collect::<Vec<Crossing>>();
        for crossing in &crossed {
            let material = &plan.materials[plan.barriers[crossing.barrier].material].name;
            let angle_deg = crossing.cos_incidence.clamp(0.0, 1.0).acos().to_degrees();
            terms.push(row(
                format!("{material}, {angle_deg:.0}° off the normal"),
                crossing.loss_db,
                0.0,
                format!("venue.materials.{material}"),
            ));
        }
        let reference = CalibrationTable::reference();
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
        let residuals = models.map(|m| table.residual(c, &reference, m));
        for (i, who) in ["transmitter", "receiver"].into_iter().enumerate() {
            let r = &residuals[i];
            let (error_db, sd_db, shift_db) =
                if i == 0 { (r.tx_db, r.tx_sd_db, r.tx_shift_db) } else { (r.rx_db, r.rx_sd_db, r.rx_shift_db) };
            let name = format!("calibration error of the {who} ({})", models[i].model);
            terms.push(row(name, error_db, sd_db.hypot(c.handset_error_sd_db), r.keys[i].clone()));
            if shift_db != 0.0 {
                terms.push(row(format!("the calibration table's own reading of the {who}"), shift_db, 0.0, "radio.calibration".into()));
            }
        }
        let mean_db: f32 = terms.iter().map(|t| t.mean_db).sum();
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
            phones,
            crossings: crossed,
            terms,
        }
    }

    /// Mean attenuation from one person to somebody who carries alike and faces them, at a point of the plan, dB.
    pub fn mean_at(&self, kind: VenueKind, plan: &FloorPlan, from: LinkEnd, at: Point) -> f32 {
        let room = plan.rooms.iter().position(|r| r.contains(at)).map_or(crate::mobility::NO_ROOM, |r| r as u16);
        self.mean_between(kind, plan, [from, LinkEnd { body: at, facing_rad: at.bearing_rad(from.body), room, ..from }])
    }

    /// Mean attenuation of a link, dB.
    pub fn mean_between(&self, kind: VenueKind, plan: &FloorPlan, ends: [LinkEnd; 2]) -> f32 {
        let environment = self.environment(kind, plan, ends[0].room, ends[1].room);
        let stances = ends.map(stance);
        let held = self.ends([&stances[0], &stances[1]], ends.map(|end| end.body));
        let of_end = |i: usize| {
            let carriage = ends[i].carriage;
            self.config.carriage.of(carriage).loss_db + self.own_body_db(environment, carriage, held[i].outward_cos)
        };
        environment.distance_db(held[0].phone.distance_m(held[1].phone))
            + of_end(0)
            + of_end(1)
            + crossings(ends[0].body, ends[1].body, plan).map(|c| c.loss_db).sum::<f32>()
    }
}

fn row(name: String, mean_db: f32, sd_db: f32, key: String) -> LinkTermRow {
    // No term is printed as -0.0.
    LinkTermRow { name, mean_db: mean_db + 0.0, sd_db, key }
}

fn stance(end: LinkEnd) -> Stance {
    Stance {
        person: PersonId(0),
        start_s: 0,
        end_s: 1,
        from: end.body,
        to: end.body,
        facing_rad: end.facing_rad,
        carriage: end.carriage,
        room: end.room,
        place: 0,
        episode: 0,
    }
}

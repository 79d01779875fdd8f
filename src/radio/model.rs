//! The model of a run: configuration turned into tables.

use std::{collections::BTreeMap, sync::OnceLock};

use crate::{
    math,
    mobility::{Carriage, Stance},
    random::{Keyed, Seed, Stream},
    units::Point,
    venue::FloorPlan,
};

use super::{
    config::{CHANNELS, EnvironmentConfig, RadioConfig},
    kernel::{LinkLevel, PACKETS_A_CHANNEL, Reception, ScanResult, packet_by_packet_scan, still_scan},
    scans::ScanTimes,
    shadowing::{Blend, KnotRate, Shadowing},
    tables::Quantiles,
};

/// Below this phones are in each other's near field; distance counts no less.
pub(super) const MIN_DISTANCE_M: f32 = 0.3;

/// Reach is not looked for beyond this: where it says so much, it is at least that.
pub const REACH_CAP_M: f32 = 300.0;

/// An environment with its fading table.
#[derive(Clone, Debug)]
pub struct Environment {
    /// The numbers.
    pub config: EnvironmentConfig,
    /// Built when first asked for: most scenarios use few of the environments there are.
    fading: OnceLock<Quantiles>,
    /// Of fast and of slow shadowing.
    pub(super) knot_rates: [KnotRate; 2],
}

impl Environment {
    /// An environment of these numbers.
    pub fn new(config: EnvironmentConfig) -> Self {
        let knot_rates = [config.shadowing_time_s, config.slow_shadowing_time_s].map(KnotRate::every);
        Self { config, fading: OnceLock::new(), knot_rates }
    }

    /// Fading of one packet, dB.
    pub(super) fn fading(&self) -> &Quantiles {
        self.fading.get_or_init(|| Quantiles::fading(self.config.fading_sd_db))
    }

    /// Standard deviation of fading as it is drawn, dB.
    pub fn fading_sd_db(&self) -> f64 {
        self.fading().sd()
    }

    /// Mean attenuation between two phones on tables, dB.
    #[inline]
    pub fn distance_db(&self, between_phones_m: f32) -> f32 {
        self.config.level_at_1m_db + 10.0 * self.config.exponent * math::log10(between_phones_m.max(MIN_DISTANCE_M))
    }
}

/// Everything radio needs that does not change during a run.
#[derive(Clone, Debug)]
pub struct RadioModel {
    pub(super) config: RadioConfig,
    pub(super) normal: Quantiles,
    pub(super) blend: Blend,
    pub(super) reception: Reception,
    pub(super) streams: Streams,
    environments: BTreeMap<String, Environment>,
    /// Scan times of every phone.
    pub scan_times: ScanTimes,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Streams {
    pub pair_offset: Keyed,
    pub shadowing: Keyed,
    pub slow_shadowing: Keyed,
    pub link_scan: Keyed,
    pub packets: Keyed,
    carriage_loss: Keyed,
}

impl Streams {
    pub fn new(seed: Seed) -> Self {
        let stream = |s| Keyed::new(seed, s);
        Self {
            pair_offset: stream(Stream::PairOffset),
            shadowing: stream(Stream::Shadowing),
            slow_shadowing: stream(Stream::SlowShadowing),
            link_scan: stream(Stream::LinkScan),
            packets: stream(Stream::Packets),
            carriage_loss: stream(Stream::CarriageLoss),
        }
    }

    /// Shadowing between two phones in one pair of places.
    pub fn shadowing(&self, environment: &Environment, pair: (u32, u32), place: u32) -> Shadowing {
        let e = &environment.config;
        Shadowing::new([self.shadowing, self.slow_shadowing], [e.shadowing_sd_db, e.slow_shadowing_sd_db], pair, place)
    }

    /// One scan by itself: all packets at once if both phones are at rest and the scan is as long as the tables are for, else one
    /// by one.
    pub fn scan(
        &self,
        (observer, transmitter, t_s): (u32, u32, u32),
        link: LinkLevel,
        environment: &Environment,
        reception: &Reception,
        still: bool,
    ) -> Option<ScanResult> {
        if still && link.packets_a_channel as usize == PACKETS_A_CHANNEL {
            return still_scan(self.link_scan.block(observer, transmitter, t_s, 0), link, environment.fading(), reception);
        }
        let mut rng = self.packets.rng(observer, transmitter, t_s);
        let uniform = || (rand::Rng::next_u32(&mut rng) >> 16) as u16;
        packet_by_packet_scan(uniform, link, environment.fading(), reception, !still)
    }
}

impl RadioModel {
    /// Builds the tables.
    pub fn new(config: &RadioConfig, seed: Seed) -> Self {
        let environments = config.environments.iter().map(|(name, e)| (name.clone(), Environment::new(e.clone()))).collect();
        Self {
            normal: Quantiles::normal(),
            blend: Blend::tabulate(),
            reception: Reception::new(config),
            streams: Streams::new(seed),
            environments,
            scan_times: ScanTimes::new(seed, config.phone_use),
            config: config.clone(),
        }
    }

    /// What it was built from.
    pub fn config(&self) -> &RadioConfig {
        &self.config
    }

    /// The same model with other chances.
    #[must_use]
    pub fn with_seed(&self, seed: Seed) -> Self {
        Self { streams: Streams::new(seed), scan_times: ScanTimes::new(seed, self.config.phone_use), ..self.clone() }
    }

    /// Chance that a packet meets no other among so many phones.
    pub fn clear(&self, advertisers: usize) -> f32 {
        self.reception.clear(advertisers)
    }

    /// Chance that a scan hears something of a phone whose packets all arrive `margin_db` above the floor.
    pub fn chance_heard(&self, margin_db: f32, clear: f32, packets_a_channel: u32) -> f64 {
        let missed = 1.0 - f64::from(self.reception.probability(margin_db, clear));
        1.0 - math::powi(missed, (CHANNELS as u32 * packets_a_channel) as i32)
    }

    /// The environment of links between two rooms of a venue: the room's if both ends are in it, else the floor's; that of an office where
    /// neither is stated.
    pub fn environment(&self, plan: &FloorPlan, room_a: u16, room_b: u16) -> &Environment {
        &self.environments[self.environment_name(plan, room_a, room_b)]
    }

    /// Its name.
    pub fn environment_name<'a>(&'a self, plan: &'a FloorPlan, room_a: u16, room_b: u16) -> &'a str {
        let of_room = (room_a == room_b).then(|| plan.rooms.get(room_a as usize)).flatten();
        let mut stated = of_room.map(|room| &room.environment).into_iter().chain(&plan.environment);
        stated.find(|name| self.environments.contains_key(*name)).map_or("office", String::as_str)
    }

    /// An environment by name.
    pub fn environment_named(&self, name: &str) -> Option<&Environment> {
        self.environments.get(name)
    }

    /// Phone position relative to the body centre for a facing of 0 rad, by carriage.
    pub fn phone_offsets(&self) -> [Point; 6] {
        self.config.carriage.each().map(|c| Point::default().offset(c.bearing_deg.to_radians(), c.offset_m))
    }

    /// Loss of a carriage episode, drawn once for it.
    pub(super) fn carriage_loss_db(&self, stance: &Stance) -> f32 {
        let word = self.streams.carriage_loss.block(stance.person.0, stance.episode, stance.carriage as u32, 0)[0];
        self.carriage_loss_of_db(stance.carriage, word)
    }

    /// Loss of an episode of a carriage, by a random word.
    pub fn carriage_loss_of_db(&self, carriage: Carriage, word: u32) -> f32 {
        let carried = self.config.carriage.of(carriage);
        carried.loss_db + carried.loss_sd_db * self.normal(word)
    }

    /// The standard normal that a random word stands for.
    #[inline]
    pub fn normal(&self, word: u32) -> f32 {
        self.normal.at(word as u16)
    }

    /// Static offset of a pair of phones in one pair of places, dB; `a` is the lower.
    pub fn pair_offset_db(&self, environment: &Environment, (a, b): (u32, u32), place: u32) -> f32 {
        environment.config.pair_offset_sd_db * self.normal(self.streams.pair_offset.block(a, b, place, 0)[0])
    }

    /// The largest distance, m, at which a scan is heard with probability 1 % or more with nothing between, both phones
    /// lying on tables, of the loudest transmitter and the keenest receiver among the scenario's phones (`ceiling_db`, see
    /// [`super::loudest_ceiling_db`]), which takes the longest scan there is; [`REACH_CAP_M`] if it is more.
    ///
    /// The law is integrated numerically: a normal level (pair offset, shadowing, device errors, carriage),
    /// three fades, binomial reception.
    pub fn reach_m(&self, environment: &Environment, ceiling_db: f32) -> f32 {
        let (e, c) = (&environment.config, &self.config);
        let table = self.config.carriage.of(Carriage::Table);
        let variance = math::powi(e.pair_offset_sd_db, 2)
            + math::powi(e.shadowing_sd_db, 2)
            + math::powi(e.slow_shadowing_sd_db, 2)
            + math::powi(c.tx_error_sd_db, 2)
            + math::powi(c.rx_error_sd_db, 2)
            + 2.0 * math::powi(c.handset_error_sd_db, 2)
            + math::powi(c.floor_sd_db, 2)
            + 2.0 * math::powi(table.loss_sd_db, 2);
        let packets_a_channel = c.packets_a_channel(c.longest_scan_s()) as i32;
        let heard = |d_m: f32| -> f64 {
            let mean_db = environment.distance_db(d_m) + 2.0 * table.loss_db;
            let (mut sum, mut n) = (0.0, 0.0);
            for level in self.normal.thinned(16) {
                let level_db = mean_db + level * variance.sqrt();
                let (mut silent, mut fades) = (0.0, 0.0);
                for fade_db in environment.fading().thinned(64) {
                    let p = self.reception.probability(ceiling_db - level_db - fade_db, 1.0);
                    silent += math::powi(f64::from(1.0 - p), packets_a_channel);
                    fades += 1.0;
                }
                sum += (1.0 - math::powi(silent / fades, CHANNELS as i32)) * f64::from(1.0 - e.scan_miss);
                n += 1.0;
            }
            sum / n
        };
        let (mut near, mut far) = (0.3, REACH_CAP_M);
        if heard(far) >= 0.01 {
            return REACH_CAP_M;
        }
        for _ in 0..20 {
            let middle = (near + far) / 2.0;
            if heard(middle) >= 0.01 { near = middle } else { far = middle }
        }
        near
    }
}

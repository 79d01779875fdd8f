//! One direction of a link, scan by scan.

use super::{
    kernel::{LinkLevel, PACKETS_A_CHANNEL, ScanResult, still_scan},
    model::{Environment, LinkTerms, RadioModel},
    shadowing::Knots,
};

/// What one phone hears of another while neither changes pose: everything that does not change, summed once, and the
/// shadowing that does.
#[derive(Clone, Debug)]
pub struct Link<'m> {
    model: &'m RadioModel,
    environment: &'m Environment,
    observer: u32,
    transmitter: u32,
    steady_db: f32,
    ceiling_db: f32,
    symmetric: Knots,
    asymmetric: Knots,
}

impl<'m> Link<'m> {
    /// What `observer` hears of `transmitter` while the pair is in this pair of places. Of `terms`, third persons and shadowing
    /// are told scan by scan.
    pub fn new(
        model: &'m RadioModel,
        environment: &'m Environment,
        (observer, transmitter): (u32, u32),
        place: u32,
        terms: &LinkTerms,
        ceiling_db: f32,
    ) -> Self {
        let (symmetric, asymmetric) = model.streams.knots(observer, transmitter, place);
        Self { model, environment, observer, transmitter, steady_db: terms.total_db(), ceiling_db, symmetric, asymmetric }
    }

    /// The same link from now on with other terms: someone walks.
    pub fn set(&mut self, terms: &LinkTerms) {
        self.steady_db = terms.total_db();
    }

    /// The level of a scan at a moment with so many people in the line; `clear` is the chance that a packet meets no other.
    #[inline]
    pub fn level(&mut self, t_s: i64, bodies: u32, clear: f32) -> LinkLevel {
        let (config, model) = (&self.environment.config, self.model);
        let moment = model.blend.at(t_s, self.environment.knots_per_s);
        LinkLevel {
            mean_db: self.steady_db
                + bodies.min(model.config.third_persons_max) as f32 * model.config.third_person_db
                + config.shadowing_sd_db * self.symmetric.at(moment, &model.normal)
                + model.config.asymmetry_sd_db * self.asymmetric.at(moment, &model.normal),
            ceiling_db: self.ceiling_db,
            clear,
            scan_miss: config.scan_miss,
            packets_a_channel: PACKETS_A_CHANNEL as u32,
        }
    }

    /// One scan while both are at rest.
    #[inline]
    pub fn scan(&mut self, t_s: i64, bodies: u32, clear: f32) -> Option<ScanResult> {
        let level = self.level(t_s, bodies, clear);
        let block = self.model.streams.link_scan.block(self.observer, self.transmitter, t_s as u32, 0);
        still_scan(block, level, &self.environment.fading, &self.model.reception)
    }
}

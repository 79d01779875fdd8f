//! One direction of a link, scan by scan.

use std::array;

use crate::random::{BLOCKS_AT_ONCE, Keyed};

use super::{
    kernel::{LinkLevel, PACKETS_A_CHANNEL, ScanResult, ScanResults, packet_by_packet_scan, still_scans},
    model::{Environment, RadioModel},
    shadowing::{Moment, Shadowing},
};

/// Scans computed in one go: random numbers of several are made together, by vector code and before chance sends each scan its
/// own way.
const SCANS_AT_ONCE: usize = 32;

/// A scan to be computed: what it meets besides shadowing and chance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScanAsked {
    /// When it starts, Unix seconds.
    pub t_s: i64,
    /// Sum of the link's terms but for third persons and shadowing, dB.
    pub steady_db: f32,
    /// Chance that a packet meets no other.
    pub clear: f32,
    /// Packets sent while the scan listens to one channel, see [`super::RadioConfig::packets_a_channel`].
    pub packets_a_channel: u32,
}

/// What one phone hears of another while the pair is in one pair of places.
#[derive(Clone, Copy, Debug)]
pub struct Link<'m> {
    model: &'m RadioModel,
    environment: &'m Environment,
    observer: u32,
    transmitter: u32,
    still: bool,
    ceiling_db: f32,
    shadowing: Shadowing,
}

impl<'m> Link<'m> {
    /// What `observer` hears of `transmitter` while the pair is in this pair of places, both at rest or not.
    pub fn new(
        model: &'m RadioModel,
        environment: &'m Environment,
        (observer, transmitter): (u32, u32),
        place: u32,
        still: bool,
        ceiling_db: f32,
    ) -> Self {
        let shadowing = model.streams.shadowing(environment, (observer, transmitter), place);
        Self { model, environment, observer, transmitter, still, ceiling_db, shadowing }
    }

    /// Means with nobody in the line.
    fn means_db(&self, asked: &[ScanAsked]) -> [f32; SCANS_AT_ONCE] {
        let [fast, slow] = self.environment.knot_rates;
        let mut moments = [[Moment::default(); SCANS_AT_ONCE]; 2];
        let mut means_db = [0.0; SCANS_AT_ONCE];
        for (i, (mean_db, scan)) in means_db.iter_mut().zip(asked).enumerate() {
            moments[0][i] = self.model.blend.at(scan.t_s, fast);
            moments[1][i] = self.model.blend.at(scan.t_s, slow);
            *mean_db = scan.steady_db;
        }
        let moments = [&moments[0][..asked.len()], &moments[1][..asked.len()]];
        self.shadowing.add(moments, &self.model.normal, &mut means_db);
        means_db
    }

    #[inline]
    fn level(&self, scan: &ScanAsked, mean_db: f32) -> LinkLevel {
        LinkLevel {
            mean_db,
            ceiling_db: self.ceiling_db,
            clear: scan.clear,
            scan_miss: self.environment.config.scan_miss,
            packets_a_channel: scan.packets_a_channel,
        }
    }

    fn third_persons_db(&self, bodies: u32) -> f32 {
        self.environment.config.third_persons_db(&self.model.config, bodies)
    }

    /// What one scan by itself heard with so many people in the line; while somebody moves, by other chances than [`Link::scans`].
    pub fn scan(&self, asked: &ScanAsked, bodies: u32) -> Option<ScanResult> {
        let level = self.level(asked, self.means_db(std::slice::from_ref(asked))[0] + self.third_persons_db(bodies));
        let who_and_when = (self.observer, self.transmitter, asked.t_s as u32);
        self.model.streams.scan(who_and_when, level, self.environment, &self.model.reception, self.still)
    }

    /// What each of some scans in time order heard. How many people stand in the line, `bodies` by number of the scan, is asked only where
    /// something could be heard without them.
    #[inline]
    pub fn scans<'a>(
        &'a self,
        asked: &'a [ScanAsked],
        mut bodies: impl FnMut(usize) -> u32 + 'a,
    ) -> impl Iterator<Item = Option<ScanResult>> + 'a {
        asked.chunks(SCANS_AT_ONCE).enumerate().flat_map(move |(chunk, some)| {
            let heard = self.at_once(some, |i| bodies(chunk * SCANS_AT_ONCE + i));
            (0..some.len()).map(move |i| heard.get(i))
        })
    }

    fn at_once(&self, asked: &[ScanAsked], mut bodies: impl FnMut(usize) -> u32) -> ScanResults<SCANS_AT_ONCE> {
        let (streams, fading, reception) = (&self.model.streams, self.environment.fading(), &self.model.reception);
        let (o, t) = (self.observer, self.transmitter);
        let mut means_db = self.means_db(asked);
        let mut heard = ScanResults::default();
        // Those that the strongest fade could lift over the floor; to the others no chance is given, and none drawn.
        let mut audible = [0u8; SCANS_AT_ONCE];
        let mut number = 0;
        for (i, mean_db) in means_db[..asked.len()].iter_mut().enumerate() {
            if *mean_db + fading.least() < self.ceiling_db {
                *mean_db += self.third_persons_db(bodies(i));
                audible[number] = i as u8;
                number += usize::from(*mean_db + fading.least() < self.ceiling_db);
            }
        }
        for some in audible[..number].chunks(BLOCKS_AT_ONCE) {
            let scan: [usize; BLOCKS_AT_ONCE] = array::from_fn(|k| usize::from(some[k.min(some.len() - 1)]));
            let links = scan.map(|i| self.level(&asked[i], means_db[i]));
            if self.still {
                let words = streams.link_scan.blocks(o, t, scan.map(|i| asked[i].t_s as u32), 0);
                let results = still_scans(words, links, fading, reception);
                (0..some.len()).zip(scan).for_each(|(k, i)| heard.set(i, &results, k));
            }
            for k in 0..some.len() {
                if !self.still || links[k].packets_a_channel as usize != PACKETS_A_CHANNEL {
                    let uniforms = packet_uniforms(streams.packets, o, t, asked[scan[k]].t_s as u32);
                    let result = packet_by_packet_scan(uniforms, links[k], fading, reception, !self.still);
                    heard.set(scan[k], &result.into(), 0);
                }
            }
        }
        heard
    }
}

/// 16-bit numbers of one scan, eight from a block.
fn packet_uniforms(keyed: Keyed, observer: u32, transmitter: u32, t_s: u32) -> impl FnMut() -> u16 {
    let mut drawn = 0u32;
    let mut words = [0; 4];
    move || {
        if drawn.is_multiple_of(8) {
            words = keyed.block(observer, transmitter, t_s, drawn / 8);
        }
        let i = (drawn % 8) as usize;
        drawn += 1;
        (words[i / 2] >> (16 * (i % 2))) as u16
    }
}

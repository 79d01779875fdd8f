//! One link-scan: what one scan of one phone hears of one transmitter.

use super::{config::RadioConfig, tables::Quantiles};

/// Beacons that a common scan can hear: 4 s at one every 250 ms, five on each of the three channels it visits in turn.
pub const PACKETS_A_CHANNEL: usize = 5;
const CHANNELS: usize = 3;

/// Margins above the floor are looked up in quarters of a decibel, up to 80 dB.
const MARGIN_STEPS_A_DB: f32 = 4.0;
const MARGINS: usize = 320;
/// Chances that a packet is free of collisions are looked up in classes of 1/32.
const CLEAR_CLASSES: usize = 33;

type CountLaw = [[u32; PACKETS_A_CHANNEL]; MARGINS];

/// How many of a channel's packets are heard, by margin and crowding, as 16-bit thresholds.
#[derive(Clone, Debug)]
pub struct Reception {
    /// `P(N <= k)` for k = 0..4, times 65536, by margin; for each class of crowding.
    counts: Vec<CountLaw>,
    success: f32,
    scale_db: f32,
    packet_share: f32,
}

impl Reception {
    /// Tabulates the reception law `p = success (1 - exp(-margin / scale))`, thinned by collisions.
    pub fn new(config: &RadioConfig) -> Self {
        let packet_share = config.packet_us / (1000.0 * config.advertising_interval_ms);
        Self::tabulate(config.packet_success, config.reception_scale_db, packet_share)
    }

    fn tabulate(success: f32, scale_db: f32, packet_share: f32) -> Self {
        let mut reception = Self { counts: Vec::with_capacity(CLEAR_CLASSES), success, scale_db, packet_share };
        for class in 0..CLEAR_CLASSES {
            let clear = class as f32 / (CLEAR_CLASSES - 1) as f32;
            let law = std::array::from_fn(|step| {
                let p = f64::from(reception.probability((step as f32 + 0.5) / MARGIN_STEPS_A_DB, clear));
                let mut below = 0.0;
                let mut term = (1.0 - p).powi(PACKETS_A_CHANNEL as i32);
                std::array::from_fn(|k| {
                    below += term;
                    term *= (PACKETS_A_CHANNEL - k) as f64 / (k + 1) as f64 * p / (1.0 - p).max(1e-12);
                    (below * 65536.0).round() as u32
                })
            });
            reception.counts.push(law);
        }
        reception
    }

    /// Chance of hearing one packet that arrives `margin_db` above the floor.
    pub fn probability(&self, margin_db: f32, clear: f32) -> f32 {
        self.success * (1.0 - (-margin_db.max(0.0) / self.scale_db).exp()) * clear
    }

    /// Chance that a packet meets no other among `advertisers` phones: `(1 - 2a / 3I)^(N-1)` (Nordic Semiconductor's
    /// developer forum; a = airtime, I = interval, three channels).
    pub fn clear(&self, advertisers: usize) -> f32 {
        (1.0 - 2.0 * self.packet_share / 3.0).powi(advertisers.saturating_sub(1) as i32)
    }

    #[inline]
    fn count_law(&self, clear: f32) -> &CountLaw {
        &self.counts[(clear * (CLEAR_CLASSES - 1) as f32 + 0.5) as i32 as usize]
    }
}

#[inline]
fn packets_heard(law: &CountLaw, margin_db: f32, uniform: u16) -> u16 {
    if margin_db <= 0.0 {
        return 0;
    }
    let step = ((margin_db * MARGIN_STEPS_A_DB) as i32 as usize).min(MARGINS - 1);
    law[step].iter().map(|&t| u16::from(u32::from(uniform) >= t)).sum()
}

/// What a link-scan depends on besides chance.
#[derive(Clone, Copy, Debug, Default)]
pub struct LinkLevel {
    /// Mean attenuation around which packets fade, dB.
    pub mean_db: f32,
    /// Attenuation at which the receiver's floor lies, dB.
    pub ceiling_db: f32,
    /// Chance that a packet meets no other, see [`Reception::clear`].
    pub clear: f32,
    /// Chance that the whole scan hears nothing of anybody.
    pub scan_miss: f32,
    /// Packets sent while the scan listens to one channel; [`PACKETS_A_CHANNEL`] in a scan of 4 s.
    pub packets_a_channel: u32,
}

/// What a scan heard of one transmitter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScanResult {
    /// Packets, 1 to 15 in a scan of 4 s.
    pub packets: u8,
    /// Mean attenuation, dB.
    pub mean_db: f32,
    /// Least attenuation, dB.
    pub min_db: f32,
}

/// A link-scan of two phones that stand still: one fade for each channel (fading decorrelates over 5-8 cm, so a scan of
/// 4 s sees one state of each channel), and a binomial number of packets on it. All of it from one block of eight 16-bit
/// numbers; exact for this law, because packets of a channel share their level. For scans of [`PACKETS_A_CHANNEL`] only: longer
/// ones (music) are rare and told packet by packet.
// Called from one hot loop, which has its level and its block in registers already.
#[inline(always)]
pub fn still_scan(block: [u32; 4], link: LinkLevel, fading: &Quantiles, reception: &Reception) -> Option<ScanResult> {
    debug_assert_eq!(link.packets_a_channel as usize, PACKETS_A_CHANNEL, "a longer scan is told packet by packet");
    let uniform = |i: usize| (block[i / 2] >> (16 * (i % 2))) as u16;
    if f32::from(uniform(6)) < link.scan_miss * 65536.0 {
        return None;
    }
    let law = reception.count_law(link.clear);
    let (mut packets, mut sum_db, mut min_db) = (0, 0.0, f32::MAX);
    for channel in 0..CHANNELS {
        let level_db = link.mean_db + fading.at(uniform(channel));
        let heard = packets_heard(law, link.ceiling_db - level_db, uniform(3 + channel));
        packets += heard;
        sum_db += f32::from(heard) * level_db;
        min_db = if heard > 0 && level_db < min_db { level_db } else { min_db };
    }
    (packets > 0).then(|| ScanResult { packets: packets as u8, mean_db: sum_db / f32::from(packets), min_db })
}

/// The same, packet by packet: `uniform` gives fresh uniforms. With `independent` fades (someone walks) every packet has
/// its own; without, it is the naive form of [`still_scan`] and its test.
pub fn packet_by_packet_scan(
    mut uniform: impl FnMut() -> u16,
    link: LinkLevel,
    fading: &Quantiles,
    reception: &Reception,
    independent: bool,
) -> Option<ScanResult> {
    if f32::from(uniform()) < link.scan_miss * 65536.0 {
        return None;
    }
    let (mut packets, mut sum_db, mut min_db) = (0u8, 0.0, f32::MAX);
    for _ in 0..CHANNELS {
        let mut level_db = link.mean_db + fading.at(uniform());
        for _ in 0..link.packets_a_channel {
            if f32::from(uniform()) < reception.probability(link.ceiling_db - level_db, link.clear) * 65536.0 {
                packets = packets.saturating_add(1);
                sum_db += level_db;
                min_db = min_db.min(level_db);
            }
            if independent {
                level_db = link.mean_db + fading.at(uniform());
            }
        }
    }
    (packets > 0).then(|| ScanResult { packets, mean_db: sum_db / f32::from(packets), min_db })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Keyed, Seed, Stream};

    /// 376 µs of every 250 ms.
    const PACKET_SHARE: f32 = 376.0 / 250_000.0;
    const SCANS: u32 = 60_000;

    /// Moments of the joint law: chance of each count, and for each the mean and spread of mean and minimum, and their
    /// product.
    #[derive(Default)]
    struct Law([[f64; 6]; 16]);

    impl Law {
        fn of(scans: impl Iterator<Item = Option<ScanResult>>) -> Self {
            let mut law = Self::default();
            for scan in scans {
                let (packets, mean, min) = scan.map_or((0, 0.0, 0.0), |s| (s.packets, f64::from(s.mean_db), f64::from(s.min_db)));
                let sums = [1.0, mean, min, mean * mean, min * min, mean * min];
                law.0[packets as usize].iter_mut().zip(sums).for_each(|(sum, x)| *sum += x / f64::from(SCANS));
            }
            law
        }
    }

    #[test]
    fn packets_drawn_at_once_have_the_law_of_packets_one_by_one() {
        let (fading, reception) = (Quantiles::fading(4.5), Reception::tabulate(0.75, 15.0, PACKET_SHARE));
        let (at_once, single) = (Keyed::new(Seed(1), Stream::LinkScan), Keyed::new(Seed(2), Stream::Packets));
        // From far above the floor to mostly unheard.
        for (mean_db, clear) in [(50.0, 1.0), (66.0, 1.0), (72.0, 0.75), (78.0, 0.5)] {
            let link = LinkLevel { mean_db, ceiling_db: 75.0, clear, scan_miss: 0.05, packets_a_channel: PACKETS_A_CHANNEL as u32 };
            let a = Law::of((0..SCANS).map(|i| still_scan(at_once.block(i, 0, 0, 0), link, &fading, &reception)));
            let b = Law::of((0..SCANS).map(|i| {
                let mut draw = 0;
                let uniform = || {
                    draw += 1;
                    single.block(i, 0, 0, draw)[0] as u16
                };
                packet_by_packet_scan(uniform, link, &fading, &reception, false)
            }));
            for (packets, (a, b)) in a.0.iter().zip(&b.0).enumerate() {
                // Five standard errors of a difference of two shares.
                let margin = 5.0 * (2.0 * b[0].max(1e-4) / f64::from(SCANS)).sqrt();
                assert!((a[0] - b[0]).abs() < margin, "{mean_db} dB: {packets} packets: {} and {}", a[0], b[0]);
                for (moment, scale) in [(1, 80.0), (2, 80.0), (3, 6400.0), (4, 6400.0), (5, 6400.0)] {
                    assert!((a[moment] - b[moment]).abs() < margin * scale * 1.2, "{mean_db} dB: {packets} packets: moment {moment}");
                }
                if a[0] > 0.01 {
                    // Given the count: means within 0.3 dB, spreads and covariance within 10 % or 0.3 dB².
                    let given = |law: &[f64; 6]| {
                        let (mean, min) = (law[1] / law[0], law[2] / law[0]);
                        [mean, min, law[3] / law[0] - mean * mean, law[4] / law[0] - min * min, law[5] / law[0] - mean * min]
                    };
                    let (a, b) = (given(a), given(b));
                    assert!((a[0] - b[0]).abs() < 0.4 && (a[1] - b[1]).abs() < 0.4, "{mean_db} dB, {packets}: {a:?} {b:?}");
                    for k in 2..5 {
                        assert!((a[k] - b[k]).abs() < 0.15 * b[k].abs() + 0.4, "{mean_db} dB, {packets}: {a:?} {b:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_scan_lengthened_by_music_hears_more() {
        let (fading, reception) = (Quantiles::fading(3.5), Reception::tabulate(0.75, 15.0, PACKET_SHARE));
        let single = Keyed::new(Seed(3), Stream::Packets);
        let heard = |packets_a_channel| {
            let link = LinkLevel { mean_db: 72.0, ceiling_db: 74.0, clear: 1.0, scan_miss: 0.0, packets_a_channel };
            let scans = (0..4000).filter_map(|i| {
                let mut rng = single.rng(i, packets_a_channel, 0);
                packet_by_packet_scan(|| (rand::Rng::next_u32(&mut rng) >> 16) as u16, link, &fading, &reception, false)
            });
            let packets: Vec<f64> = scans.map(|s| f64::from(s.packets)).collect();
            (packets.len() as f64 / 4000.0, packets.iter().sum::<f64>() / 4000.0)
        };
        // 17 s instead of 4: 23 packets a channel instead of 5.
        let (common, long) = (heard(5), heard(23));
        assert!(long.0 > common.0 + 0.05 && (long.1 / common.1 - 23.0 / 5.0).abs() < 0.3, "{common:?} {long:?}");
    }

    #[test]
    fn reception_sets_in_gradually_and_collisions_thin_it() {
        let reception = Reception::tabulate(0.75, 15.0, PACKET_SHARE);
        assert_eq!(reception.probability(-1.0, 1.0), 0.0);
        let at = |margin_db| reception.probability(margin_db, 1.0);
        assert!(at(1.0) < 0.1 && at(15.0) > 0.4 && at(15.0) < at(40.0) && at(40.0) <= 0.75);
        // (1 - 2 × 376 µs / (3 × 250 ms))^99: a hundred phones lose a tenth of the packets.
        assert_eq!(reception.clear(1), 1.0);
        assert!((reception.clear(100) - 0.905).abs() < 0.001, "{}", reception.clear(100));
    }
}

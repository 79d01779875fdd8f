//! One link-scan: what one scan of one phone hears of one transmitter.

use std::array;

use crate::math;

use super::{
    config::{CHANNELS, RadioConfig},
    tables::Quantiles,
};

/// Beacons that a common scan can hear: 4 s at one every 250 ms, five on each of the three channels it visits in turn.
pub const PACKETS_A_CHANNEL: usize = 5;

/// Margins above the floor are looked up in quarters of a decibel: a row for none, then up to 64 dB.
const MARGIN_STEPS_A_DB: f32 = 4.0;
const MARGINS: usize = 256;
/// Chances that a packet is free of collisions are looked up in classes of 1/32.
const CLEAR_CLASSES: usize = 33;
/// Equally likely columns of a row, a power of two not under the number of counts.
const COLUMNS: usize = 8;
/// Numbers of 16 bits that fall into a column.
const COLUMN: u32 = 65536 / COLUMNS as u32;

/// How many of a channel's packets are heard, by crowding and margin.
#[derive(Clone, Debug)]
pub struct Reception {
    /// By class of crowding, margin and column, see [`alias_row`].
    counts: Vec<u32>,
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
        let mut reception = Self { counts: Vec::with_capacity(CLEAR_CLASSES * MARGINS * COLUMNS), success, scale_db, packet_share };
        for class in 0..CLEAR_CLASSES {
            let clear = class as f32 / (CLEAR_CLASSES - 1) as f32;
            for row in 0..MARGINS {
                let p = f64::from(reception.probability((row as f32 - 0.5) / MARGIN_STEPS_A_DB, clear));
                // P(N <= k), in parts of 65536.
                let (mut below, mut term, mut parts_below) = (0.0, math::powi(1.0 - p, PACKETS_A_CHANNEL as i32), 0);
                let parts: [u32; PACKETS_A_CHANNEL + 1] = array::from_fn(|k| {
                    below += term;
                    term *= (PACKETS_A_CHANNEL - k) as f64 / (k + 1) as f64 * p / (1.0 - p).max(1e-12);
                    let parts = if k == PACKETS_A_CHANNEL { 65536 } else { (below * 65536.0).round() as u32 } - parts_below;
                    parts_below += parts;
                    parts
                });
                reception.counts.extend(alias_row(parts));
            }
        }
        reception
    }

    /// Chance of hearing one packet that arrives `margin_db` above the floor.
    pub fn probability(&self, margin_db: f32, clear: f32) -> f32 {
        self.success * (1.0 - math::exp(-margin_db.max(0.0) / self.scale_db)) * clear
    }

    /// Chance that a packet meets no other among `advertisers` phones: `(1 - 2a / 3I)^(N-1)` (Nordic Semiconductor's
    /// developer forum; a = airtime, I = interval, three channels).
    pub fn clear(&self, advertisers: usize) -> f32 {
        math::powi(1.0 - 2.0 * self.packet_share / 3.0, advertisers.saturating_sub(1) as i32)
    }
}

/// Weights that sum to 65536, for the alias method (Walker, ACM TOMS 3, 1977): a column holds a bound in its upper half and an
/// alias in its lower; a 16-bit number stands for its column's own number if it is under the bound, else for the alias. One
/// look-up, whatever the weights.
fn alias_row(weights: [u32; PACKETS_A_CHANNEL + 1]) -> [u32; COLUMNS] {
    let mut left: [u32; COLUMNS] = array::from_fn(|k| weights.get(k).copied().unwrap_or(0));
    let mut row = array::from_fn(|k| k as u32);
    let mut open: Vec<usize> = (0..COLUMNS).collect();
    // The lightest column is filled up from the heaviest number, whose weight is at least a column's.
    while let Some(lightest) = open.iter().copied().min_by_key(|k| left[*k]) {
        open.retain(|k| *k != lightest);
        let Some(heaviest) = open.iter().copied().max_by_key(|k| left[*k]) else { break };
        row[lightest] = (lightest as u32 * COLUMN + left[lightest]) << 16 | heaviest as u32;
        left[heaviest] -= COLUMN - left[lightest];
    }
    row
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
    /// Chance that the whole scan hears nothing of this transmitter.
    pub scan_miss: f32,
    /// Packets sent while the scan listens to one channel; [`PACKETS_A_CHANNEL`] in a scan of 4 s.
    pub packets_a_channel: u32,
}

/// What a scan heard of one transmitter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScanResult {
    /// Packets, 1 to 15 in a scan of 4 s.
    pub packets: u32,
    /// Mean attenuation, dB.
    pub mean_db: f32,
    /// Least attenuation, dB.
    pub min_db: f32,
}

/// What several scans heard, field by field.
#[derive(Clone, Copy, Debug)]
pub struct ScanResults<const N: usize> {
    /// Packets; 0 = nothing heard, and the other two say nothing.
    pub packets: [u32; N],
    /// Mean attenuation, dB.
    pub mean_db: [f32; N],
    /// Least attenuation, dB.
    pub min_db: [f32; N],
}

impl<const N: usize> Default for ScanResults<N> {
    /// Nothing heard.
    fn default() -> Self {
        Self { packets: [0; N], mean_db: [0.0; N], min_db: [0.0; N] }
    }
}

impl From<Option<ScanResult>> for ScanResults<1> {
    fn from(result: Option<ScanResult>) -> Self {
        result.map_or(Self::default(), |r| Self { packets: [r.packets], mean_db: [r.mean_db], min_db: [r.min_db] })
    }
}

impl<const N: usize> ScanResults<N> {
    /// What one of them heard.
    #[inline]
    pub fn get(&self, i: usize) -> Option<ScanResult> {
        (self.packets[i] > 0).then(|| ScanResult { packets: self.packets[i], mean_db: self.mean_db[i], min_db: self.min_db[i] })
    }

    /// Puts down one scan of others.
    #[inline]
    pub fn set<const M: usize>(&mut self, i: usize, others: &ScanResults<M>, k: usize) {
        (self.packets[i], self.mean_db[i], self.min_db[i]) = (others.packets[k], others.mean_db[k], others.min_db[k]);
    }
}

/// The nearest whole number of one from 0 to 2²² (of two, the even one): 2²³ more, and it stands in the lowest bits. Unlike a
/// conversion it checks for nothing out of range.
#[inline(always)]
fn whole(x: f32) -> u32 {
    (x + 8_388_608.0).to_bits() & 0x7F_FFFF
}

/// Link-scans of phones that stand still: one fade for each channel (fading decorrelates over 5-8 cm, so a scan of
/// 4 s sees one state of each channel), and a binomial number of packets on it. Each from one block of eight 16-bit
/// numbers, given word by word; exact for this law, because packets of a channel share their level. For scans of
/// [`PACKETS_A_CHANNEL`] only: others (music, another interval or length) are computed packet by packet.
// No branch, and arrays over scans: vector code where the hot loop calls it.
#[inline(always)]
pub fn still_scans<const N: usize>(
    words: [[u32; N]; 4],
    links: [LinkLevel; N],
    fading: &Quantiles,
    reception: &Reception,
) -> ScanResults<N> {
    let uniform = |i: usize| words[i / 2].map(|word| word >> (16 * (i % 2)) & 0xFFFF);
    // The row of a packet that does not fade, not yet whole.
    let row = links.map(|link| (link.ceiling_db - link.mean_db) * MARGIN_STEPS_A_DB + 0.5);
    // Where the rows of a class of crowding begin.
    let class = links.map(|link| whole(link.clear * (CLEAR_CLASSES - 1) as f32) * (MARGINS * COLUMNS) as u32);
    let (mut packets, mut sum_db, mut min_db) = ([0u32; N], [0.0f32; N], [f32::MAX; N]);
    for channel in 0..CHANNELS {
        let fade_db = uniform(channel).map(|uniform| fading.at(uniform as u16));
        let chance = uniform(CHANNELS + channel);
        let place: [u32; N] = array::from_fn(|k| {
            let row = (row[k] - fade_db[k] * MARGIN_STEPS_A_DB).max(0.0).min((MARGINS - 1) as f32);
            class[k] + whole(row) * COLUMNS as u32 + chance[k] / COLUMN
        });
        let column: [u32; N] = place.map(|place| reception.counts[place as usize]);
        let heard: [u32; N] = array::from_fn(|k| if chance[k] < column[k] >> 16 { chance[k] / COLUMN } else { column[k] & 0xFFFF });
        packets = array::from_fn(|k| packets[k] + heard[k]);
        sum_db = array::from_fn(|k| sum_db[k] + heard[k] as i32 as f32 * fade_db[k]);
        let level_db: [f32; N] = array::from_fn(|k| if heard[k] > 0 { fade_db[k] } else { f32::MAX });
        min_db = array::from_fn(|k| if level_db[k] < min_db[k] { level_db[k] } else { min_db[k] });
    }
    let missed = uniform(2 * CHANNELS);
    ScanResults {
        packets: array::from_fn(|k| if (missed[k] as i32 as f32) < links[k].scan_miss * 65536.0 { 0 } else { packets[k] }),
        mean_db: array::from_fn(|k| links[k].mean_db + sum_db[k] / packets[k] as i32 as f32),
        min_db: array::from_fn(|k| links[k].mean_db + min_db[k]),
    }
}

/// One scan of [`still_scans`].
pub fn still_scan(block: [u32; 4], link: LinkLevel, fading: &Quantiles, reception: &Reception) -> Option<ScanResult> {
    still_scans(block.map(|word| [word]), [link], fading, reception).get(0)
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
    let (mut packets, mut sum_db, mut min_db) = (0u32, 0.0f64, f32::MAX);
    for _ in 0..CHANNELS {
        let mut level_db = link.mean_db + fading.at(uniform());
        for _ in 0..link.packets_a_channel {
            if f32::from(uniform()) < reception.probability(link.ceiling_db - level_db, link.clear) * 65536.0 {
                packets += 1;
                sum_db += f64::from(level_db);
                min_db = min_db.min(level_db);
            }
            if independent {
                level_db = link.mean_db + fading.at(uniform());
            }
        }
    }
    (packets > 0).then(|| ScanResult { packets, mean_db: (sum_db / f64::from(packets)) as f32, min_db })
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
    fn columns_give_back_the_weights() {
        let stream = Keyed::new(Seed(4), Stream::Packets);
        for i in 0..200 {
            // 65536 cut at random places; some pieces are nothing, and in the first round one is all.
            let mut cuts = [0, 0, 0, 0, 0, 0, 65536];
            for (k, cut) in cuts[1..PACKETS_A_CHANNEL + 1].iter_mut().enumerate() {
                *cut = (stream.block(i, k as u32, 0, 0)[0] % 65537) * u32::from(i > k as u32);
            }
            cuts.sort_unstable();
            let weights = array::from_fn(|k| cuts[k + 1] - cuts[k]);
            let mut counted = [0; PACKETS_A_CHANNEL + 1];
            let row = alias_row(weights);
            for chance in 0..65536 {
                let column = row[(chance / COLUMN) as usize];
                counted[if chance < column >> 16 { chance / COLUMN } else { column & 0xFFFF } as usize] += 1;
            }
            assert_eq!(counted, weights);
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

    /// Every packet of the first channel is heard, 200 of the second, none of the third.
    #[test]
    fn more_packets_than_a_byte_counts_keep_their_mean() {
        let (fading, reception) = (Quantiles::fading(4.0), Reception::tabulate(0.5, 0.1, PACKET_SHARE));
        let link = LinkLevel { mean_db: 58.0, ceiling_db: 200.0, clear: 1.0, scan_miss: 0.0, packets_a_channel: 320 };
        let (heard, unheard) = (0u16, u16::MAX);
        let channel = |fade: u16, number: usize| {
            let packets = (0..320).map(move |k| if k < number { heard } else { unheard });
            std::iter::once(fade).chain(packets)
        };
        let [deep, slight, best] = [60_000, 40_000, 1_000];
        let mut drawn = std::iter::once(unheard).chain(channel(deep, 320)).chain(channel(slight, 200)).chain(channel(best, 0));
        let scan = packet_by_packet_scan(|| drawn.next().expect("as many as that"), link, &fading, &reception, false);
        let ScanResult { packets, mean_db, min_db } = scan.expect("it is heard");
        let expected_db = 58.0 + (320.0 * fading.at(deep) + 200.0 * fading.at(slight)) / 520.0;
        assert_eq!((packets, min_db), (520, 58.0 + fading.at(slight)));
        assert!((mean_db - expected_db).abs() < 1e-3, "{mean_db} dB, by hand {expected_db}");
    }

    /// The same uniforms evaluated by lists of levels, up to the most that a scenario can ask for: 120 s at one packet every 20 ms.
    #[test]
    fn scans_of_any_length_tell_what_a_list_of_their_packets_tells() {
        let (fading, reception) = (Quantiles::fading(4.5), Reception::tabulate(0.75, 15.0, PACKET_SHARE));
        let stream = Keyed::new(Seed(6), Stream::Packets);
        for (i, packets_a_channel) in [1, 5, 85, 86, 255, 256, 2000].into_iter().enumerate() {
            for (mean_db, independent) in [(58.0, false), (58.0, true), (70.0, false), (74.0, true)] {
                let link = LinkLevel { mean_db, ceiling_db: 76.0, clear: 0.9, scan_miss: 0.1, packets_a_channel };
                let uniforms = || {
                    let mut rng = stream.rng(i as u32, mean_db as u32, u32::from(independent));
                    move || (rand::Rng::next_u32(&mut rng) >> 16) as u16
                };
                let mut uniform = uniforms();
                let mut levels_db: Vec<f64> = Vec::new();
                if f64::from(uniform()) >= 0.1 * 65536.0 {
                    for _ in 0..3 {
                        let mut fade_db = fading.at(uniform());
                        for _ in 0..packets_a_channel {
                            let margin_db = 76.0 - (mean_db + fade_db);
                            if f32::from(uniform()) / 65536.0 < reception.probability(margin_db, 0.9) {
                                levels_db.push(f64::from(mean_db + fade_db));
                            }
                            fade_db = if independent { fading.at(uniform()) } else { fade_db };
                        }
                    }
                }
                let scan = packet_by_packet_scan(uniforms(), link, &fading, &reception, independent);
                assert_eq!(scan.map_or(0, |s| s.packets as usize), levels_db.len());
                if let Some(ScanResult { mean_db, min_db, .. }) = scan {
                    let listed_db = levels_db.iter().sum::<f64>() / levels_db.len() as f64;
                    let least_db = levels_db.iter().copied().fold(f64::MAX, f64::min);
                    assert!((f64::from(mean_db) - listed_db).abs() < 1e-3 && f64::from(min_db) == least_db, "{mean_db} {listed_db}");
                }
            }
        }
    }

    /// Fades of a tenth of a decibel leave one chance for all packets: something is heard of n of them with 1 - (1 - p)^n.
    #[test]
    fn the_share_heard_grows_with_every_packet() {
        let (fading, reception) = (Quantiles::fading(0.1), Reception::tabulate(0.75, 15.0, PACKET_SHARE));
        let stream = Keyed::new(Seed(7), Stream::Packets);
        for packets_a_channel in [5, 100, 400u32] {
            let link = LinkLevel { mean_db: 73.98, ceiling_db: 74.0, clear: 1.0, scan_miss: 0.0, packets_a_channel };
            let scans = (0..8000).filter_map(|i| {
                let mut rng = stream.rng(i, packets_a_channel, 0);
                packet_by_packet_scan(|| (rand::Rng::next_u32(&mut rng) >> 16) as u16, link, &fading, &reception, true)
            });
            let heard = scans.count() as f64 / 8000.0;
            let p = fading.thinned(1).map(|fade_db| f64::from(reception.probability(0.02 - fade_db, 1.0))).sum::<f64>() / 4096.0;
            let expected = 1.0 - math::powi(1.0 - p, 3 * packets_a_channel as i32);
            let error = (expected * (1.0 - expected) / 8000.0).sqrt();
            assert!((heard - expected).abs() < 4.0 * error, "{packets_a_channel} packets a channel: {heard}, by the law {expected}");
        }
    }

    #[test]
    fn reception_sets_in_gradually_and_collisions_thin_it() {
        let reception = Reception::tabulate(0.75, 15.0, PACKET_SHARE);
        assert_eq!(reception.probability(-1.0, 1.0), 0.0);
        let at = |margin_db| reception.probability(margin_db, 1.0);
        assert!(at(1.0) < 0.1 && at(15.0) > 0.4 && at(15.0) < at(40.0) && at(40.0) <= 0.75);
        assert!((reception.probability(15.0, 0.5) - at(15.0) / 2.0).abs() < 1e-6, "half of the packets meet another");
        // (1 - 2 × 376 µs / (3 × 250 ms))^99: a hundred phones lose a tenth of the packets.
        assert_eq!(reception.clear(1), 1.0);
        assert!((reception.clear(100) - 0.905).abs() < 0.001, "{}", reception.clear(100));
    }
}

//! What the radio makes of a distance.

use std::collections::BTreeMap;

use plotters::style::{Color, RGBColor};

use crate::report::canvas::{Align, BLUE, Canvas, GREEN, INK, ORANGE, PURPLE, SKY, SMALL, VERMILLION, WIDTH, svg};
use crate::report::data::RunData;
use crate::report::format::{number, percent, words};

use super::Figure;
use super::axes::Axes;
use super::roc::NAMED_DB;
use super::rows::{Mark, legend};

const HEIGHT: f64 = 1180.0;
const OPEN: &str = "none";
/// Scans heard that a bin needs to have quantiles.
const MIN_HEARD: i64 = 20;
/// Scans that a bin needs to have a share heard.
const MIN_SCANS: i64 = 20;
/// Barriers drawn besides the open line of sight.
const BARRIER_COLORS: [RGBColor; 4] = [ORANGE, GREEN, PURPLE, SKY];

/// Scans of a distance bin.
#[derive(Default)]
struct Bin {
    from_m: f64,
    to_m: f64,
    heard: BTreeMap<i32, i64>,
    unheard: i64,
}

impl Bin {
    fn middle_m(&self) -> f64 {
        (self.from_m + self.to_m) / 2.0
    }

    fn n_heard(&self) -> i64 {
        self.heard.values().sum()
    }

    fn share_heard(&self) -> f64 {
        let heard = self.n_heard();
        heard as f64 / (heard + self.unheard) as f64
    }

    /// The smallest attenuation that at least a share `q` of the heard scans do not exceed.
    fn quantile_db(&self, q: f64) -> f64 {
        let wanted = q * self.n_heard() as f64;
        let mut below = 0;
        for (&db, &scans) in &self.heard {
            below += scans;
            if below as f64 >= wanted {
                return f64::from(db);
            }
        }
        f64::NAN
    }
}

/// Bins in the order of distance. The key is the bits of the lower end, which order like the number as it is not negative.
type Bins = BTreeMap<u64, Bin>;

/// Quantiles of attenuation and share heard against distance, by what stands between.
pub fn draw(data: &RunData) -> Figure {
    let title = "What the radio makes of a distance";
    let by_barrier = bins(data);
    let farthest_m = by_barrier.values().flat_map(BTreeMap::values).map(|bin| bin.to_m).fold(0.0, f64::max);
    let heard = by_barrier.values().flat_map(BTreeMap::values).any(|bin| bin.n_heard() >= MIN_HEARD);
    let drawing = if heard && farthest_m > 0.0 {
        Ok(svg(HEIGHT, title, |canvas| draw_panels(canvas, &by_barrier, farthest_m)))
    } else {
        Err(format!("no distance had {MIN_HEARD} scans that were heard"))
    };
    let caption = "Above: how much weaker the signal arrives, among scans that were heard. The bands hold half and nine tenths of the \
                   scans with nothing between the phones, the dark line is the middle one; coloured lines are the middle one behind a \
                   barrier. Where a band is tall, one reading says little about distance: read along a threshold (thin lines) how \
                   many distances it lets through. Below: how many scans were heard at all; where few are, those above are the \
                   strong ones only."
        .to_owned();
    Figure { name: "attenuation", title, caption, drawing }
}

fn bins(data: &RunData) -> BTreeMap<&str, Bins> {
    let table = &data.attenuation;
    let (from_m, to_m) = (table.f64("distance_from_m"), table.f64("distance_to_m"));
    let mut by_barrier: BTreeMap<&str, Bins> = BTreeMap::new();
    for row in (0..table.rows()).filter(|&row| to_m[row].is_finite()) {
        let bins = by_barrier.entry(table.text("barrier").get(row)).or_default();
        let bin = bins.entry(from_m[row].max(0.0).to_bits()).or_default();
        (bin.from_m, bin.to_m) = (from_m[row], to_m[row]);
        let scans = table.i64("scans")[row];
        if table.is_null("attenuation_db", row) {
            bin.unheard += scans;
        } else {
            *bin.heard.entry(table.i32("attenuation_db")[row]).or_default() += scans;
        }
    }
    by_barrier
}

fn draw_panels(canvas: &Canvas<'_>, by_barrier: &BTreeMap<&str, Bins>, farthest_m: f64) {
    // The barriers with most scans heard, then in the order of names, so that a colour is the same in both panels.
    let mut barriers: Vec<(&str, i64)> = by_barrier
        .iter()
        .filter(|(name, _)| **name != OPEN)
        .map(|(name, bins)| (*name, bins.values().map(Bin::n_heard).sum()))
        .filter(|(_, heard)| *heard >= MIN_HEARD)
        .collect();
    barriers.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    barriers.truncate(BARRIER_COLORS.len());
    let barriers: Vec<(&str, RGBColor)> = barriers.iter().map(|(name, _)| *name).zip(BARRIER_COLORS).collect();

    let quantiles = by_barrier.values().flat_map(BTreeMap::values).filter(|bin| bin.n_heard() >= MIN_HEARD);
    let (low, high) =
        quantiles.fold((f64::MAX, f64::MIN), |(low, high), bin| (low.min(bin.quantile_db(0.05)), high.max(bin.quantile_db(0.95))));
    let (low, high) = ((low / 5.0).floor() * 5.0, (high / 5.0).ceil() * 5.0);
    let right = WIDTH - 120.0;
    let upper = Axes::new(((150.0, 130.0), (right, 740.0)), (0.0, farthest_m), (low, high));
    upper.draw(canvas, ("", |_| String::new()), ("attenuation, dB", |x| number(x, 0)));
    let lower = Axes::new(((150.0, 800.0), (right, HEIGHT - 100.0)), (0.0, farthest_m), (0.0, 1.0));
    lower.draw(canvas, ("distance between the phones, m", |x| number(x, 1)), ("scans heard", percent));

    if let Some(open) = by_barrier.get(OPEN) {
        let heard: Vec<&Bin> = open.values().filter(|bin| bin.n_heard() >= MIN_HEARD).collect();
        for (outer, shade) in [(0.05, 0.18), (0.25, 0.35)] {
            let edge = |q: f64| heard.iter().map(move |bin| upper.at(bin.middle_m(), bin.quantile_db(q)));
            let area: Vec<(f64, f64)> = edge(outer).chain(edge(1.0 - outer).rev()).collect();
            if area.len() > 2 {
                canvas.polygon(&area, BLUE.mix(shade));
            }
        }
    }
    for db in NAMED_DB.into_iter().filter(|db| *db > low && *db < high) {
        canvas.line(&[upper.at(0.0, db), upper.at(farthest_m, db)], VERMILLION, 2);
        canvas.text((right + 12.0, upper.y.px(db)), &format!("{} dB", number(db, 0)), SMALL, VERMILLION, Align::Left);
    }
    let open = by_barrier.contains_key(OPEN).then_some((OPEN, INK));
    for (name, color) in open.into_iter().chain(barriers.iter().copied()) {
        let bins = &by_barrier[name];
        let median = bins.values().filter(|bin| bin.n_heard() >= MIN_HEARD).map(|bin| upper.at(bin.middle_m(), bin.quantile_db(0.5)));
        canvas.line(&median.collect::<Vec<_>>(), color, 5);
        let shares = bins.values().filter(|bin| bin.n_heard() + bin.unheard >= MIN_SCANS);
        canvas.line(&shares.map(|bin| lower.at(bin.middle_m(), bin.share_heard())).collect::<Vec<_>>(), color, 5);
    }

    let mut entries = vec![
        (Mark::Line(INK), "nothing between".to_owned()),
        (Mark::Square(blend(0.35 + 0.18)), "half of the scans".to_owned()),
        (Mark::Square(blend(0.18)), "nine tenths".to_owned()),
    ];
    entries.extend(barriers.iter().map(|(name, color)| (Mark::Line(*color), format!("behind {}", words(name)))));
    legend(canvas, &entries, (150.0, 40.0));
}

/// Blue over white with this opacity, for the legend.
fn blend(opacity: f64) -> RGBColor {
    let mix = |c: u8| (255.0 - (255.0 - f64::from(c)) * opacity).round() as u8;
    RGBColor(mix(BLUE.0), mix(BLUE.1), mix(BLUE.2))
}

//! What the radio makes of a distance.

use std::collections::BTreeMap;

use crate::drawing::axes::Axes;
use crate::drawing::canvas::{Align, BLUE, Canvas, Color, GREEN, GREY, INK, Label, ORANGE, PURPLE, SKY, SMALL, VERMILLION, svg};
use crate::drawing::format::{count, number, percent, words};
use crate::drawing::rows::{Mark, legend, legend_height};
use crate::output::Batch;
use crate::report::data::RunData;

use super::roc::NAMED_DB;
use super::{Figure, Panel, file_name, kind_heading};

const HOME: &str = "home";
const OPEN: &str = "none";
/// Scans heard that a bin needs to have quantiles.
const MIN_HEARD: i64 = 20;
/// Scans that a bin needs to have a share heard.
const MIN_SCANS: i64 = 20;
/// Barriers drawn besides the open line of sight.
const BARRIER_COLORS: [Color; 4] = [ORANGE, GREEN, PURPLE, SKY];
/// Opacities of the bands that hold nine tenths of the scans, and half of them over it.
const NINE_TENTHS: f64 = 0.18;
const HALF: f64 = 0.35;

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

/// Bins of a venue kind by what stood between.
type ByBarrier<'a> = BTreeMap<&'a str, Bins>;

/// Quantiles of attenuation and share heard against distance: a panel for each venue kind, by what stands between.
pub fn draw(data: &RunData) -> Figure {
    let title = "What the radio makes of a distance";
    let mut by_kind: Vec<(&str, ByBarrier<'_>)> =
        bins(&data.attenuation).into_iter().filter(|(_, by_barrier)| all(by_barrier).any(|bin| bin.n_heard() >= MIN_HEARD)).collect();
    // The venue with most scans heard first, the home last.
    by_kind.sort_by_key(|(kind, by_barrier)| (*kind == HOME, std::cmp::Reverse(all(by_barrier).map(Bin::n_heard).sum::<i64>())));
    let panels = match range_db(by_kind.iter().flat_map(|(_, by_barrier)| all(by_barrier))) {
        Some(range) => Ok(by_kind.iter().map(|(kind, by_barrier)| panel(kind, by_barrier, range)).collect()),
        None => Err(format!("no distance had {MIN_HEARD} scans that were heard")),
    };
    let caption = "A panel for each kind of venue, over the scans between running phones that were both in it, up to 20 m apart (the \
                   table has all); distances with fewer than 20 scans heard are left out; what stands between \
                   is compared inside a venue only. Above: how much weaker the signal arrives, among scans that were heard. The bands \
                   hold half and nine tenths of the scans with nothing between the phones, the dark line is the middle one; coloured \
                   lines are the middle one behind a barrier. Where a band is tall, one reading says little about distance: read along \
                   a threshold (thin lines) how many distances it lets through. Below: how many scans were heard at all; where few are, \
                   those above are the strong ones only."
        .to_owned();
    Figure { name: "attenuation", title, caption, panels }
}

fn bins(table: &Batch) -> BTreeMap<&str, ByBarrier<'_>> {
    let (from_m, to_m) = (table.f64("distance_from_m"), table.f64("distance_to_m"));
    let mut by_kind: BTreeMap<&str, ByBarrier<'_>> = BTreeMap::new();
    for row in (0..table.rows()).filter(|&row| to_m[row].is_finite()) {
        let by_barrier = by_kind.entry(table.text("venue_kind").get(row)).or_default();
        let bin = by_barrier.entry(table.text("barrier").get(row)).or_default().entry(from_m[row].max(0.0).to_bits()).or_default();
        (bin.from_m, bin.to_m) = (from_m[row], to_m[row]);
        let scans = table.i64("scans")[row];
        if table.is_null("attenuation_db", row) {
            bin.unheard += scans;
        } else {
            *bin.heard.entry(table.i32("attenuation_db")[row]).or_default() += scans;
        }
    }
    by_kind
}

fn all<'a>(by_barrier: &'a ByBarrier<'_>) -> impl Iterator<Item = &'a Bin> {
    by_barrier.values().flat_map(BTreeMap::values)
}

/// The attenuation that the axes of all panels hold: that of nine tenths of the scans of every bin.
fn range_db<'a>(bins: impl Iterator<Item = &'a Bin>) -> Option<(f64, f64)> {
    let ends = bins.filter(|bin| bin.n_heard() >= MIN_HEARD).map(|bin| (bin.quantile_db(0.05), bin.quantile_db(0.95)));
    let (low, high) = ends.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))?;
    Some(((low / 5.0).floor() * 5.0, (high / 5.0).ceil() * 5.0))
}

fn panel(kind: &str, by_barrier: &ByBarrier<'_>, range_db: (f64, f64)) -> Panel {
    // The barriers with most scans heard, then in the order of names, so that a colour is the same in both frames.
    let mut barriers: Vec<(&str, i64)> = by_barrier
        .iter()
        .filter(|(name, _)| **name != OPEN)
        .map(|(name, bins)| (*name, bins.values().map(Bin::n_heard).sum()))
        .filter(|(_, heard)| *heard >= MIN_HEARD)
        .collect();
    barriers.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    let barriers: Vec<(&str, Color)> = barriers.iter().map(|(name, _)| *name).zip(BARRIER_COLORS).collect();
    let scans: i64 = all(by_barrier).map(|bin| bin.n_heard() + bin.unheard).sum();
    let heading = format!("{}: {} scans", kind_heading(kind), count(scans));
    let name = format!("attenuation-{}", file_name(kind));
    let description = description(by_barrier, &barriers);
    Panel::new(&name, Some(heading.clone()), |column| {
        let height = column.pick(1180.0, 1320.0);
        svg(column, height, Label { name: &name, title: &heading, description: &description }, |canvas| {
            draw_panel(canvas, height, by_barrier, &barriers, range_db);
        })
    })
}

/// The middle attenuation at the nearest and the farthest distance that has one, by what stands between.
fn description(by_barrier: &ByBarrier<'_>, barriers: &[(&str, Color)]) -> String {
    let of = |name: &str| {
        let bins: Vec<&Bin> = by_barrier.get(name)?.values().filter(|bin| bin.n_heard() >= MIN_HEARD).collect();
        let at = |bin: &Bin| format!("{} dB at {} to {} m", number(bin.quantile_db(0.5), 0), number(bin.from_m, 1), number(bin.to_m, 1));
        Some(format!("{}: {}, {}.", between(name), at(bins.first()?), at(bins.last()?)))
    };
    let names = std::iter::once(OPEN).chain(barriers.iter().map(|(name, _)| *name));
    format!("Middle attenuation of the scans heard. {}", names.filter_map(of).collect::<Vec<_>>().join(" "))
}

fn between(barrier: &str) -> String {
    if barrier == OPEN { "nothing between".to_owned() } else { format!("behind {}", words(barrier)) }
}

fn draw_panel(canvas: &Canvas, height: f64, by_barrier: &ByBarrier<'_>, barriers: &[(&str, Color)], (low, high): (f64, f64)) {
    let mut entries = vec![
        (Mark::Line(INK), between(OPEN)),
        (Mark::Square(BLUE.faded(HALF + NINE_TENTHS)), "half of the scans".to_owned()),
        (Mark::Square(BLUE.faded(NINE_TENTHS)), "nine tenths".to_owned()),
    ];
    entries.extend(barriers.iter().map(|(name, color)| (Mark::Line(*color), between(name))));
    let left = canvas.column.pick(130.0, Axes::BESIDE + 4.0);
    let legend_left = canvas.column.pick(left, 10.0);
    legend(canvas, &entries, (legend_left, 30.0));
    let top = legend_height(&entries, legend_left, canvas.width()) + 76.0;
    let right = canvas.width() - canvas.column.pick(110.0, 84.0);
    let middle = top + (height - top) * 0.58;
    let farthest_m = all(by_barrier).filter(|bin| bin.n_heard() + bin.unheard >= MIN_SCANS).map(|bin| bin.to_m).fold(0.0, f64::max);
    let upper = Axes::new(((left, top), (right, middle)), (0.0, farthest_m), (low, high));
    upper.draw(canvas, ("", |_| String::new()), ("attenuation, dB", |x| number(x, 0)));
    let lower = Axes::new(((left, middle + 84.0), (right, height - Axes::BELOW)), (0.0, farthest_m), (0.0, 1.0));
    lower.draw(canvas, ("distance between the phones, m", |x| number(x, 1)), ("share of scans heard", percent));

    if let Some(open) = by_barrier.get(OPEN) {
        let heard: Vec<&Bin> = open.values().filter(|bin| bin.n_heard() >= MIN_HEARD).collect();
        for (outer, shade) in [(0.05, NINE_TENTHS), (0.25, HALF)] {
            let edge = |q: f64| heard.iter().map(move |bin| upper.at(bin.middle_m(), bin.quantile_db(q)));
            let area: Vec<(f64, f64)> = edge(outer).chain(edge(1.0 - outer).rev()).collect();
            if area.len() > 2 {
                canvas.polygon(&area, BLUE.faded(shade));
            }
        }
    }
    for db in NAMED_DB.into_iter().filter(|db| *db > low && *db < high) {
        canvas.line(&[upper.at(0.0, db), upper.at(farthest_m, db)], VERMILLION, 2.0);
        canvas.text((right + 10.0, upper.y.px(db)), &format!("{} dB", number(db, 0)), SMALL, GREY, Align::Left);
    }
    let open = by_barrier.contains_key(OPEN).then_some((OPEN, INK));
    for (name, color) in open.into_iter().chain(barriers.iter().copied()) {
        let bins = &by_barrier[name];
        let median = bins.values().filter(|bin| bin.n_heard() >= MIN_HEARD).map(|bin| upper.at(bin.middle_m(), bin.quantile_db(0.5)));
        canvas.line(&median.collect::<Vec<_>>(), color, 5.0);
        let shares = bins.values().filter(|bin| bin.n_heard() + bin.unheard >= MIN_SCANS);
        canvas.line(&shares.map(|bin| lower.at(bin.middle_m(), bin.share_heard())).collect::<Vec<_>>(), color, 5.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::tables;

    /// Scans around a mean, in bins of half a metre.
    fn add(table: &mut Batch, kind: &str, barrier: &str, mean_db: i32, scans: i64) {
        for bin in 0..8 {
            for db in [mean_db - 4, mean_db, mean_db + 4] {
                let row = table.row().set("venue_kind", kind).set("barrier", barrier).set("carriage", "hand-hand");
                let row = row.set("distance_from_m", f64::from(bin) * 0.5).set("distance_to_m", f64::from(bin + 1) * 0.5);
                row.set("attenuation_db", Some(db + bin)).set("scans", scans);
            }
        }
    }

    /// In the office acrylic costs nothing, at home all is near and clear: pooled, acrylic would seem to cost 10 dB.
    #[test]
    fn a_barrier_is_compared_inside_its_own_venue() {
        let mut office = Batch::new(&tables::ATTENUATION);
        add(&mut office, "office", "none", 70, 100);
        add(&mut office, "office", "acrylic", 70, 100);
        let mut both = Batch::new(&tables::ATTENUATION);
        add(&mut both, "office", "none", 70, 100);
        add(&mut both, "office", "acrylic", 70, 100);
        add(&mut both, "home", "none", 60, 10_000);
        let of_office = |table: &Batch| {
            let by_kind = bins(table);
            let by_barrier = &by_kind["office"];
            let middle = |barrier: &str| by_barrier[barrier].values().map(|bin| bin.quantile_db(0.5)).collect::<Vec<_>>();
            assert_eq!(middle("none"), middle("acrylic"));
            panel("office", by_barrier, (40.0, 90.0)).wide
        };
        assert_eq!(of_office(&office), of_office(&both));
        assert_eq!(bins(&both).keys().copied().collect::<Vec<_>>(), ["home", "office"]);
    }
}

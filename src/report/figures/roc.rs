//! What another attenuation threshold would have done.

use crate::drawing::axes::Axes;
use crate::drawing::canvas::{Align, BLUE, Canvas, Color, GREY, INK, Label, ORANGE, SMALL, VERMILLION, svg};
use crate::drawing::format::{number, percent};
use crate::drawing::rows::{Mark, legend};
use crate::drawing::scale::round_step;
use crate::report::data::{HEADLINE, Rate, RunData, TRUTH, rate};

use super::{Figure, Panel, one};

/// Thresholds with a name: those of GAEN's and COCOA's configurations.
pub const NAMED_DB: [f64; 4] = [50.0, 55.0, 63.0, 70.0];
/// Alarms below which a predictive value is noise and not drawn.
const MIN_ALARMS: i64 = 10;
const NO_RATE: Rate = Rate { value: f64::NAN, lo: f64::NAN, hi: f64::NAN };
/// How much of a band's colour covers what is below it.
const BAND_OPACITY: f64 = 0.2;

/// Rates at a threshold.
struct Point {
    threshold_db: f64,
    sensitivity: Rate,
    false_positive_rate: Rate,
    /// NaN of too few alarms.
    ppv: Rate,
}

/// ROC curve, and rates against the threshold.
pub fn draw(data: &RunData) -> Figure {
    let title = "What another attenuation threshold would do";
    let points = points(data);
    let has_both = points.first().is_some_and(|p| !p.sensitivity.value.is_nan() && !p.false_positive_rate.value.is_nan());
    let panels = if points.is_empty() {
        Err("the table roc has no rows for contacts outside the home".to_owned())
    } else if has_both {
        let description = description(&points);
        Ok(one(Panel::new("roc", None, |column| {
            let (height, left, right) = column.pick(
                (900.0, ((130.0, 160.0), (790.0, 790.0)), ((970.0, 160.0), (1600.0, 790.0))),
                (1560.0, ((104.0, 120.0), (650.0, 680.0)), ((104.0, 950.0), (650.0, 1460.0))),
            );
            svg(column, height, Label { name: "roc", title, description: &description }, |canvas| {
                draw_roc(canvas, &points, left);
                draw_by_threshold(canvas, &points, right);
            })
        })))
    } else {
        Err("a curve needs both contacts and other pairs outside the home, and one of them is missing".to_owned())
    };
    let caption = "First: each point is one threshold for calling a scan near; up is more contacts found, right is more false alarms. \
                   A curve that hugs the upper left corner means that signal strength separates contacts from other pairs; the closer to \
                   the grey diagonal, the less any threshold can do. Second: the same thresholds one by one. Crosses and bands are \
                   intervals. Ordered pairs outside the home and UTC days."
        .to_owned();
    Figure { name: "roc", title, caption, panels }
}

fn points(data: &RunData) -> Vec<Point> {
    let table = &data.roc;
    let wanted = [("truth", TRUTH), ("stratum", HEADLINE.0), ("level", HEADLINE.1)];
    let [sensitivity, specificity, ppv] = ["sensitivity", "specificity", "ppv"].map(|column| rate(table, column));
    let mut points: Vec<Point> = (0..table.rows())
        .filter(|&row| wanted.iter().all(|(column, value)| table.text(column).get(row) == *value))
        .map(|row| {
            let specificity = specificity(row);
            let alarms = table.i64("tp")[row] + table.i64("fp")[row];
            Point {
                threshold_db: table.f64("threshold_db")[row],
                sensitivity: sensitivity(row),
                false_positive_rate: Rate { value: 1.0 - specificity.value, lo: 1.0 - specificity.hi, hi: 1.0 - specificity.lo },
                ppv: if alarms < MIN_ALARMS { NO_RATE } else { ppv(row) },
            }
        })
        .collect();
    points.sort_by(|a, b| a.threshold_db.total_cmp(&b.threshold_db));
    points
}

/// What the named thresholds find.
fn description(points: &[Point]) -> String {
    let named = points.iter().filter(|p| NAMED_DB.contains(&p.threshold_db));
    let texts = named.map(|p| {
        let (found, alarms) = (percent(p.sensitivity.value), percent(p.false_positive_rate.value));
        format!("{} dB: {found} of contacts found, {alarms} of other pairs alarmed.", number(p.threshold_db, 1))
    });
    texts.collect::<Vec<_>>().join(" ")
}

/// Corners of a frame.
type Frame = ((f64, f64), (f64, f64));

fn draw_roc(canvas: &Canvas, points: &[Point], frame: Frame) {
    let widest = points.iter().map(|p| p.false_positive_rate.value).fold(0.0, f64::max).clamp(0.001, 1.0);
    let step = round_step(widest / 5.0);
    let x_max = ((widest / step).ceil() * step).min(1.0);
    let axes = Axes::new(frame, (0.0, x_max), (0.0, 1.0));
    axes.draw(canvas, ("false alarms among pairs not in contact", percent), ("contacts found", percent));
    axes.heading(canvas, "Receiver operating characteristic");
    canvas.line(&[axes.at(0.0, 0.0), axes.at(x_max, x_max)], GREY, 2.0);
    let curve: Vec<(f64, f64)> = points.iter().map(|p| axes.at(p.false_positive_rate.value, p.sensitivity.value)).collect();
    canvas.line(&curve, BLUE, 5.0);
    // Labels go right of and below the curve.
    let mut named: Vec<(&Point, (f64, f64))> = points.iter().zip(curve).filter(|(p, _)| NAMED_DB.contains(&p.threshold_db)).collect();
    named.sort_by(|a, b| a.1.1.total_cmp(&b.1.1));
    let (right, bottom) = frame.1;
    let wanted: Vec<f64> = named.iter().map(|(_, (_, y))| y + 34.0).collect();
    for ((point, (x, y)), label_y) in named.into_iter().zip(apart(&wanted, 32.0, bottom - 20.0)) {
        let is_right = x + 150.0 > right;
        let (label_x, align) = if is_right { (x - 34.0, Align::Right) } else { (x + 34.0, Align::Left) };
        let (found, alarms) = (point.sensitivity, point.false_positive_rate);
        canvas.line(&[(x, axes.y.px(found.lo)), (x, axes.y.px(found.hi))], VERMILLION, 3.0);
        canvas.line(&[(axes.x.px(alarms.lo), y), (axes.x.px(alarms.hi.min(x_max)), y)], VERMILLION, 3.0);
        canvas.line(&[(x, y), (if is_right { label_x + 6.0 } else { label_x - 6.0 }, label_y)], GREY, 2.0);
        canvas.disc((x, y), 10.0, VERMILLION);
        canvas.text((label_x, label_y), &format!("{} dB", number(point.threshold_db, 1)), SMALL, INK, align);
    }
}

/// Places near the wanted ones, which ascend: each at least so far below the one above it, the last no lower than `lowest`.
fn apart(wanted: &[f64], by: f64, lowest: f64) -> Vec<f64> {
    let mut places: Vec<f64> = Vec::with_capacity(wanted.len());
    for &y in wanted {
        places.push(places.last().map_or(y, |above| y.max(above + by)));
    }
    let mut limit = lowest;
    for y in places.iter_mut().rev() {
        *y = y.min(limit);
        limit = *y - by;
    }
    places
}

fn draw_by_threshold(canvas: &Canvas, points: &[Point], frame: Frame) {
    let ends = |points: &[Point]| Some((points.first()?.threshold_db, points.last()?.threshold_db));
    let range = ends(points).unwrap_or((0.0, 1.0));
    let axes = Axes::new(frame, range, (0.0, 1.0));
    axes.draw(canvas, ("threshold, dB", |x| number(x, 1)), ("", percent));
    let (left, top) = frame.0;
    for db in NAMED_DB.into_iter().filter(|db| *db > range.0 && *db < range.1) {
        canvas.line(&[axes.at(db, 0.0), axes.at(db, 1.0)], VERMILLION, 2.0);
        // Above the frame, where no curve runs.
        canvas.text((axes.x.px(db), top - 20.0), &number(db, 0), SMALL, GREY, Align::Middle);
    }
    let draw = |rate: fn(&Point) -> Rate, color: Color| {
        let of = |value: fn(&Rate) -> f64| -> Vec<(f64, f64)> {
            let known = points.iter().filter(|p| !rate(p).value.is_nan());
            known.map(|p| axes.at(p.threshold_db, value(&rate(p)))).collect()
        };
        let band: Vec<(f64, f64)> = of(|r| r.lo).into_iter().chain(of(|r| r.hi).into_iter().rev()).collect();
        canvas.polygon(&band, color.faded(BAND_OPACITY));
        canvas.line(&of(|r| r.value), color, 5.0);
    };
    draw(|p| p.sensitivity, BLUE);
    draw(|p| p.ppv, ORANGE);
    axes.heading(canvas, "By threshold");
    let entries = [(Mark::Line(BLUE), "contacts found".to_owned()), (Mark::Line(ORANGE), "alarms that are contacts".to_owned())];
    legend(canvas, &entries, (left - Axes::BESIDE + 8.0, top - 126.0));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As in a world of two contacts, whose thresholds all find nothing until one finds all.
    #[test]
    fn labels_at_the_bottom_stand_above_each_other() {
        assert_eq!(apart(&[10.0, 20.0, 95.0, 96.0], 32.0, 110.0), [10.0, 42.0, 78.0, 110.0].map(|y: f64| y.min(110.0)));
        assert_eq!(apart(&[100.0, 100.0, 100.0], 32.0, 100.0), [36.0, 68.0, 100.0]);
        assert_eq!(apart(&[10.0, 90.0], 32.0, 200.0), [10.0, 90.0]);
    }
}

//! What another attenuation threshold would have done.

use plotters::style::{Color, RGBColor};

use crate::report::canvas::{Align, BLUE, Canvas, GREY, INK, ORANGE, SMALL, VERMILLION, WIDTH, svg};
use crate::report::data::{HEADLINE, Rate, RunData, TRUTH, rate};
use crate::report::format::{number, percent};
use crate::report::scale::round_step;

use super::Figure;
use super::axes::Axes;
use super::rows::{Mark, legend};

/// Thresholds with a name: those of GAEN's and COCOA's configurations.
pub const NAMED_DB: [f64; 4] = [50.0, 55.0, 63.0, 70.0];
const HEIGHT: f64 = 900.0;
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
    let drawing = if points.is_empty() {
        Err("the table roc has no rows for contacts outside the home".to_owned())
    } else if has_both {
        Ok(svg(HEIGHT, title, |canvas| {
            draw_roc(canvas, &points);
            draw_by_threshold(canvas, &points);
        }))
    } else {
        Err("a curve needs both contacts and other pairs outside the home, and one of them is missing".to_owned())
    };
    let caption = "Left: each point is one threshold for calling a scan near; up is more contacts found, right is more false alarms. \
                   A curve that hugs the upper left corner means that signal strength tells contacts from other pairs; the closer to \
                   the grey diagonal, the less any threshold can do. Right: the same thresholds one by one. Crosses and bands are \
                   intervals. Ordered pairs outside the home and UTC days."
        .to_owned();
    Figure { name: "roc", title, caption, drawing }
}

fn points(data: &RunData) -> Vec<Point> {
    let table = &data.roc;
    let wanted = [("truth", TRUTH), ("stratum", HEADLINE.0), ("level", HEADLINE.1)];
    let mut points: Vec<Point> = (0..table.rows())
        .filter(|&row| wanted.iter().all(|(column, value)| table.text(column).get(row) == *value))
        .map(|row| {
            let specificity = rate(table, "specificity", row);
            let alarms = table.i64("tp")[row] + table.i64("fp")[row];
            Point {
                threshold_db: table.f64("threshold_db")[row],
                sensitivity: rate(table, "sensitivity", row),
                false_positive_rate: Rate { value: 1.0 - specificity.value, lo: 1.0 - specificity.hi, hi: 1.0 - specificity.lo },
                ppv: if alarms < MIN_ALARMS { NO_RATE } else { rate(table, "ppv", row) },
            }
        })
        .collect();
    points.sort_by(|a, b| a.threshold_db.total_cmp(&b.threshold_db));
    points
}

fn draw_roc(canvas: &Canvas<'_>, points: &[Point]) {
    let widest = points.iter().map(|p| p.false_positive_rate.value).fold(0.0, f64::max).clamp(0.001, 1.0);
    let step = round_step(widest / 5.0);
    let x_max = ((widest / step).ceil() * step).min(1.0);
    let axes = Axes::new(((130.0, 160.0), (790.0, HEIGHT - 110.0)), (0.0, x_max), (0.0, 1.0));
    axes.draw(canvas, ("false alarms among pairs not in contact", percent), ("contacts found", percent));
    axes.heading(canvas, "Receiver operating characteristic");
    canvas.line(&[axes.at(0.0, 0.0), axes.at(x_max, x_max)], GREY, 2);
    let curve: Vec<(f64, f64)> = points.iter().map(|p| axes.at(p.false_positive_rate.value, p.sensitivity.value)).collect();
    canvas.line(&curve, BLUE, 5);
    // Labels go right of and below the curve; a label too close to the one above is moved down.
    let mut named: Vec<(&Point, (f64, f64))> = points.iter().zip(curve).filter(|(p, _)| NAMED_DB.contains(&p.threshold_db)).collect();
    named.sort_by(|a, b| a.1.1.total_cmp(&b.1.1));
    let mut free = f64::MIN;
    for (point, (x, y)) in named {
        let label_y = (y + 34.0).max(free).min(HEIGHT - 130.0);
        let is_right = x + 150.0 > 790.0;
        let (label_x, align) = if is_right { (x - 34.0, Align::Right) } else { (x + 34.0, Align::Left) };
        let (found, alarms) = (point.sensitivity, point.false_positive_rate);
        canvas.line(&[(x, axes.y.px(found.lo)), (x, axes.y.px(found.hi))], VERMILLION, 3);
        canvas.line(&[(axes.x.px(alarms.lo), y), (axes.x.px(alarms.hi.min(x_max)), y)], VERMILLION, 3);
        canvas.line(&[(x, y), (if is_right { label_x + 6.0 } else { label_x - 6.0 }, label_y)], GREY, 2);
        canvas.disc((x, y), 10.0, VERMILLION.into());
        canvas.text((label_x, label_y), &format!("{} dB", number(point.threshold_db, 1)), SMALL, INK, align);
        free = label_y + 32.0;
    }
}

fn draw_by_threshold(canvas: &Canvas<'_>, points: &[Point]) {
    let ends = |points: &[Point]| Some((points.first()?.threshold_db, points.last()?.threshold_db));
    let range = ends(points).unwrap_or((0.0, 1.0));
    let axes = Axes::new(((960.0, 160.0), (WIDTH - 40.0, HEIGHT - 110.0)), range, (0.0, 1.0));
    axes.draw(canvas, ("threshold, dB", |x| number(x, 1)), ("share", percent));
    axes.heading(canvas, "By threshold");
    for db in NAMED_DB.into_iter().filter(|db| *db > range.0 && *db < range.1) {
        canvas.line(&[axes.at(db, 0.0), axes.at(db, 1.0)], VERMILLION, 2);
        // Above the frame, where no curve runs.
        canvas.text((axes.x.px(db), 142.0), &number(db, 0), SMALL * 0.9, VERMILLION, Align::Middle);
    }
    let draw = |rate: fn(&Point) -> Rate, color: RGBColor| {
        let of = |value: fn(&Rate) -> f64| -> Vec<(f64, f64)> {
            let known = points.iter().filter(|p| !rate(p).value.is_nan());
            known.map(|p| axes.at(p.threshold_db, value(&rate(p)))).collect()
        };
        let band: Vec<(f64, f64)> = of(|r| r.lo).into_iter().chain(of(|r| r.hi).into_iter().rev()).collect();
        canvas.polygon(&band, color.mix(BAND_OPACITY));
        canvas.line(&of(|r| r.value), color, 5);
    };
    draw(|p| p.sensitivity, BLUE);
    draw(|p| p.ppv, ORANGE);
    let entries = [(Mark::Line(BLUE), "contacts found".to_owned()), (Mark::Line(ORANGE), "alarms that are contacts".to_owned())];
    legend(canvas, &entries, (960.0, 34.0));
}

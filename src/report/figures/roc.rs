//! What another attenuation threshold would have done.

use crate::report::canvas::{Align, BLUE, Canvas, GREY, INK, ORANGE, SMALL, VERMILLION, WIDTH, svg};
use crate::report::data::{HEADLINE, RunData, TRUTH};
use crate::report::format::{number, percent};
use crate::report::scale::round_step;

use super::Figure;
use super::axes::Axes;
use super::rows::{Mark, legend};

/// Thresholds with a name: those of GAEN's and COCOA's configurations.
pub const NAMED_DB: [f64; 4] = [50.0, 55.0, 63.0, 70.0];
const HEIGHT: f64 = 900.0;
/// Alarms below which a predictive value is noise and not drawn.
const MIN_ALARMS: f64 = 10.0;

/// Counts at a threshold.
struct Point {
    threshold_db: f64,
    tp: f64,
    fp: f64,
    fn_: f64,
    tn: f64,
}

impl Point {
    fn sensitivity(&self) -> f64 {
        self.tp / (self.tp + self.fn_)
    }

    fn false_positive_rate(&self) -> f64 {
        self.fp / (self.fp + self.tn)
    }

    fn ppv(&self) -> f64 {
        let alarms = self.tp + self.fp;
        if alarms < MIN_ALARMS { f64::NAN } else { self.tp / alarms }
    }
}

/// ROC curve, and rates against the threshold.
pub fn draw(data: &RunData) -> Figure {
    let title = "What another attenuation threshold would do";
    let points = points(data);
    let has_both = points.first().is_some_and(|p| p.tp + p.fn_ > 0.0 && p.fp + p.tn > 0.0);
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
                   the grey diagonal, the less any threshold can do. Right: the same thresholds one by one. Ordered pairs outside \
                   the home and UTC days."
        .to_owned();
    Figure { name: "roc", title, caption, drawing }
}

fn points(data: &RunData) -> Vec<Point> {
    let table = &data.roc;
    let wanted = [("truth", TRUTH), ("stratum", HEADLINE.0), ("level", HEADLINE.1)];
    let mut points: Vec<Point> = (0..table.rows())
        .filter(|&row| wanted.iter().all(|(column, value)| table.text(column).get(row) == *value))
        .map(|row| Point {
            threshold_db: table.f64("threshold_db")[row],
            tp: table.i64("tp")[row] as f64,
            fp: table.i64("fp")[row] as f64,
            fn_: table.i64("fn")[row] as f64,
            tn: table.i64("tn")[row] as f64,
        })
        .collect();
    points.sort_by(|a, b| a.threshold_db.total_cmp(&b.threshold_db));
    points
}

fn draw_roc(canvas: &Canvas<'_>, points: &[Point]) {
    let widest = points.iter().map(Point::false_positive_rate).fold(0.0, f64::max).clamp(0.001, 1.0);
    let step = round_step(widest / 5.0);
    let x_max = ((widest / step).ceil() * step).min(1.0);
    let axes = Axes::new(((130.0, 160.0), (790.0, HEIGHT - 110.0)), (0.0, x_max), (0.0, 1.0));
    axes.draw(canvas, ("false alarms among pairs not in contact", percent), ("contacts found", percent));
    axes.heading(canvas, "Receiver operating characteristic");
    canvas.line(&[axes.at(0.0, 0.0), axes.at(x_max, x_max)], GREY, 2);
    let curve: Vec<(f64, f64)> = points.iter().map(|p| axes.at(p.false_positive_rate(), p.sensitivity())).collect();
    canvas.line(&curve, BLUE, 5);
    // Labels go right of and below the curve; a label too close to the one above is moved down.
    let mut named: Vec<(&Point, (f64, f64))> = points.iter().zip(curve).filter(|(p, _)| NAMED_DB.contains(&p.threshold_db)).collect();
    named.sort_by(|a, b| a.1.1.total_cmp(&b.1.1));
    let mut free = f64::MIN;
    for (point, (x, y)) in named {
        let label_y = (y + 34.0).max(free).min(HEIGHT - 130.0);
        let is_right = x + 150.0 > 790.0;
        let (label_x, align) = if is_right { (x - 34.0, Align::Right) } else { (x + 34.0, Align::Left) };
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
    let curve = |value: fn(&Point) -> f64| -> Vec<(f64, f64)> {
        points.iter().filter(|p| !value(p).is_nan()).map(|p| axes.at(p.threshold_db, value(p))).collect()
    };
    canvas.line(&curve(Point::sensitivity), BLUE, 5);
    canvas.line(&curve(Point::ppv), ORANGE, 5);
    let entries = [(Mark::Line(BLUE), "contacts found".to_owned()), (Mark::Line(ORANGE), "alarms that are contacts".to_owned())];
    legend(canvas, &entries, (960.0, 34.0));
}

//! Attenuation while the carrier of a phone turns on the spot.

use crate::report::{
    canvas::{BLUE, GREEN, ORANGE, PURPLE, SKY, VERMILLION, WIDTH, svg},
    format::words,
};

use super::{
    axes::Axes,
    rows::{Mark, legend},
};

/// One way of carrying: its name and mean attenuation at even steps of the way round, beginning face to face, dB.
pub type Turn = (String, Vec<f32>);

const HEIGHT: f64 = 760.0;

/// Draws one curve a carriage over the angle turned; gives the SVG.
pub fn rotation_figure(title: &str, turns: &[Turn]) -> String {
    let all = || turns.iter().flat_map(|(_, db)| db.iter().map(|v| f64::from(*v)));
    let (low, high) = (all().fold(f64::MAX, f64::min), all().fold(f64::MIN, f64::max));
    svg(HEIGHT, title, |canvas| {
        let axes = Axes::new(((150.0, 130.0), (WIDTH - 40.0, HEIGHT - 100.0)), (0.0, 360.0), ((low - 3.0).floor(), (high + 3.0).ceil()));
        axes.draw(
            canvas,
            ("angle turned by the transmitter's carrier, degrees", |x| format!("{x:.0}")),
            ("mean attenuation, dB", |y| format!("{y:.0}")),
        );
        let colors = [BLUE, ORANGE, GREEN, VERMILLION, PURPLE, SKY];
        let mut entries = Vec::new();
        for ((name, db), color) in turns.iter().zip(colors) {
            let step = 360.0 / (db.len().max(2) - 1) as f64;
            let points: Vec<(f64, f64)> = db.iter().enumerate().map(|(i, v)| axes.at(i as f64 * step, f64::from(*v))).collect();
            canvas.line(&points, color, 5);
            let swing = db.iter().copied().fold(f32::MIN, f32::max) - db.iter().copied().fold(f32::MAX, f32::min);
            entries.push((Mark::Line(color), format!("{}, swing {swing:.0} dB", words(name))));
        }
        legend(canvas, &entries, (150.0, 34.0));
    })
}

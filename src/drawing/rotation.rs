//! Attenuation while the carrier of a phone turns on the spot.

use super::{
    axes::Axes,
    canvas::{BLUE, Column, GREEN, Label, ORANGE, PURPLE, SKY, VERMILLION, svg},
    format::words,
    rows::{Mark, legend},
};

/// One way of carrying: its name and mean attenuation at even steps of the way round, beginning face to face, dB.
pub type Turn = (String, Vec<f32>);

const HEIGHT: f64 = 760.0;

/// Draws one curve a carriage over the angle turned; gives the SVG.
pub fn rotation_figure(title: &str, turns: &[Turn]) -> String {
    let all = || turns.iter().flat_map(|(_, db)| db.iter().map(|v| f64::from(*v)));
    let (low, high) = (all().fold(f64::MAX, f64::min), all().fold(f64::MIN, f64::max));
    let swing = |db: &[f32]| db.iter().copied().fold(f32::MIN, f32::max) - db.iter().copied().fold(f32::MAX, f32::min);
    let named = |(name, db): &Turn| format!("{}, swing {:.0} dB", words(name), swing(db));
    let description = turns.iter().map(named).collect::<Vec<_>>().join("; ");
    svg(Column::Wide, HEIGHT, Label { name: "rotation", title, description: &description }, |canvas| {
        let (right, bottom) = (canvas.width() - 40.0, HEIGHT - Axes::BELOW);
        let axes = Axes::new(((130.0, 150.0), (right, bottom)), (0.0, 360.0), ((low - 3.0).floor(), (high + 3.0).ceil()));
        axes.draw(
            canvas,
            ("angle turned by the transmitter's carrier, degrees", |x| format!("{x:.0}")),
            ("mean attenuation, dB", |y| format!("{y:.0}")),
        );
        let colors = [BLUE, ORANGE, GREEN, VERMILLION, PURPLE, SKY];
        let mut entries = Vec::new();
        for (turn, color) in turns.iter().zip(colors) {
            let db = &turn.1;
            let step = 360.0 / (db.len().max(2) - 1) as f64;
            let points: Vec<(f64, f64)> = db.iter().enumerate().map(|(i, v)| axes.at(i as f64 * step, f64::from(*v))).collect();
            canvas.line(&points, color, 5.0);
            entries.push((Mark::Line(color), named(turn)));
        }
        legend(canvas, &entries, (130.0, 34.0));
    })
}

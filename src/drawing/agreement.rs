//! Attenuation against distance, measured beside simulated.

use super::{
    axes::Axes,
    canvas::{Align, BLUE, Canvas, Color, Column, GREY, INK, Label, ORANGE, PALE, SMALL, TEXT, svg},
    rows::{Mark, legend},
    scale::Scale,
};

/// One scenario's panel.
#[derive(Clone, Debug, Default)]
pub struct AgreementPanel {
    /// What it is of.
    pub title: String,
    /// Distance bins.
    pub bins: Vec<AgreementBin>,
    /// For rising thresholds, share of scans beyond 2 m and within 2 m at or under it: measured, simulated.
    pub roc: Vec<[Option<(f64, f64)>; 2]>,
}

/// A distance bin: share heard, and quantiles 5, 25, 50, 75, 95 % of typical attenuation, dB.
#[derive(Clone, Copy, Debug, Default)]
pub struct AgreementBin {
    /// From, m.
    pub from_m: f64,
    /// To, m.
    pub to_m: f64,
    /// Measured.
    pub measured: (Option<f64>, [Option<f64>; 5]),
    /// Simulated.
    pub simulated: (Option<f64>, [Option<f64>; 5]),
}

const PANEL: f64 = 620.0;

/// Draws one panel a scenario, below each other; gives the SVG.
pub fn agreement_figure(panels: &[AgreementPanel]) -> String {
    let height = 90.0 + PANEL * panels.len().max(1) as f64;
    let title = "Attenuation against distance, measured and simulated";
    let description = panels.iter().map(|panel| panel.title.as_str()).collect::<Vec<_>>().join("; ");
    svg(Column::Wide, height, Label { name: "agreement", title, description: &description }, |canvas| {
        let entries = [(Mark::Dot(BLUE), "measured".to_owned()), (Mark::Dot(ORANGE), "simulated".to_owned())];
        legend(canvas, &entries, (60.0, 44.0));
        let note = "bars: 5-95 % and 25-75 % of scans that heard something; dot: median; numbers: share heard, %";
        canvas.text((470.0, 44.0), note, SMALL, GREY, Align::Left);
        for (i, panel) in panels.iter().enumerate() {
            draw_panel(canvas, panel, 90.0 + PANEL * i as f64);
        }
    })
}

fn draw_panel(canvas: &Canvas, panel: &AgreementPanel, top: f64) {
    let (left, right, low, high) = (110.0, canvas.width() - 660.0, top + PANEL - 130.0, top + 74.0);
    draw_roc(canvas, panel, (right + 130.0, high + 20.0, canvas.width() - 40.0, low));
    let y = Scale::new((30.0, 80.0), (low, high));
    canvas.bold((34.0, top + 10.0), &panel.title, TEXT, INK, Align::Left);
    for db in y.ticks(6) {
        canvas.line(&[(left, y.px(db)), (right, y.px(db))], PALE, 1.0);
        canvas.text((left - 12.0, y.px(db)), &format!("{db:.0}"), SMALL, GREY, Align::Right);
    }
    canvas.text((34.0, high - 28.0), "typical attenuation, dB", SMALL, GREY, Align::Left);
    let slot = (right - left) / panel.bins.len().max(1) as f64;
    for (i, bin) in panel.bins.iter().enumerate() {
        let middle = left + slot * (i as f64 + 0.5);
        canvas.text((middle, low + 24.0), &format!("{}-{} m", bin.from_m, bin.to_m), SMALL, INK, Align::Middle);
        for (offset, color, (heard, quantiles)) in [(-0.14, BLUE, bin.measured), (0.14, ORANGE, bin.simulated)] {
            let x = middle + offset * slot;
            if let [Some(q05), Some(q25), Some(q50), Some(q75), Some(q95)] = quantiles {
                bar(canvas, x, 7.0, (y.px(q05), y.px(q95)), color, 0.35);
                bar(canvas, x, 18.0, (y.px(q25), y.px(q75)), color, 0.55);
                canvas.disc((x, y.px(q50)), 9.0, INK);
            }
            let text = heard.map_or_else(|| "-".into(), |h| format!("{:.0}", h * 100.0));
            canvas.text((x, low + 58.0), &text, SMALL, INK, Align::Middle);
        }
    }
}

fn draw_roc(canvas: &Canvas, panel: &AgreementPanel, (left, top, right, bottom): (f64, f64, f64, f64)) {
    let share = |v: f64| format!("{:.0}", v * 100.0);
    let axes = Axes::new(((left, top), (right, bottom)), (0.0, 1.0), (0.0, 1.0));
    axes.draw(canvas, ("of scans heard beyond 2 m taken for near, %", share), ("of scans heard within 2 m found, %", share));
    canvas.line(&[axes.at(0.0, 0.0), axes.at(1.0, 1.0)], GREY, 2.0);
    for (side, color) in [(1, ORANGE), (0, BLUE)] {
        let points: Vec<(f64, f64)> = panel.roc.iter().filter_map(|p| p[side]).map(|(fpr, tpr)| axes.at(fpr, tpr)).collect();
        canvas.line(&points, color, 4.0);
    }
}

fn bar(canvas: &Canvas, x: f64, half: f64, (from, to): (f64, f64), color: Color, alpha: f64) {
    canvas.rect((x - half, from.min(to)), (x + half, from.max(to)), color.faded(alpha), None);
}

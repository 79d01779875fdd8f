//! The figures of a report, one a file.

mod agreement;
mod attenuation;
mod axes;
mod causes;
mod contacts;
mod floor;
mod funnel;
mod link;
mod rates;
mod roc;
mod rotation;
mod rows;
mod worlds;

pub use agreement::{AgreementBin, AgreementPanel, agreement_figure};
pub use link::{LinkDrawing, MapDrawing, PlanDrawing, link_figure};
pub use rotation::{Turn, rotation_figure};

use super::data::RunData;

/// A figure of the report.
pub struct Figure {
    /// Name of its file, and its anchor in the page.
    pub name: &'static str,
    /// What it shows, as a heading.
    pub title: &'static str,
    /// What to read off it: HTML.
    pub caption: String,
    /// The SVG, or why there is nothing to show.
    pub drawing: Result<String, String>,
}

/// Every figure, in the order of the page. Over several worlds, those of the table `accuracy`: each world has a page of its own.
pub fn all(data: &RunData) -> Vec<Figure> {
    if data.number_of_worlds() > 1 {
        return vec![rates::by_rule(data), worlds::draw(data), rates::by_stratum(data)];
    }
    vec![
        rates::by_rule(data),
        causes::draw(data),
        rates::by_stratum(data),
        roc::draw(data),
        attenuation::draw(data),
        floor::draw(data),
        contacts::draw(data),
        funnel::draw(data),
    ]
}

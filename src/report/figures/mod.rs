//! The figures of a report, one a file.

mod attenuation;
mod causes;
mod contacts;
mod day;
mod delays;
mod floor;
mod funnel;
mod meetings;
mod rates;
mod roc;
mod strata;
mod timeline;
mod worlds;

use crate::drawing::canvas::Column;
use crate::drawing::format::{escape, words};

use super::data::RunData;

/// A figure of the report.
pub struct Figure {
    /// Its anchor in the page.
    pub name: &'static str,
    /// What it shows, as a heading.
    pub title: &'static str,
    /// What to read off it: HTML.
    pub caption: String,
    /// Its panels, or why there is nothing to show.
    pub panels: Result<Vec<Panel>, String>,
}

/// A part of a figure that stands on its own: one file.
pub struct Panel {
    /// Name of its file.
    pub name: String,
    /// What it is of, where a figure has several.
    pub heading: Option<String>,
    /// The SVG for a wide column, and for its file.
    pub wide: String,
    /// The SVG for a phone.
    pub narrow: String,
}

impl Panel {
    /// A panel drawn for each column.
    fn new(name: &str, heading: Option<String>, draw: impl Fn(Column) -> String) -> Self {
        Self { name: name.to_owned(), heading, wide: draw(Column::Wide), narrow: draw(Column::Narrow) }
    }
}

impl Figure {
    /// What the page shows above the caption: each panel for both columns, of which style shows one; or why there is none.
    pub fn body(&self) -> String {
        let panel = |panel: &Panel| {
            let heading = panel.heading.as_deref().map_or_else(String::new, |text| format!("<h3>{}</h3>\n", escape(text)));
            format!("<div class=\"panel\">\n{heading}{}{}</div>\n", panel.wide, panel.narrow)
        };
        match &self.panels {
            Ok(panels) => panels.iter().map(panel).collect(),
            Err(why) => format!("<p class=\"nothing\">Nothing to show: {}.</p>\n", escape(why)),
        }
    }
}

/// The one panel of a figure that has no parts.
fn one(panel: Panel) -> Vec<Panel> {
    vec![panel]
}

/// A name of a scenario as part of a file's name and of an id.
fn file_name(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' }).collect()
}

/// A venue kind as a heading.
fn kind_heading(kind: &str) -> String {
    let words = words(kind);
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Every figure, in the order of the page; of a city also what its people's days were like. Over several worlds, those of the table `accuracy`: each world has a page of its own.
pub fn all(data: &RunData) -> Vec<Figure> {
    if data.number_of_worlds() > 1 {
        return vec![rates::by_rule(data), worlds::draw(data), strata::draw(data)];
    }
    let mut figures = vec![
        rates::by_rule(data),
        causes::draw(data),
        strata::draw(data),
        roc::draw(data),
        attenuation::draw(data),
        floor::draw(data),
        contacts::draw(data),
    ];
    if data.is_city() {
        figures.push(day::draw(data));
        figures.extend(meetings::draw(data));
    }
    figures.extend([funnel::draw(data), delays::draw(data), timeline::draw(data)]);
    figures
}

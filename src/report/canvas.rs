//! Drawing into an SVG text, in units of its view box.
//!
//! Figures are drawn for two columns: [`Column::Wide`] for a screen or a sheet of paper, [`Column::Narrow`] for a phone. Text has the
//! same size in both, so that on a phone, where the narrow column is shown at half its units, small text is 11 px high.
//! Colours are written as they are in the light; [`dark_style`] gives the rules by which a page shows them in the dark.

use std::cell::RefCell;
use std::fmt::Write;

use super::format::{escape, number};

/// Size of ordinary text.
pub const TEXT: f64 = 26.0;
/// Size of small text.
pub const SMALL: f64 = 22.0;
/// From one line of ordinary text to the next.
pub const LEADING: f64 = 32.0;

/// The column a figure is drawn for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// A screen or a sheet.
    Wide,
    /// A phone.
    Narrow,
}

impl Column {
    /// Width of every figure of this column.
    pub fn width(self) -> f64 {
        match self {
            Self::Wide => 1640.0,
            Self::Narrow => 680.0,
        }
    }

    /// One of two, by the column.
    pub fn pick<T>(self, wide: T, narrow: T) -> T {
        match self {
            Self::Wide => wide,
            Self::Narrow => narrow,
        }
    }
}

/// A colour: in the light, and in the dark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Color {
    light: &'static str,
    dark: &'static str,
}

impl Color {
    const fn new(light: &'static str, dark: &'static str) -> Self {
        Self { light, dark }
    }

    /// A colour of a scale of its own, the same in the dark.
    pub const fn fixed(light: &'static str) -> Self {
        Self::new(light, light)
    }

    /// The colour with an opacity between 0 and 1.
    pub fn faded(self, opacity: f64) -> Fill {
        Fill { color: self, opacity }
    }
}

/// A colour with an opacity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fill {
    color: Color,
    opacity: f64,
}

impl From<Color> for Fill {
    fn from(color: Color) -> Self {
        color.faded(1.0)
    }
}

// In the light those of Okabe and Ito, "Color Universal Design" (2008): distinct for every kind of colour vision.
pub const BLUE: Color = Color::new("#0072b2", "#3d93d6");
pub const ORANGE: Color = Color::new("#e69f00", "#f0b43c");
pub const GREEN: Color = Color::new("#009e73", "#2bc296");
pub const VERMILLION: Color = Color::new("#d55e00", "#f0813a");
pub const SKY: Color = Color::new("#56b4e9", "#a9dafa");
pub const PURPLE: Color = Color::new("#cc79a7", "#dc9cc0");
pub const INK: Color = Color::new("#1f2933", "#e8ebef");
pub const GREY: Color = Color::new("#5b6572", "#a8b1bd");
pub const PALE: Color = Color::new("#e2e6eb", "#36404b");
pub const WHITE: Color = Color::new("#ffffff", "#171c22");
pub const ROOM: Color = Color::new("#f7f8fa", "#1e252d");
pub const TABLE: Color = Color::new("#e8dece", "#4b4235");
pub const TABLE_EDGE: Color = Color::new("#c8baa6", "#6d614f");
pub const SEAT: Color = Color::new("#b3bac4", "#6c7683");

/// Every colour that has another in the dark.
const PALETTE: [Color; 14] = [BLUE, ORANGE, GREEN, VERMILLION, SKY, PURPLE, INK, GREY, PALE, WHITE, ROOM, TABLE, TABLE_EDGE, SEAT];

/// Rules of style that show figures inside a page in the dark.
pub fn dark_style() -> String {
    let rules = PALETTE
        .iter()
        .flat_map(|Color { light, dark }| ["fill", "stroke"].map(|paint| format!("figure [{paint}=\"{light}\"] {{ {paint}: {dark}; }}\n")));
    format!("@media screen and (prefers-color-scheme: dark) {{\n{}}}\n", rules.collect::<String>())
}

/// Where text sits relative to its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// Begins at the point.
    Left,
    /// Centred on the point.
    Middle,
    /// Ends at the point.
    Right,
}

/// What a figure is called: for screen readers, and for the ids inside a page.
#[derive(Clone, Copy, Debug)]
pub struct Label<'a> {
    /// Begins its ids; no other figure of a page has it.
    pub name: &'a str,
    /// What it shows.
    pub title: &'a str,
    /// What can be read off it, in text.
    pub description: &'a str,
}

/// A figure being drawn.
pub struct Canvas {
    /// The column it is drawn for.
    pub column: Column,
    shapes: RefCell<String>,
}

/// Draws a figure for a column; gives the SVG.
pub fn svg(column: Column, height: f64, label: Label<'_>, draw: impl FnOnce(&Canvas)) -> String {
    let canvas = Canvas { column, shapes: RefCell::default() };
    let (width, height) = (column.width(), height.max(1.0).ceil());
    canvas.rect((0.0, 0.0), (width, height), WHITE, None);
    draw(&canvas);
    let kind = column.pick("wide", "narrow");
    let id = format!("{}-{kind}", escape(label.name));
    let (title, description) = (escape(label.title), escape(label.description));
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"{kind}\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         font-family=\"sans-serif\" role=\"img\" aria-labelledby=\"{id}-title {id}-desc\">\n<title id=\"{id}-title\">{title}</title>\n\
         <desc id=\"{id}-desc\">{description}</desc>\n{}</svg>\n",
        canvas.shapes.into_inner()
    )
}

/// Width of text by the usual widths of a sans-serif font's letters. A little generous.
pub fn text_width(text: &str, size: f64) -> f64 {
    let letter = |c: char| match c {
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | '\'' | '|' | ' ' => 0.33,
        'f' | 't' | 'r' | '(' | ')' | '-' => 0.42,
        'm' | 'w' | 'M' | 'W' | '%' => 0.92,
        c if c.is_ascii_uppercase() => 0.72,
        c if c.is_ascii() || (c as u32) < 0x2e80 => 0.62,
        _ => 1.0,
    };
    text.chars().map(letter).sum::<f64>() * size
}

/// Text in as many lines as a width asks for, broken between words; a word wider than that is cut, with an ellipsis.
pub fn wrap(text: &str, size: f64, width: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if text_width(&format!("{line} {word}"), size) <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(fit(word, size, width)),
        }
    }
    lines
}

/// Text cut to fit a width, with an ellipsis if it was.
pub fn fit(text: &str, size: f64, width: f64) -> String {
    if text_width(text, size) <= width {
        return text.to_owned();
    }
    let mut cut = text.to_owned();
    while !cut.is_empty() && text_width(&format!("{cut}…"), size) > width {
        cut.pop();
    }
    format!("{}…", cut.trim_end())
}

fn px(x: f64) -> String {
    number(if x.abs() < 0.05 { 0.0 } else { x }, 1)
}

fn path(points: &[(f64, f64)]) -> String {
    points.iter().map(|(x, y)| format!("{},{}", px(*x), px(*y))).collect::<Vec<_>>().join(" ")
}

fn paint(fill: Fill) -> String {
    let opacity = if fill.opacity < 1.0 { format!(" fill-opacity=\"{}\"", number(fill.opacity, 3)) } else { String::new() };
    format!("fill=\"{}\"{opacity}", fill.color.light)
}

impl Canvas {
    /// Width of the figure.
    pub fn width(&self) -> f64 {
        self.column.width()
    }

    fn add(&self, shape: std::fmt::Arguments<'_>) {
        // Writing into a string does not fail.
        let _ = writeln!(self.shapes.borrow_mut(), "{shape}");
    }

    /// A rectangle between two corners, filled, with an outline or none.
    pub fn rect(&self, a: (f64, f64), b: (f64, f64), fill: impl Into<Fill>, outline: Option<Color>) {
        let (x, y, width, height) = (a.0.min(b.0), a.1.min(b.1), (a.0 - b.0).abs(), (a.1 - b.1).abs());
        let outline = outline.map_or_else(String::new, |color| format!(" stroke=\"{}\" stroke-width=\"2\"", color.light));
        self.add(format_args!(
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" {}{outline}/>",
            px(x),
            px(y),
            px(width),
            px(height),
            paint(fill.into())
        ));
    }

    /// A line through points.
    pub fn line(&self, points: &[(f64, f64)], color: Color, width: f64) {
        if points.len() > 1 {
            let path = path(points);
            self.add(format_args!("<polyline points=\"{path}\" fill=\"none\" stroke=\"{}\" stroke-width=\"{}\"/>", color.light, px(width)));
        }
    }

    /// A filled area.
    pub fn polygon(&self, points: &[(f64, f64)], fill: impl Into<Fill>) {
        self.add(format_args!("<polygon points=\"{}\" {}/>", path(points), paint(fill.into())));
    }

    /// A disc.
    pub fn disc(&self, centre: (f64, f64), radius: f64, fill: impl Into<Fill>) {
        self.circle(centre, radius, fill.into(), "");
    }

    /// A disc of the paper's colour with an outline.
    pub fn ring(&self, centre: (f64, f64), radius: f64, color: Color) {
        self.circle(centre, radius, WHITE.into(), &format!(" stroke=\"{}\" stroke-width=\"4\"", color.light));
    }

    fn circle(&self, (x, y): (f64, f64), radius: f64, fill: Fill, outline: &str) {
        self.add(format_args!("<circle cx=\"{}\" cy=\"{}\" r=\"{}\" {}{outline}/>", px(x), px(y), px(radius), paint(fill)));
    }

    /// Text centred vertically on a point.
    pub fn text(&self, point: (f64, f64), text: &str, size: f64, color: Color, align: Align) {
        self.styled(point, text, size, color, align, "");
    }

    /// Bold text centred vertically on a point.
    pub fn bold(&self, point: (f64, f64), text: &str, size: f64, color: Color, align: Align) {
        self.styled(point, text, size, color, align, " font-weight=\"bold\"");
    }

    fn styled(&self, (x, y): (f64, f64), text: &str, size: f64, color: Color, align: Align, more: &str) {
        let anchor = match align {
            Align::Left => "",
            Align::Middle => " text-anchor=\"middle\"",
            Align::Right => " text-anchor=\"end\"",
        };
        // The middle of letters lies about a third of their size above the line they stand on.
        let y = px(y + 0.35 * size);
        let text = escape(text);
        self.add(format_args!(
            "<text x=\"{}\" y=\"{y}\" font-size=\"{}\" fill=\"{}\"{anchor}{more}>{text}</text>",
            px(x),
            px(size),
            color.light
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Contrast of two colours by WCAG 2.2, "relative luminance".
    fn contrast(a: &str, b: &str) -> f64 {
        let luminance = |hex: &str| -> f64 {
            let channel = |at: usize| f64::from(u8::from_str_radix(&hex[at..at + 2], 16).unwrap()) / 255.0;
            let linear = |c: f64| if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) };
            [(1, 0.2126), (3, 0.7152), (5, 0.0722)].map(|(at, weight)| weight * linear(channel(at))).iter().sum()
        };
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn text_stands_out_in_the_light_and_in_the_dark() {
        for text in [INK, GREY] {
            for paper in [WHITE, ROOM] {
                assert!(contrast(text.light, paper.light) >= 4.5, "{text:?} on {paper:?}");
                assert!(contrast(text.dark, paper.dark) >= 4.5, "{text:?} on {paper:?}");
            }
        }
        assert!((contrast("#ffffff", "#000000") - 21.0).abs() < 1e-9);
    }

    #[test]
    fn long_text_goes_on_in_the_next_line() {
        assert_eq!(wrap("one two three", 10.0, 50.0), ["one two", "three"]);
        assert_eq!(wrap("short", 10.0, 500.0), ["short"]);
        let cut = wrap("a wordthatisfartoolongforit", 10.0, 60.0);
        assert!(cut.len() == 2 && cut[1].ends_with('…') && text_width(&cut[1], 10.0) <= 60.0);
    }

    #[test]
    fn titles_and_texts_are_escaped() {
        let label = Label { name: "n", title: "a < b", description: "" };
        let svg = svg(Column::Narrow, 10.0, label, |canvas| canvas.text((3.0, 4.0), "x & y", 10.0, INK, Align::Left));
        assert!(svg.contains("x &amp; y") && svg.contains("<title id=\"n-narrow-title\">a &lt; b"));
    }
}

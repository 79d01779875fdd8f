//! Drawing into an SVG text through plotters, in whole units of its view box: two of them are a pixel.
//!
//! Figures are drawn for two columns: [`Column::Wide`] for a screen or a sheet of paper, [`Column::Narrow`] for a phone. Text has the
//! same size in both, so that on a phone, where the narrow column is shown at half its units, small text is 11 px high.
//! Colours are written as they are in the light; [`dark_style`] gives the rules by which a page shows them in the dark.

use plotters::backend::SVGBackend;
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, IntoDrawingArea};
use plotters::element::{Circle, PathElement, Polygon, Rectangle};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color as _, FontStyle, IntoFont, RGBAColor, RGBColor, ShapeStyle};

use super::format::escape;

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

    fn rgb(self) -> RGBColor {
        let channel = |at: usize| u8::from_str_radix(&self.light[at..at + 2], 16).expect("invariant: colours are six hexadecimal digits");
        RGBColor(channel(1), channel(3), channel(5))
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

impl Fill {
    fn rgba(self) -> RGBAColor {
        self.color.rgb().mix(self.opacity)
    }
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
    let rules = PALETTE.iter().flat_map(|color| {
        let (RGBColor(r, g, b), dark) = (color.rgb(), color.dark);
        // Written as plotters does.
        ["fill", "stroke"].map(|paint| format!("figure [{paint}=\"#{r:02X}{g:02X}{b:02X}\"] {{ {paint}: {dark}; }}\n"))
    });
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
pub struct Canvas<'a> {
    /// The column it is drawn for.
    pub column: Column,
    area: DrawingArea<SVGBackend<'a>, Shift>,
}

const DRAWS: &str = "invariant: drawing into a string does not fail";

/// Draws a figure for a column; gives the SVG.
pub fn svg(column: Column, height: f64, label: Label<'_>, draw: impl FnOnce(&Canvas<'_>)) -> String {
    let (width, height) = (column.width(), height.max(1.0).ceil());
    let mut drawn = String::new();
    {
        let size = (unit(width).unsigned_abs(), unit(height).unsigned_abs());
        let canvas = Canvas { column, area: SVGBackend::with_string(&mut drawn, size).into_drawing_area() };
        canvas.rect((0.0, 0.0), (width, height), WHITE, None);
        draw(&canvas);
        canvas.area.present().expect(DRAWS);
    }
    let kind = column.pick("wide", "narrow");
    let id = format!("{}-{kind}", escape(label.name));
    let (title, description) = (escape(label.title), escape(label.description));
    // In place of the opening that plotters writes.
    let shapes = drawn.split_once(">\n").map_or("", |(_, shapes)| shapes);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"{kind}\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         role=\"img\" aria-labelledby=\"{id}-title {id}-desc\">\n<title id=\"{id}-title\">{title}</title>\n\
         <desc id=\"{id}-desc\">{description}</desc>\n{shapes}"
    )
}

fn unit(x: f64) -> i32 {
    x.round() as i32
}

fn at(point: (f64, f64)) -> (i32, i32) {
    (unit(point.0), unit(point.1))
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

impl Canvas<'_> {
    /// Width of the figure.
    pub fn width(&self) -> f64 {
        self.column.width()
    }

    /// A rectangle between two corners, filled, with an outline or none.
    pub fn rect(&self, a: (f64, f64), b: (f64, f64), fill: impl Into<Fill>, outline: Option<Color>) {
        self.area.draw(&Rectangle::new([at(a), at(b)], fill.into().rgba().filled())).expect(DRAWS);
        if let Some(color) = outline {
            self.area.draw(&Rectangle::new([at(a), at(b)], color.rgb().stroke_width(2))).expect(DRAWS);
        }
    }

    /// A line through points.
    pub fn line(&self, points: &[(f64, f64)], color: Color, width: f64) {
        let points: Vec<_> = points.iter().map(|&p| at(p)).collect();
        self.area.draw(&PathElement::new(points, color.rgb().stroke_width(unit(width).unsigned_abs().max(1)))).expect(DRAWS);
    }

    /// A filled area.
    pub fn polygon(&self, points: &[(f64, f64)], fill: impl Into<Fill>) {
        let points: Vec<_> = points.iter().map(|&p| at(p)).collect();
        self.area.draw(&Polygon::new(points, fill.into().rgba())).expect(DRAWS);
    }

    /// A disc.
    pub fn disc(&self, centre: (f64, f64), radius: f64, fill: impl Into<Fill>) {
        self.area.draw(&Circle::new(at(centre), unit(radius), fill.into().rgba().filled())).expect(DRAWS);
    }

    /// A disc of the paper's colour with an outline.
    pub fn ring(&self, centre: (f64, f64), radius: f64, color: Color) {
        self.disc(centre, radius, WHITE);
        let style: ShapeStyle = color.rgb().stroke_width(4);
        self.area.draw(&Circle::new(at(centre), unit(radius), style)).expect(DRAWS);
    }

    /// Text centred vertically on a point.
    pub fn text(&self, point: (f64, f64), text: &str, size: f64, color: Color, align: Align) {
        self.styled(point, text, size, color, align, FontStyle::Normal);
    }

    /// Bold text centred vertically on a point.
    pub fn bold(&self, point: (f64, f64), text: &str, size: f64, color: Color, align: Align) {
        self.styled(point, text, size, color, align, FontStyle::Bold);
    }

    fn styled(&self, point: (f64, f64), text: &str, size: f64, color: Color, align: Align, style: FontStyle) {
        let horizontal = match align {
            Align::Left => HPos::Left,
            Align::Middle => HPos::Center,
            Align::Right => HPos::Right,
        };
        // The SVG backend divides sizes by 1.24.
        let font = ("sans-serif", size * 1.24, style).into_font().color(&color.rgb());
        self.area.draw_text(text, &font.pos(Pos::new(horizontal, VPos::Center)), at(point)).expect(DRAWS);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math;

    /// Contrast of two colours by WCAG 2.2, "relative luminance".
    fn contrast(a: &str, b: &str) -> f64 {
        let luminance = |hex: &str| -> f64 {
            let channel = |at: usize| f64::from(u8::from_str_radix(&hex[at..at + 2], 16).unwrap()) / 255.0;
            let linear = |c: f64| if c <= 0.04045 { c / 12.92 } else { math::powf((c + 0.055) / 1.055, 2.4) };
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

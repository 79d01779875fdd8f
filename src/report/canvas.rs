//! Drawing into an SVG text through plotters, in pixels.
//!
//! Figures are drawn at twice the size they are shown at: the backend rounds to whole pixels.

use plotters::backend::SVGBackend;
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, IntoDrawingArea};
use plotters::element::{Circle, PathElement, Polygon, Rectangle};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontStyle, FontTransform, IntoFont, RGBAColor, RGBColor, ShapeStyle};

/// Width of every figure, px.
pub const WIDTH: f64 = 1640.0;
/// Size of ordinary text, px.
pub const TEXT: f64 = 26.0;
/// Size of small text, px.
pub const SMALL: f64 = 22.0;

// Okabe and Ito, "Color Universal Design" (2008): told apart by every kind of colour vision.
pub const BLUE: RGBColor = RGBColor(0, 114, 178);
pub const ORANGE: RGBColor = RGBColor(230, 159, 0);
pub const GREEN: RGBColor = RGBColor(0, 158, 115);
pub const VERMILLION: RGBColor = RGBColor(213, 94, 0);
pub const SKY: RGBColor = RGBColor(86, 180, 233);
pub const PURPLE: RGBColor = RGBColor(204, 121, 167);
pub const INK: RGBColor = RGBColor(31, 41, 51);
pub const GREY: RGBColor = RGBColor(107, 114, 128);
pub const PALE: RGBColor = RGBColor(226, 230, 235);
pub const WHITE: RGBColor = RGBColor(255, 255, 255);

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

/// A figure being drawn.
pub struct Canvas<'a> {
    area: DrawingArea<SVGBackend<'a>, Shift>,
}

/// Draws a figure of the standard width; gives the SVG, with `title` for screen readers.
pub fn svg(height: f64, title: &str, draw: impl FnOnce(&Canvas<'_>)) -> String {
    let mut text = String::new();
    {
        let size = (pixel(WIDTH).unsigned_abs(), pixel(height).unsigned_abs().max(1));
        let canvas = Canvas { area: SVGBackend::with_string(&mut text, size).into_drawing_area() };
        canvas.rect((0.0, 0.0), (WIDTH, height), WHITE.to_rgba(), None);
        draw(&canvas);
        canvas.area.present().expect(DRAWS);
    }
    let title = super::format::escape(title);
    text.replacen('>', &format!(" role=\"img\" aria-label=\"{title}\">\n<title>{title}</title>"), 1)
}

const DRAWS: &str = "invariant: drawing into a string does not fail";

fn pixel(x: f64) -> i32 {
    x.round() as i32
}

fn at(point: (f64, f64)) -> (i32, i32) {
    (pixel(point.0), pixel(point.1))
}

/// Width of text, px, by the usual widths of a sans-serif font's letters. A little generous.
pub fn text_width(text: &str, size: f64) -> f64 {
    let letter = |c: char| match c {
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | '\'' | '|' | ' ' => 0.33,
        'f' | 't' | 'r' | '(' | ')' | '-' => 0.42,
        'm' | 'w' | 'M' | 'W' | '%' => 0.92,
        c if c.is_ascii_uppercase() => 0.72,
        c if c.is_ascii() || (c as u32) < 0x2e80 => 0.59,
        _ => 1.0,
    };
    text.chars().map(letter).sum::<f64>() * size
}

/// Text cut to fit `width` px, with an ellipsis if it was.
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
    /// A rectangle between two corners, filled, with an outline or none.
    pub fn rect(&self, a: (f64, f64), b: (f64, f64), fill: RGBAColor, outline: Option<RGBColor>) {
        self.area.draw(&Rectangle::new([at(a), at(b)], fill.filled())).expect(DRAWS);
        if let Some(color) = outline {
            self.area.draw(&Rectangle::new([at(a), at(b)], color.stroke_width(2))).expect(DRAWS);
        }
    }

    /// A line through points.
    pub fn line(&self, points: &[(f64, f64)], color: RGBColor, width: u32) {
        let points: Vec<_> = points.iter().map(|&p| at(p)).collect();
        self.area.draw(&PathElement::new(points, color.stroke_width(width))).expect(DRAWS);
    }

    /// A filled area.
    pub fn polygon(&self, points: &[(f64, f64)], fill: RGBAColor) {
        let points: Vec<_> = points.iter().map(|&p| at(p)).collect();
        self.area.draw(&Polygon::new(points, fill)).expect(DRAWS);
    }

    /// A disc.
    pub fn disc(&self, centre: (f64, f64), radius: f64, fill: RGBAColor) {
        self.area.draw(&Circle::new(at(centre), pixel(radius), fill.filled())).expect(DRAWS);
    }

    /// A white disc with an outline.
    pub fn ring(&self, centre: (f64, f64), radius: f64, color: RGBColor) {
        self.disc(centre, radius, WHITE.to_rgba());
        let style: ShapeStyle = color.stroke_width(4);
        self.area.draw(&Circle::new(at(centre), pixel(radius), style)).expect(DRAWS);
    }

    /// Text centred vertically on a point.
    pub fn text(&self, point: (f64, f64), text: &str, size: f64, color: RGBColor, align: Align) {
        self.styled(point, text, size, color, align, FontStyle::Normal, FontTransform::None);
    }

    /// Bold text centred vertically on a point.
    pub fn bold(&self, point: (f64, f64), text: &str, size: f64, color: RGBColor, align: Align) {
        self.styled(point, text, size, color, align, FontStyle::Bold, FontTransform::None);
    }

    /// Text that reads upwards, centred on a point: the name of a vertical axis.
    pub fn text_up(&self, point: (f64, f64), text: &str, size: f64, color: RGBColor) {
        self.styled(point, text, size, color, Align::Middle, FontStyle::Normal, FontTransform::Rotate270);
    }

    #[expect(clippy::too_many_arguments, reason = "the one place that all text goes through")]
    fn styled(&self, p: (f64, f64), text: &str, size: f64, color: RGBColor, align: Align, style: FontStyle, turn: FontTransform) {
        let horizontal = match align {
            Align::Left => HPos::Left,
            Align::Middle => HPos::Center,
            Align::Right => HPos::Right,
        };
        // The SVG backend divides sizes by 1.24.
        let font = ("sans-serif", size * 1.24, style).into_font().transform(turn).color(&color);
        self.area.draw_text(text, &font.pos(Pos::new(horizontal, VPos::Center)), at(p)).expect(DRAWS);
    }
}

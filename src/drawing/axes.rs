//! A frame with two numeric axes.

use super::canvas::{Align, Canvas, GREY, INK, PALE, SMALL, TEXT};
use super::scale::Scale;

/// A frame to draw curves in.
#[derive(Clone, Copy)]
pub struct Axes {
    /// Values to pixels, to the right.
    pub x: Scale,
    /// Values to pixels, up the page.
    pub y: Scale,
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
}

impl Axes {
    /// Space left of the frame for numbers.
    pub const BESIDE: f64 = 96.0;
    /// Space below the frame for numbers and the name of the x axis.
    pub const BELOW: f64 = 90.0;

    /// A frame between the corners `(left, top)` and `(right, bottom)`, with these ranges of values.
    pub fn new(corners: ((f64, f64), (f64, f64)), x: (f64, f64), y: (f64, f64)) -> Self {
        let ((left, top), (right, bottom)) = corners;
        Self { x: Scale::new(x, (left, right)), y: Scale::new(y, (bottom, top)), left, right, top, bottom }
    }

    /// The pixel of a point.
    pub fn at(&self, x: f64, y: f64) -> (f64, f64) {
        (self.x.px(x), self.y.px(y))
    }

    /// Draws grid, numbers and the names of the axes. An empty name of the x axis leaves out its numbers too.
    pub fn draw(&self, canvas: &Canvas, x: (&str, fn(f64) -> String), y: (&str, fn(f64) -> String)) {
        for value in self.y.ticks(5) {
            let py = self.y.px(value);
            canvas.line(&[(self.left, py), (self.right, py)], PALE, 2.0);
            canvas.text((self.left - 12.0, py), &(y.1)(value), SMALL, GREY, Align::Right);
        }
        let x_ticks = if self.right - self.left < 700.0 { 4 } else { 6 };
        for value in self.x.ticks(x_ticks) {
            let px = self.x.px(value);
            canvas.line(&[(px, self.top), (px, self.bottom)], PALE, 2.0);
            if !x.0.is_empty() {
                canvas.text((px, self.bottom + 26.0), &(x.1)(value), SMALL, GREY, Align::Middle);
            }
        }
        canvas.line(&[(self.left, self.bottom), (self.right, self.bottom)], GREY, 2.0);
        canvas.text(((self.left + self.right) / 2.0, self.bottom + 62.0), x.0, SMALL, GREY, Align::Middle);
        canvas.text((self.left - Self::BESIDE + 8.0, self.top - 30.0), y.0, SMALL, GREY, Align::Left);
    }

    /// A heading over the frame.
    pub fn heading(&self, canvas: &Canvas, text: &str) {
        canvas.bold((self.left - Self::BESIDE + 8.0, self.top - 72.0), text, TEXT, INK, Align::Left);
    }
}

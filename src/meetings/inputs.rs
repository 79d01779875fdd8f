//! What of a venue's figures was put in or fitted: it is printed, never judged.

/// Figures of a kind of venue, and what made them so.
const FITTED: [(&str, &[&str], &str); 1] = [(
    "office",
    &["ev_alpha_xmin60", "ev_tail_alpha"],
    "talk_tail_exponent of the office is chosen within the 2.0 to 3.0 of face-to-face traces",
)];

/// Whence what people do is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The program's own movement.
    Generated,
    /// A trace: nothing of it was fitted to such data.
    Replayed,
}

/// Why a figure of a kind of venue says nothing; `None`: it does.
pub(super) fn fitted(origin: Origin, venue_kind: &str, figure: &str) -> Option<&'static str> {
    if origin == Origin::Replayed {
        return None;
    }
    FITTED.iter().find(|(kind, figures, _)| *kind == venue_kind && figures.contains(&figure)).map(|(_, _, why)| *why)
}

//! What of a venue's figures was put in or fitted: it is printed, never judged.

/// Figures of a kind of venue, and what made them so.
const FITTED: [(&str, &[&str], &str); 1] = [(
    "office",
    &["k15_mean", "pd_ge15_share", "time_share_in_ge15_pairs", "deg_cv", "ev_alpha_xmin60", "ev_tail_alpha", "ev_share_20s"],
    "how people of an office talk is fitted to InVS13 and InVS15",
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

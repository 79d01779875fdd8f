//! Verdicts joined to truth: confusion counts, curves, intervals, strata and causes.

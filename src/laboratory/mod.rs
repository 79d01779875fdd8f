//! The model held against measurements: reading measured scans, simulating the same links at the same distances and times,
//! and reporting both by the same statistics.

mod compare;
mod dynamics;
mod fit;
mod matched;
mod read;
mod simulate;
mod tolerance;

pub use compare::{Agreement, AucRow, BinRow, Counted, LateStarters, PairRule, RocRow, Share, Statistics, compare};
pub use dynamics::{Dynamics, LagRow};
pub use fit::{Fit, fit};
pub use matched::{Matched, matched};
pub use read::{MeasuredScan, MeasuredScenario, read_measured};
pub use simulate::{Replica, simulate};
pub use tolerance::{Judgement, Outside, Verdict};

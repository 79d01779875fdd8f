//! The model held against measurements: reading measured scans, simulating the same links at the same distances and times,
//! and reporting both by the same statistics.

mod agreement;
mod compare;
mod dynamics;
mod fit;
mod matched;
mod read;
mod simulate;
mod statistics;
mod tolerance;

pub use agreement::{
    Agreement, AucRow, BinRow, Counted, Judgement, LateStarters, Outside, PairMinutes, PairRule, Rates, RocRow, Share, Verdict,
};
pub use compare::compare;
pub use dynamics::{Dynamics, LagRow};
pub use fit::{Fit, fit};
pub use matched::{Matched, matched};
pub use read::{MeasuredScan, MeasuredScenario, read_measured};
pub use simulate::{Replica, simulate};

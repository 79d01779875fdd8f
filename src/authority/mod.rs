//! HER-SYS and the health centre: cases, tests, results, processing numbers.

mod cases;
mod config;
mod hersys;
mod step;

pub use cases::CaseHistory;
pub use config::{AuthorityConfig, CaseConfig, Registers};
pub use hersys::{Hersys, ProcessingNumber};
pub use step::{AppThere, Authority, CaseEvent, CaseNews};

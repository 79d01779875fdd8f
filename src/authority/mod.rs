//! HER-SYS and the health centre: cases, tests, results, processing numbers.

mod cases;
mod config;
mod governments;
mod hersys;
mod incidence;
mod step;
mod warned;

pub use cases::{Asked, CaseHistory, NoNumber, NumberWay};
pub use config::{AuthorityConfig, CaseConfig, GuessingConfig, Registers};
pub use governments::GovernmentConfig;
pub use hersys::{Hersys, NUMBERS, ProcessingNumber};
pub use incidence::{DrawnCase, Incidence, IncidenceConfig, OnsetToReport, Reported, ReportedAs};
pub use step::{AppThere, Authority, CaseEvent, CaseNews};
pub use warned::{AfterWarning, AfterWarningConfig, Turns, WarnedDraws};

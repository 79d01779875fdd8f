//! What was in force when: dated settings of the system around the phones.
//!
//! The history that comes with the program is a file of changes (`scenarios/system/history.toml`), each with its source. A scenario's
//! `[[timeline]]` moves them, takes them out, or adds others. Everybody who needs a setting asks the [`Timeline`] for a moment; nobody asks
//! what date it is.

mod downloads;
mod setting;
mod timeline;

pub use downloads::Downloads;
pub use setting::{SETTINGS, Setting, SettingValue};
pub use timeline::{Change, ChangeConfig, Timeline, history, moment_s};

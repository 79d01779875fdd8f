//! The notification server: receives keys, exports them daily.

mod config;
mod store;

pub use config::{KeyLevel, ServerConfig};
pub use store::{Export, ExportRecord, ExportRun, Refusal, Server, has_old_key, level_of};

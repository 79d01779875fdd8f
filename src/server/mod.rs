//! The notification server: receives keys, exports them daily.

mod config;
mod store;

pub use config::{KeyLevel, ServerConfig};
pub use store::{Export, ExportRecord, Refusal, Server, level_of};

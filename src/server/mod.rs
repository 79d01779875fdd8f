//! The notification server: receives keys, exports them daily.

mod config;
mod store;

pub use config::{KeyLevel, ServerConfig};
pub use store::{Export, Refusal, Server, level_of};

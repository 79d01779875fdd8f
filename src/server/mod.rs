//! The notification server: receives keys, exports them daily.

mod config;
mod publish;
mod store;

pub use config::{KeyLevel, ServerConfig};
pub use publish::{Published, public_key_pem};
pub use store::{Export, ExportRecord, ExportRun, Refusal, Server, has_old_key, level_of};

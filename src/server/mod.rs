//! The notification server: receives keys, exports them.

mod config;
mod publish;
mod store;

pub use config::{InForce, ServerConfig, exports_of, key_level};
pub use publish::{Published, public_key_pem};
pub use store::{Export, ExportRecord, ExportRun, Refusal, Server, has_old_key};

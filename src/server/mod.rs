//! The notification server: receives keys, exports them.

mod config;
mod publish;
mod receive;
mod request;
mod store;

pub use config::{InForce, ServerConfig, closes_on, exports_of, is_up, key_level};
pub use publish::{Listed, Published, public_key_pem};
pub use receive::{Refusal, Request, STORED};
pub use request::{Api, Submission, SubmittedKey, secret_of};
pub use store::{Export, ExportRecord, ExportRun, Server, has_old_key};

//! The system around the phones: its events in order, registrations try by try, what happened as records, and how far everybody came.

mod events;
mod phone_log;
mod records;
mod registering;
mod way;

pub use events::System;
pub use phone_log::{Device, files};
pub use records::UploadedKey;
#[cfg(test)]
pub use way::{CaseWay, KeyWay};
pub use way::{OwnerWay, PersonWay, PhoneWay, Reason, Way, step};

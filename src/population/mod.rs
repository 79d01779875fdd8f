//! People, households and the phones they hold.

mod build;
mod config;
mod outage;
mod people;

pub use build::TracePeople;
pub use config::{PhoneModelConfig, PhonesConfig, PopulationConfig, check_shares};
pub use outage::{Outages, Working};
pub use people::{Os, People, PhoneModel};

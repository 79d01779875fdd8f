//! People, households and the phones they hold.

mod config;
mod people;

pub use config::{PhonesConfig, PopulationConfig};
pub use people::{Os, People, PhoneModel};

//! People, households and the phones they hold.

mod build;
mod config;
mod draws;
mod hands;
mod off;
mod outage;
mod people;

pub use build::TracePeople;
pub use config::{DropOutConfig, Installs, PhoneModelConfig, PhonesConfig, PopulationConfig, SystemConfig, check_shares};
pub use draws::{Drawn, PhoneDraws};
pub use hands::Hands;
pub use off::{OffConfig, OffHours, What};
pub use outage::{Outages, Working};
pub use people::{Os, People, PhoneModel, System};

//! People, households and the phones they hold.

mod adoption;
mod build;
mod city;
mod config;
mod draws;
mod file;
mod hands;
mod off;
mod outage;
mod people;
mod society;

pub use adoption::AdoptionShares;
pub use build::TracePeople;
pub use city::{CityConfig, Compared, FigureOf, SchoolConfig, TradeConfig, WayConfig, most_outside};
pub use config::{
    Adoption, CityPeople, Derived, DropOutConfig, Installs, OfFloor, PhoneModelConfig, PhonesConfig, PopulationConfig, SystemConfig,
    check_shares,
};
pub use draws::{Drawn, PhoneDraws};
pub use hands::{Hands, HandsConfig};
pub use off::{OffConfig, OffHours, What};
pub use outage::{Outages, Working};
pub use people::{Os, People, PhoneModel, System};
pub use society::{Establishments, Mode, Occupation, Society, Trade};

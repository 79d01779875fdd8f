//! What a scan hears: attenuation from distance, carriage, bodies, barriers, shadowing and fading.
//!
//! Attenuation is what GAEN would compute: calibrated transmit power less corrected RSSI. For a link at one moment the
//! mean level is the sum of [`LinkTerms`]; around it every packet fades; a packet is heard with a chance that grows
//! gradually above the receiver's floor; what is not heard leaves no record.

mod calibration;
mod config;
mod explain;
mod hear;
mod kernel;
mod link;
mod model;
mod occupancy;
mod records;
mod scans;
mod shadowing;
mod tables;
mod terms;

pub use calibration::{CalibrationTable, Devices, Residual, loudest_ceiling_db};
pub use config::{CarriageConfig, EnvironmentConfig, ModelErrorConfig, PhoneUseConfig, RadioConfig, ScanConfig};
pub use explain::{LinkExplained, LinkTermRow};
pub use hear::{DISTANCE_EDGES_M, LinkClass, LinkCounts, LinkTally, Listener, PhoneHere, Scene};
pub use kernel::ScanResult;
pub use link::{Link, ScanAsked};
pub use model::{Environment, REACH_CAP_M, RadioModel};
pub use occupancy::{BODY_RADIUS_M, Occupancy};
pub use records::{Heard, Scan};
pub use scans::ScanTimes;
pub use terms::{Geometry, LinkEnd, LinkState, LinkTerms, Without};

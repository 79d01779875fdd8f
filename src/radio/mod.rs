//! What a scan hears: attenuation from distance, carriage, bodies, barriers, shadowing and fading.

mod records;

pub use records::{Heard, Scan};

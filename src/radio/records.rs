//! The records radio hands to air.

use crate::ids::PersonId;

/// One scan of one phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scan {
    /// When it started, Unix seconds.
    pub start_s: i64,
    /// How long it took, s.
    pub length_s: u32,
    /// When the phone's previous scan stopped, Unix seconds.
    pub previous_stop_s: i64,
    /// How long that one took, s.
    pub previous_length_s: u32,
}

/// What one scan heard of one transmitter: at least one packet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Heard {
    /// The scanning phone.
    pub observer: PersonId,
    /// The phone it heard.
    pub transmitter: PersonId,
    /// When the scan started, Unix seconds.
    pub scan_s: i64,
    /// When the observer's previous scan stopped, Unix seconds.
    pub previous_stop_s: i64,
    /// How long that one took, s.
    pub previous_length_s: u32,
    /// Packets heard.
    pub packets: u32,
    /// Mean attenuation of the packets heard, as GAEN would compute it (calibrated TX power less corrected RSSI), dB.
    pub mean_db: f32,
    /// Least attenuation of the packets heard, dB.
    pub min_db: f32,
}

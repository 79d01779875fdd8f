//! The one list of random streams.

macro_rules! streams {
    ($($(#[$doc:meta])* $name:ident = $label:literal),+ $(,)?) => {
        /// What a random number is for. Two purposes never share a stream: adding a draw to one changes no other.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u32)]
        pub enum Stream { $($(#[$doc])* $name = $label),+ }

        impl Stream {
            /// Every stream, for the test that holds labels unique and for fingerprints.
            pub const ALL: &[Stream] = &[$(Stream::$name),+];
        }
    };
}

streams! {
    /// Households: sizes, ages, who lives with whom.
    Household = 1,
    /// Phone model, OS, adoption, app release lag, Bluetooth.
    Phone = 3,
    /// On which days, and when, a phone stops advertising or scanning.
    Outage = 4,
    /// What a venue's drawn lengths come to.
    Layout = 5,
    /// A person's plan for a day: arrival, leaving, lunch, telework.
    Plan = 10,
    /// Meetings of a venue-day.
    Meeting = 11,
    /// Conversations of a venue-day.
    Conversation = 12,
    /// Breaks, errands and other short walks inside a venue.
    Errand = 13,
    /// Evenings, nights and mornings at home.
    HomeLife = 14,
    /// How a phone is carried, episode by episode.
    Carriage = 15,
    /// Conversation distance and orientation of a replayed contact.
    Replay = 16,
    /// Where people sit, stand and walk in a venue that is laid out to its kind.
    Places = 17,
    /// Who visits venues, in what groups and when.
    Visits = 18,
    /// The days of a city's people, alone and together.
    CityDays = 19,
    /// Scan times of a phone.
    ScanTimes = 30,
    /// Static offset of a pair of places.
    PairOffset = 31,
    /// Knots of fast shadowing.
    Shadowing = 32,
    /// Knots of slow shadowing.
    SlowShadowing = 33,
    /// Fading and reception of one link-scan.
    LinkScan = 34,
    /// Residual calibration error of a handset or model.
    DeviceError = 35,
    /// Loss of a carriage episode.
    CarriageLoss = 36,
    /// Single packets of a scan in motion.
    Packets = 37,
    /// What measured links leave open: facing, exact positions, motion.
    MeasuredLink = 38,
    /// Temporary Exposure Keys.
    Tek = 50,
    /// Times at which a phone changes its RPI.
    RpiRotation = 51,
    /// Onset, test and result of a case.
    CaseHistory = 60,
    /// Who is reported on which day, and how long after onset.
    Incidence = 67,
    /// Processing number, consent, registration.
    Registration = 61,
    /// Order of keys in an export.
    ExportShuffle = 62,
    /// Random keys that pad an export.
    ExportPadding = 65,
    /// The server's signing key.
    SigningKey = 66,
    /// When a phone fetches and checks.
    Fetch = 63,
    /// Whether people follow the app's advice.
    Response = 64,
}

#[cfg(test)]
mod tests {
    use super::Stream;

    #[test]
    fn labels_are_unique() {
        let mut labels: Vec<u32> = Stream::ALL.iter().map(|&s| s as u32).collect();
        labels.sort_unstable();
        labels.dedup();
        assert_eq!(labels.len(), Stream::ALL.len());
    }
}

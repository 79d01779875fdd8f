//! A registration, as the app makes it: which keys it hands over, whether it refuses by itself, and what it tells.

use crate::{
    gaen::TemporaryExposureKey,
    server::{Refusal, has_old_key},
    time::{DayJst, DayUtc, UnixSeconds},
};

use super::{faults::Mechanism, phone::Installed};

impl Installed<'_> {
    /// The UTC days whose keys a registration hands over: past ones (the current day's key is still in use), as far back as the release
    /// goes and the phone has keys.
    pub fn days_to_upload(&self, now_s: i64, onset: DayJst, first_key: DayUtc) -> impl Iterator<Item = DayUtc> + use<> {
        let today = UnixSeconds(now_s).day_utc();
        let asked = self.release.uploads_days_before_onset.map(|days| onset.plus_days(-days).utc_midnight().day_utc());
        let first = asked.into_iter().chain([today.plus_days(-self.release.uploads_days)]).fold(first_key, DayUtc::max);
        (first.0..today.0).map(DayUtc)
    }

    /// Registers keys: what the server stored, unless the app refuses before it asks.
    ///
    /// # Errors
    /// The refusal, the app's own or the server's.
    pub fn register(
        &self,
        keys: &[TemporaryExposureKey],
        now_s: i64,
        submit: impl FnOnce(&[TemporaryExposureKey]) -> Result<usize, Refusal>,
    ) -> Result<usize, Refusal> {
        if self.has(Mechanism::ValidNumberRejected) && has_old_key(keys, now_s) {
            return Err(Refusal::KeyOlderToTheSecond);
        }
        submit(keys)
    }

    /// The fault behind a refusal, if there is one. `is_number_valid`: without the first the server would have gone on to the number; the
    /// same keys are valid by whole days.
    pub fn fault_of_refusal(&self, refusal: Refusal, is_number_valid: bool) -> Option<Mechanism> {
        if refusal == Refusal::KeyOlderToTheSecond && is_number_valid {
            return Some(Mechanism::ValidNumberRejected);
        }
        self.has(Mechanism::AnyNumberAccepted).then_some(Mechanism::AnyNumberAccepted)
    }
}

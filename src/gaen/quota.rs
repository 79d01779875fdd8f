//! How often the framework lets an app hand it keys.

use serde::{Deserialize, Serialize};

const WINDOW_S: i64 = 24 * 3600;

/// Calls within a window of 24 hours that opens with the first of them.
///
/// The frameworks throttle apps (Google's FAQ: six queries for exposure windows a day; v1 20 on Android, 15 or 20 on iOS by
/// release, dp3t-sdk-android #181, dp3t-sdk-ios #211). Only the form of the state was published (ENI client_record.proto,
/// ThrottleState: a 24 h window with counts), not the code. A call counts when it is made, so one that ends in an error
/// counts too (cwa-app-ios #4462); one that is refused does not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallQuota {
    opened_s: i64,
    calls: u32,
}

impl CallQuota {
    /// Makes a call at a moment (Unix seconds) if fewer than `limit` were made since the window opened.
    pub fn take(&mut self, now_s: i64, limit: u32) -> bool {
        if self.calls == 0 || now_s - self.opened_s >= WINDOW_S {
            *self = Self { opened_s: now_s, calls: 0 };
        }
        let free = self.calls < limit;
        self.calls += u32::from(free);
        free
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_opens_with_its_first_call_and_lasts_a_day() {
        let mut quota = CallQuota::default();
        assert!(quota.take(1000, 2) && quota.take(80_000, 2) && !quota.take(87_399, 2), "two in a day");
        assert!(quota.take(87_400, 2), "a new window 24 h after the first call, whenever the second was");
        assert!(!CallQuota::default().take(0, 0));
    }

    #[test]
    fn a_refused_call_does_not_count() {
        let mut quota = CallQuota::default();
        assert!(quota.take(1000, 1) && !quota.take(1001, 1));
        assert!(quota.take(1002, 2), "an app that may call twice has called once");
    }
}

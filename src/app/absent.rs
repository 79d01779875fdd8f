//! Why a phone has no app that takes part.

use serde::{Deserialize, Serialize};

/// A step of the app's first start at which people stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ConsentStep {
    /// The introduction.
    Introduction,
    /// The terms.
    Terms,
    /// The privacy policy.
    PrivacyPolicy,
    /// The system's own question whether the app may use exposure notification.
    SystemPermission,
    /// Whether it may show notifications: without, it takes part.
    Notifications,
    /// A guardian's consent, of minors.
    Guardian,
}

impl ConsentStep {
    /// The name used in scenarios and in the column `consent`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Introduction => "introduction",
            Self::Terms => "terms",
            Self::PrivacyPolicy => "privacy_policy",
            Self::SystemPermission => "system_permission",
            Self::Notifications => "notifications",
            Self::Guardian => "guardian",
        }
    }
}

/// Why a phone has no app that takes part on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Absent {
    /// It never gets one.
    NeverInstalled,
    /// It gets one later.
    NotYet,
    /// No release of the day of installation runs on its system.
    SystemTooOld,
    /// Its owner stopped at a step of the first start.
    Stopped(ConsentStep),
    /// It was uninstalled.
    Uninstalled,
    /// Its owner deleted it within the app.
    Deleted,
    /// A restored backup switched exposure notification off (fault F12).
    Restored,
    /// Its owner passed it on, the app still on it.
    PassedOn,
    /// Its owner carries another, without the app.
    OnOtherPhone,
}

impl Absent {
    /// The name used in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::NeverInstalled => "no app",
            Self::NotYet => "app not installed yet",
            Self::SystemTooOld => "system too old for the app",
            Self::Stopped(ConsentStep::Introduction) => "stopped at the introduction",
            Self::Stopped(ConsentStep::Terms) => "did not agree to the terms",
            Self::Stopped(ConsentStep::PrivacyPolicy) => "did not agree to the privacy policy",
            Self::Stopped(ConsentStep::SystemPermission) => "refused the system's permission",
            Self::Stopped(ConsentStep::Notifications) => "allowed no notifications",
            Self::Stopped(ConsentStep::Guardian) => "guardian did not consent",
            Self::Uninstalled => "app uninstalled",
            Self::Deleted => "app deleted by the user",
            Self::Restored => "switched off by a restored backup",
            Self::PassedOn => "phone passed on",
            Self::OnOtherPhone => "app on the other phone",
        }
    }
}

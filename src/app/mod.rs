//! COCOA release by release: configurations, gates, fetch, notification, faults.

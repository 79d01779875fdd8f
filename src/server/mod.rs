//! The notification server: receives keys, exports them daily.

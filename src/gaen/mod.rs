//! The Exposure Notification framework: identifiers, store, matching, windows and scores.

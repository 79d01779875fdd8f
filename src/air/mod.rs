//! The hand-over from physics to bytes: identity goes, identifiers come. The only door through the wall.

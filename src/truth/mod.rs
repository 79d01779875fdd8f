//! Contact definitions: who was really within reach, for how long, from geometry alone.

//! The scenario file: format, defaults, validation, JSON Schema.

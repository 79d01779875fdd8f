//! Arguments, messages and exit codes.

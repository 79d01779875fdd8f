//! The flow of a run, checkpoints and progress.

mod system;

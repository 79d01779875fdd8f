//! `[mobility]` of the scenario file.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How people move.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MobilityConfig {}

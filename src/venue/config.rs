//! `[venue]` of the scenario file.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Venues and their floor plans.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VenueConfig {}

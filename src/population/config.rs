//! `[population]` and `[phones]` of the scenario file.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Who there is.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PopulationConfig {}

/// The phones they hold.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PhonesConfig {}

//! `[venue]` of the scenario file.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::faults::Faults;

use super::{
    plan::Material,
    slab::{LossByAngle, Slab},
};

/// Venues and their floor plans.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VenueConfig {
    /// Barrier materials by name.
    pub materials: BTreeMap<String, MaterialConfig>,
    /// Files of venue kinds beside those of the program; one that bears the name of one of these takes its place.
    #[schemars(length(max = 100))]
    pub kinds: Vec<String>,
}

impl VenueConfig {
    /// The barrier materials. Faults go to `faults`.
    pub fn materials(&self, faults: &mut Faults) -> Vec<Material> {
        let material = |(name, config): (&String, &MaterialConfig)| {
            let loss = config.loss();
            if loss.is_none() {
                faults.push(
                    format!("venue.materials.{name}"),
                    "its loss is not stated",
                    "state a (and b, c, d) and thickness_mm of ITU-R P.2040, or loss_db",
                );
            }
            Material { name: name.clone(), loss: loss.unwrap_or(LossByAngle::constant(0.0)) }
        };
        self.materials.iter().map(material).collect()
    }
}

/// A barrier material: a slab by its coefficients and thickness, or one loss for every angle, which wins if both are stated.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MaterialConfig {
    /// Loss of one crossing at 2.44 GHz at every angle, dB.
    #[schemars(range(min = 0, max = 100))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loss_db: Option<f32>,
    /// ITU-R P.2040: relative permittivity is a f^b, f in GHz.
    #[schemars(range(min = 1, max = 100))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub a: Option<f64>,
    /// See a; 0 unless stated.
    #[schemars(range(min = -5, max = 5))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub b: Option<f64>,
    /// ITU-R P.2040: conductivity is c f^d, S/m, f in GHz; 0 unless stated.
    #[schemars(range(min = 0, max = 100))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub c: Option<f64>,
    /// See c; 0 unless stated.
    #[schemars(range(min = -5, max = 5))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub d: Option<f64>,
    /// Thickness of one slab, mm.
    #[schemars(range(min = 0.1, max = 2000))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thickness_mm: Option<f64>,
    /// Slabs one behind another, their losses added; 1 unless stated.
    #[schemars(range(min = 1, max = 10))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layers: Option<u32>,
}

impl MaterialConfig {
    /// Loss by angle; `None` if too little is stated.
    pub fn loss(&self) -> Option<LossByAngle> {
        if let Some(loss_db) = self.loss_db {
            return Some(LossByAngle::constant(loss_db));
        }
        let or_0 = |v: Option<f64>| v.unwrap_or(0.0);
        let slab = Slab { a: self.a?, b: or_0(self.b), c: or_0(self.c), d: or_0(self.d), thickness_m: self.thickness_mm? / 1000.0 };
        Some(LossByAngle::of_slabs(&slab, self.layers.unwrap_or(1)))
    }
}

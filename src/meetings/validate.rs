//! A finished run's contacts beside what is known of people's.

use std::{collections::BTreeMap, path::Path};

use serde::Serialize;
use serde_json::Value;

use crate::{
    output::{IoError, RunFolder, read_table, tables},
    time::DayJst,
};

use super::{
    chance::CONFIDENCE,
    days::Days,
    events::{KindEvents, read_events},
    inputs::Origin,
    lines::{Line, office},
    reference::{Comparison, Reference},
    statistics::Statistics,
};

/// Offices of fewer people are not told of.
const FEWEST_IN_OFFICE: f64 = 20.0;

/// Why nothing could be said of a run's contacts.
#[derive(Debug, thiserror::Error)]
pub enum MeetingsError {
    /// The run cannot be read.
    #[error(transparent)]
    Io(#[from] IoError),
    /// It did not write what is needed.
    #[error("{run}: it has no table tij\nrun it again with --set 'output.tij={{radius_m=1.25,cone_deg=60}}'")]
    NoSlots {
        /// The folder.
        run: String,
    },
    /// It holds several worlds.
    #[error("{run}: it holds several worlds\nname one of them: {run}/seed-{seed}")]
    Worlds {
        /// The folder.
        run: String,
        /// The first of them.
        seed: u64,
    },
    /// No data set is of a kind of venue of the run.
    #[error(
        "none of the data sets is of a kind of venue in this run ({kinds})\nsay which is compared with which: --dataset NAME --venue-kind KIND"
    )]
    NoneAlike {
        /// Kinds of venue in which people face each other.
        kinds: String,
    },
    /// The run has no slots in a kind of venue.
    #[error("nobody faces anybody in a venue of kind {kind}\nuse one of {kinds}")]
    NoKind {
        /// The kind.
        kind: String,
        /// Those that there are.
        kinds: String,
    },
}

/// What a slot asked for.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Slots {
    /// Body centres no farther apart than this, m.
    pub radius_m: f64,
    /// Each within this angle of the direction that the other faces, degrees.
    pub cone_deg: f64,
}

/// The figures of a kind of venue, by their names.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct KindFigures {
    /// The kind.
    pub venue_kind: String,
    /// Of pairs that faced each other with nothing between.
    pub facing: BTreeMap<&'static str, Option<f64>>,
    /// Of pairs that were near, whichever way they faced and whatever screens stood between.
    pub near: BTreeMap<&'static str, Option<f64>>,
}

/// All that is told of a run's contacts.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Validation {
    /// What a slot asked for.
    pub slots: Slots,
    /// How many comparisons and lines were judged, and how many of them fail.
    pub judged: usize,
    /// See `judged`.
    pub outside: usize,
    /// None fails; `None`: none was judged.
    pub passes: Option<bool>,
    /// The chance of that, at least, if the model is exactly right: each comparison and each line passes with 0.99 then.
    pub chance_at_least: f64,
    /// By kind of venue.
    pub kinds: Vec<KindFigures>,
    /// Beside measured data sets, of pairs that faced each other.
    pub comparisons: Vec<Comparison>,
    /// Beside what is known of people.
    pub lines: Vec<Line>,
}

/// Judges the contacts of a finished run, which wrote its slots (`output.tij`). Data sets are compared with the kinds of venue that their
/// names tell, or all with one kind.
///
/// # Errors
/// That the folder holds no finished run of one world with slots, or that there is nothing to compare with the data sets.
pub fn validate(run_dir: &Path, references: &[Reference], venue_kind: Option<&str>) -> Result<Validation, MeetingsError> {
    let scenario = scenario_of(run_dir)?;
    let of = |table: &str, key: &str| &scenario[table][key];
    let Some((radius_m, cone_deg)) = of("output", "tij")["radius_m"].as_f64().zip(of("output", "tij")["cone_deg"].as_f64()) else {
        return Err(MeetingsError::NoSlots { run: run_dir.display().to_string() });
    };
    let kinds = read_events(run_dir)?;
    let named = || {
        let faced = kinds.iter().filter(|kind| !kind.facing.is_empty());
        faced.map(|kind| kind.venue_kind.as_str()).collect::<Vec<_>>().join(", ")
    };
    if let Some(kind) = venue_kind.filter(|name| kinds.iter().all(|kind| kind.venue_kind != *name || kind.facing.is_empty())) {
        return Err(MeetingsError::NoKind { kind: kind.into(), kinds: named() });
    }
    let figures: Vec<[Statistics; 2]> = kinds.iter().map(|kind| [Statistics::of(&kind.facing), Statistics::of(&kind.near)]).collect();
    let origin = if of("mobility", "source") == "contacts" { Origin::Replayed } else { Origin::Generated };
    let mut comparisons = Vec::new();
    for (kind, [facing, _]) in kinds.iter().zip(&figures) {
        let is_meant = |r: &&Reference| venue_kind.map_or_else(|| r.is_of(&kind.venue_kind), |name| kind.venue_kind == name);
        if !kind.facing.is_empty() {
            comparisons
                .extend(references.iter().filter(is_meant).map(|r| Comparison::new((origin, &kind.venue_kind), &kind.facing, facing, r)));
        }
    }
    if comparisons.is_empty() && !references.is_empty() {
        return Err(MeetingsError::NoneAlike { kinds: named() });
    }
    let lines = lines(run_dir, &scenario, origin, &kinds, &figures)?;
    let verdicts: Vec<bool> = comparisons.iter().filter_map(|c| c.passes).chain(lines.iter().filter_map(Line::passes)).collect();
    let by_name = |statistics: &Statistics| statistics.figures().collect();
    Ok(Validation {
        slots: Slots { radius_m, cone_deg },
        judged: verdicts.len(),
        outside: verdicts.iter().filter(|passes| !**passes).count(),
        passes: (!verdicts.is_empty()).then(|| verdicts.iter().all(|passes| *passes)),
        chance_at_least: (1.0 - verdicts.len() as f64 * (1.0 - CONFIDENCE)).max(0.0),
        kinds: kinds
            .iter()
            .zip(&figures)
            .map(|(kind, [facing, near])| KindFigures { venue_kind: kind.venue_kind.clone(), facing: by_name(facing), near: by_name(near) })
            .collect(),
        comparisons,
        lines,
    })
}

/// The scenario of a finished run of one world.
fn scenario_of(run_dir: &Path) -> Result<Value, MeetingsError> {
    let run = RunFolder::open(run_dir)?;
    if !run.is_finished() {
        return Err(IoError::Unfinished { path: run_dir.to_owned() }.into());
    }
    if let Some(seed) = run.worlds()?.first() {
        return Err(MeetingsError::Worlds { run: run_dir.display().to_string(), seed: *seed });
    }
    Ok(run.read_manifest()?.unwrap_or_default()["scenario"].take())
}

fn lines(
    run_dir: &Path,
    scenario: &Value,
    origin: Origin,
    kinds: &[KindEvents],
    figures: &[[Statistics; 2]],
) -> Result<Vec<Line>, MeetingsError> {
    let is_office = |kind: &KindEvents, facing: &Statistics| {
        kind.venue_kind == "office" && facing.get("people").is_some_and(|people| people >= FEWEST_IN_OFFICE)
    };
    let offices = kinds.iter().zip(figures).filter(|(kind, [facing, _])| is_office(kind, facing));
    let mut lines = office(origin, offices.map(|(kind, _)| kind.facing.as_slice()).next().unwrap_or_default());
    let first_day = scenario["run"]["first_day"].as_str().and_then(DayJst::parse);
    let damaged = || IoError::Damaged { path: run_dir.to_owned(), problem: "its manifest does not say its days".into() };
    // Those of a scenario as the run had it, which is whole.
    let holidays = scenario["mobility"]["city"]["holidays"].as_array().into_iter().flatten();
    let days = Days {
        people: &read_table(run_dir, &tables::PEOPLE)?,
        contacts: &read_table(run_dir, &tables::CONTACTS)?,
        visits: &read_table(run_dir, &tables::VISITS)?,
        kinds,
        first_day: first_day.ok_or_else(damaged)?,
        days: scenario["run"]["days"].as_u64().and_then(|days| days.try_into().ok()).ok_or_else(damaged)?,
        holidays: holidays.filter_map(|text| DayJst::parse(text.as_str()?)).collect(),
        is_city: scenario["mobility"]["source"] == "city",
        non_home_scale: scenario["mobility"]["non_home_scale"].as_f64(),
    };
    lines.extend(days.lines());
    Ok(lines)
}

//! `cocoasim list`: what the program knows.

use clap::ValueEnum;
use serde_json::{Value, json};

use crate::{
    app::{FAULTS, Fault, NOT_SIMULATED, NotSimulated, RELEASES, released_rules, whole_history},
    history::{Change, SETTINGS},
    population::Os,
    scenario::{Loaded, SourceArgs, described, described_kinds, open},
    time::UnixSeconds,
};

use super::{Failure, args::ListOf, print};

/// An entry: its name, what the line says after it, and the same as JSON without the name.
type Row = (String, String, Value);

/// Prints a list, or the lists that there are: one entry a line, its name first; as JSON a list of objects.
pub(super) fn list(of: Option<ListOf>, json: bool) -> Result<(), Failure> {
    let rows = match of {
        None => lists(),
        Some(ListOf::Scenarios) => {
            described().map(|(name, what)| (name.to_string(), what.clone(), json!({ "description": what }))).collect()
        }
        Some(ListOf::Releases) => releases(),
        Some(ListOf::Rules) => {
            released_rules().into_iter().map(|r| (r.name.to_string(), r.means.to_string(), json!({ "means": r.means }))).collect()
        }
        Some(ListOf::Faults) => {
            let row = |f: &Fault| (f.mechanism.name().to_string(), format!("{}  {}", f.id, f.what), json!({ "id": f.id, "what": f.what }));
            let not_simulated = |f: &NotSimulated| {
                let text = format!("{}  not simulated: {} ({})", f.id, f.why, f.what);
                (f.name.to_string(), text, json!({ "id": f.id, "what": f.what, "not_simulated": f.why }))
            };
            FAULTS.iter().map(row).chain(NOT_SIMULATED.iter().map(not_simulated)).collect()
        }
        Some(ListOf::Timeline) => timeline(),
        Some(ListOf::Materials) => materials(&baseline()?),
        Some(ListOf::Environments) => environments(&baseline()?),
        Some(ListOf::Phones) => phones(&baseline()?),
        Some(ListOf::Venues) => {
            described_kinds().map(|(name, what)| (name.to_string(), what.clone(), json!({ "description": what }))).collect()
        }
    };
    if !json {
        return print(&rows.into_iter().map(|(name, text, _)| format!("{name}  {text}\n")).collect::<String>());
    }
    let named = rows.into_iter().map(|(name, _, mut fields)| {
        fields["name"] = name.into();
        fields
    });
    print(&format!("{:#}\n", Value::from_iter(named)))
}

fn baseline() -> Result<Loaded, Failure> {
    Ok(open(&SourceArgs { scenario: "baseline".into(), ..SourceArgs::default() })?)
}

fn lists() -> Vec<Row> {
    let known = ListOf::value_variants().iter().filter_map(ValueEnum::to_possible_value);
    let row = |of: clap::builder::PossibleValue| {
        let what = of.get_help().map(ToString::to_string).unwrap_or_default();
        (of.get_name().to_string(), what.clone(), json!({ "what": what }))
    };
    known.map(row).collect()
}

fn releases() -> Vec<Row> {
    let row = |r: &crate::app::Release| {
        let (ios, android) = (r.first_day(true).to_string(), r.first_day(false).to_string());
        let text = format!("iOS {ios}, Android {android}: {}", r.note);
        (r.name.to_string(), text, json!({ "first_day_ios": ios, "first_day_android": android, "note": r.note }))
    };
    RELEASES.iter().map(row).collect()
}

/// Changes by setting, each setting's in order of time.
fn timeline() -> Vec<Row> {
    let mut changes: Vec<Change> = whole_history();
    changes.sort_by_key(|change| (change.setting, change.from_s));
    let row = |change: Change| {
        let described = SETTINGS.iter().find(|described| described.setting == change.setting);
        let (name, what) = described.map_or(("", ""), |described| (described.name, described.what));
        let day = UnixSeconds(change.from_s).day_jst();
        let text = format!("{day}: {}  {what} ({})", change.value, change.source);
        let fields = json!({ "date": day.to_string(), "value": change.value, "source": change.source, "what": what });
        (name.to_string(), text, fields)
    };
    changes.into_iter().map(row).collect()
}

fn materials(loaded: &Loaded) -> Vec<Row> {
    let materials = loaded.scenario.venue.materials.iter().filter_map(|(name, m)| {
        let loss = m.loss()?;
        let make = m.thickness_mm.map_or_else(|| "any angle".into(), |mm| format!("{} x {mm} mm", m.layers.unwrap_or(1)));
        // What is lost nowhere is no -0.0.
        let (mean_db, straight_db) = (loss.mean_db() + 0.0, loss.at(1.0) + 0.0);
        let text = format!("{mean_db:.1} dB over 0-60 degrees, {straight_db:.1} dB straight through, {make}");
        let fields = json!({
            "mean_0_60_degrees_db": mean_db,
            "straight_through_db": straight_db,
            "layers": m.layers,
            "thickness_mm": m.thickness_mm,
        });
        Some((name.clone(), text, fields))
    });
    materials.collect()
}

fn environments(loaded: &Loaded) -> Vec<Row> {
    let radio = &loaded.scenario.radio;
    let environments = radio.environments.iter().map(|(name, e)| {
        let carried_db = f64::from(e.level_at_1m_db) + 2.0 * e.over_carriage(|i| f64::from(radio.carriage.each()[i].loss_db));
        let source = loaded.source_of(&format!("radio.environments.{name}.level_at_1m_db"));
        let text = format!(
            "{:.1} dB at 1 m on tables, {carried_db:.1} as carried, exponent {}, body {} dB  {source}",
            e.level_at_1m_db, e.exponent, e.body_db
        );
        let fields = json!({
            "level_at_1m_db": e.level_at_1m_db,
            "level_at_1m_as_carried_db": carried_db,
            "exponent": e.exponent,
            "body_db": e.body_db,
            "source": source,
        });
        (name.clone(), text, fields)
    });
    environments.collect()
}

fn phones(loaded: &Loaded) -> Vec<Row> {
    let phones = &loaded.scenario.phones;
    let of_os = |os: Os| if os == Os::Ios { phones.ios_share } else { 1.0 - phones.ios_share };
    let all = |os: Os| phones.models.iter().filter(|m| m.os == os).map(|m| m.share).sum::<f64>();
    let models = phones.models.iter().map(|m| {
        let share = of_os(m.os) * m.share / all(m.os);
        let text = format!("{}, {}, {:.1} % of smartphones", m.oem, m.os.name(), 100.0 * share);
        (m.model.clone(), text, json!({ "oem": m.oem, "os": m.os.name(), "share_of_smartphones": share }))
    });
    models.collect()
}

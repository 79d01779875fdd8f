//! `population`: a city's people as a file, and beside what they were drawn from.

use std::{fmt::Write, path::Path};

use crate::{
    faults::Faults,
    ids::PersonId,
    output::{Batch, encode, tables},
    population::{Compared, FigureOf, People, Society, most_outside},
    scenario::{SourceArgs, open},
    setup::city,
};

use super::{Failure, files::Outputs};

/// Draws or loads the people of a scenario's city, writes them, and prints what they are beside the statistics.
pub fn population(source: &SourceArgs, out: Option<&Path>, overwrite: bool) -> Result<(), Failure> {
    let outputs = Outputs::new(out, overwrite, false)?;
    let loaded = open(source)?;
    let mut faults = Faults::default();
    let people = city(&loaded, &mut faults);
    let Some(people) = people.filter(|_| faults.is_empty()) else { return Err(loaded.locate(&faults).into()) };
    let Some(society) = &people.society else { return Ok(()) };
    if let Some(out) = out {
        let batch = rows(&people, society);
        outputs.write_and_say(out, &encode(&batch))?;
    }
    let compared = people.compare(&loaded.scenario.population, &loaded.scenario.phones);
    outputs.answer(&table(&people, society, &compared))
}

/// The people as rows of their table.
fn rows(people: &People, society: &Society) -> Batch {
    let mut batch = Batch::new(&tables::POPULATION);
    let of = &society.establishments;
    for i in 0..people.len() {
        let person = PersonId(i as u32);
        let (household, place) = (people.household[i] as usize, society.place(person));
        let model = people.model[i].map(|m| &people.models[usize::from(m)]);
        let group = Some(society.group[i]).filter(|group| *group != Society::NO_GROUP);
        batch
            .row()
            .set("person", people.label[i])
            .set("household", people.household[i])
            .set("age_years", u32::from(people.age_years[i]))
            .set("home_x_m", society.home_x_m[household])
            .set("home_y_m", society.home_y_m[household])
            .set("occupation", society.occupation[i].name())
            .set("place", place.map(|place| place as u32))
            .set("place_kind", place.map(|place| of.trade[place].name()))
            .set("place_x_m", place.map(|place| of.x_m[place]))
            .set("place_y_m", place.map(|place| of.y_m[place]))
            .set("group", group.map(u32::from))
            .set("number", u32::from(society.number[i]))
            .set("is_staff", society.is_staff(person))
            .set("mode", society.mode[i].name())
            .set("ride_min", u32::from(society.ride_min[i]))
            .set("teleworks", society.teleworks[i])
            .set("os", model.map(|m| m.os.name()))
            .set("phone_model", model.map(|m| m.model.as_str()))
            .set("has_app", people.has_app[i])
            .set("bluetooth_on", people.bluetooth_on[i]);
    }
    batch
}

/// What was generated, beside its targets.
fn table(people: &People, society: &Society, compared: &[Compared]) -> String {
    let mut out = format!(
        "{} people in {} households; {} schools and workplaces\n\n{:<54} {:>9} {:>9} {:>17} {:>9} {:>6}\n",
        people.len(),
        society.home_x_m.len(),
        society.establishments.len(),
        "",
        "target",
        "generated",
        "99 % of right",
        "n",
        "z"
    );
    let mut part = "";
    for row in compared {
        if row.part != part {
            part = row.part;
            let _ = writeln!(out, "{part}");
        }
        let figure = |value: f64| match row.of {
            _ if value.is_nan() => "-".into(),
            FigureOf::Share => format!("{:.2} %", 100.0 * value),
            FigureOf::People | FigureOf::Minutes => format!("{value:.2}"),
        };
        let [low, high] = row.range();
        let (range, z) = match row.z() {
            None => ("too few".into(), "-".into()),
            Some(z) => (format!("{} - {}", figure(low).trim_end_matches(" %"), figure(high)), format!("{z:.2}")),
        };
        let mark = if row.is_outside() { " !" } else { "" };
        let line =
            format!("  {:<52} {:>9} {:>9} {range:>17} {:>9} {z:>6}{mark}", row.what, figure(row.target), figure(row.generated), row.n);
        let _ = writeln!(out, "{line}");
    }
    let judged = compared.iter().filter(|row| row.z().is_some()).count();
    let outside = compared.iter().filter(|row| row.is_outside()).count();
    let adoption = people.adoption();
    let percent = |share: f64| format!("{:.2} %", 100.0 * share);
    let _ = write!(
        out,
        "\n{outside} of {judged} outside the range in which 99 % of right cities of this size lie (!); in 99 of 100 right ones at most {} are\n\
         have the app: {} of smartphone owners, {} of people, {} of adults; both of {} of pairs\n",
        most_outside(judged),
        percent(adoption.of_owners),
        percent(adoption.of_people),
        percent(adoption.of_adults),
        percent(adoption.pair_share)
    );
    out
}

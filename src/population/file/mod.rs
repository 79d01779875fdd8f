//! A population that was written to a file, by this program or another.

mod table;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::{
    faults::{Faults, short, use_one_of},
    random::Seed,
};

use super::{Mode, Occupation, Os, PhonesConfig, Society, Trade, build::PhonesGiven, people::People};

use table::{Holds, NO_TEXT, Table, Values, Wanted};

const fn number(name: &'static str) -> Wanted {
    Wanted { name, holds: Holds::Number, is_required: true }
}
const fn text(name: &'static str) -> Wanted {
    Wanted { name, holds: Holds::Text, is_required: true }
}
const fn flag(name: &'static str) -> Wanted {
    Wanted { name, holds: Holds::Flag, is_required: true }
}
const fn optional(wanted: Wanted) -> Wanted {
    Wanted { is_required: false, ..wanted }
}

const WANTED: [Wanted; 19] = [
    number("person"),
    number("household"),
    number("age_years"),
    number("home_x_m"),
    number("home_y_m"),
    text("occupation"),
    number("place"),
    text("place_kind"),
    number("place_x_m"),
    number("place_y_m"),
    number("group"),
    number("number"),
    text("mode"),
    number("ride_min"),
    flag("teleworks"),
    optional(text("phone_model")),
    optional(text("os")),
    optional(flag("has_app")),
    optional(flag("bluetooth_on")),
];

/// Numbers of the columns above.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    Person,
    Household,
    Age,
    HomeX,
    HomeY,
    Occupation,
    Place,
    PlaceKind,
    PlaceX,
    PlaceY,
    Group,
    Number,
    Mode,
    Ride,
    Teleworks,
    PhoneModel,
    Os,
    HasApp,
    BluetoothOn,
}

/// So many faults of a file are told one by one.
const TOLD: usize = 20;
/// Nobody is older.
const OLDEST_YEARS: f64 = 120.0;
/// No home or place lies farther from the middle, m: Japan is 3,000 km long.
const FARTHEST_M: f64 = 2_000_000.0;
/// No way takes longer, minutes.
const LONGEST_WAY_MIN: f64 = 240.0;

/// Faults of a file, of which the first are told and the others counted.
struct Told<'f> {
    name: &'f str,
    faults: &'f mut Faults,
    found: usize,
}

impl Told<'_> {
    fn add(&mut self, line: usize, problem: String, remedy: &str) {
        self.found += 1;
        if self.found <= TOLD {
            self.faults.push_line(self.name, line, problem, remedy);
        }
    }

    fn end(self) -> bool {
        if self.found > TOLD {
            self.faults.push(self.name, format!("{} more faults", self.found - TOLD), "mend these first");
        }
        self.found == 0
    }
}

/// A place of work or school as the rows of its people tell it.
struct PlaceOfRow {
    line: usize,
    trade: Trade,
    at: (f32, f32),
}

/// A row that holds nothing wrong.
struct Row {
    label: u32,
    line: usize,
    household: u32,
    age_years: u8,
    occupation: Occupation,
    place: Option<u32>,
    group: u16,
    number: u16,
    mode: Mode,
    ride_min: u8,
    teleworks: bool,
    /// Of the file, for the columns of phones.
    row: usize,
}

impl Table {
    fn number(&self, of: Of, row: usize) -> Option<f64> {
        match self.columns[of as usize].as_ref()? {
            Values::Numbers(numbers) => Some(numbers[row]).filter(|number| !number.is_nan()),
            Values::Texts { .. } => None,
        }
    }

    fn text(&self, of: Of, row: usize) -> Option<&str> {
        match self.columns[of as usize].as_ref()? {
            Values::Texts { codes, labels, .. } => {
                Some(codes[row]).filter(|code| *code != NO_TEXT).map(|code| labels[code as usize].as_str())
            }
            Values::Numbers(_) => None,
        }
    }

    fn has(&self, of: Of) -> bool {
        self.columns[of as usize].is_some()
    }
}

impl People {
    /// Reads a city's people from the bytes of a CSV or Parquet file, named so in messages. Phones are drawn where it says nothing of them.
    /// `None` with faults, each with its line (CSV) or row (Parquet), counted from 1.
    pub fn from_file(name: &str, bytes: Vec<u8>, phones: &PhonesConfig, seed: Seed, faults: &mut Faults) -> Option<Self> {
        let table = Table::read(name, bytes, &WANTED, faults)?;
        if table.rows == 0 {
            faults.push(name, "nobody is in it", "give a row for each person");
            return None;
        }
        let mut told = Told { name, faults, found: 0 };
        for (row, column, text) in &table.bad {
            let holds = match WANTED[*column].holds {
                Holds::Number => "give a number",
                Holds::Flag => "give true or false",
                Holds::Text => "give text",
            };
            told.add(table.line(*row), format!("column {}: \"{text}\" is not one", WANTED[*column].name), holds);
        }
        let bad = table.bad.iter().map(|(row, column, _)| (*row, *column)).collect();
        let mut reading = Reading { table: &table, bad, told, homes: FxHashMap::default(), places: FxHashMap::default() };
        let mut rows: Vec<Row> = (0..table.rows).filter_map(|row| reading.row(row)).collect();
        rows.sort_by_key(|row| row.label);
        for two in rows.windows(2).filter(|two| two[0].label == two[1].label) {
            let problem = format!("person {} is in line {} too", two[1].label, two[0].line);
            reading.told.add(two[1].line, problem, "give each person a number of their own");
        }
        reading.check_degrees();
        let given = reading.phones(phones, &rows);
        let Reading { told, homes, places, .. } = reading;
        if !told.end() {
            return None;
        }
        let mut people = Self::without_anybody(phones);
        people.society = Some(society(&mut people, &rows, &homes, &places));
        people.draw_phones_given(phones, seed, &given);
        Some(people)
    }
}

/// A file being read.
struct Reading<'t, 'f> {
    table: &'t Table,
    /// Cells that are reported already: row and column.
    bad: FxHashSet<(usize, usize)>,
    told: Told<'f>,
    /// By household: where it lives, and the line that says so first.
    homes: FxHashMap<u32, ((f32, f32), usize)>,
    /// By number.
    places: FxHashMap<u32, PlaceOfRow>,
}

impl Reading<'_, '_> {
    /// A whole number of a column, up to a largest; `None` where there is none or, with a fault, another.
    fn whole(&mut self, of: Of, row: usize, most: f64, remedy: &str) -> Option<f64> {
        let number = self.table.number(of, row)?;
        let is_fine = number.fract() == 0.0 && (0.0..=most).contains(&number);
        if !is_fine {
            let problem = format!("column {}: {} is not a whole number from 0 to {}", WANTED[of as usize].name, short(number), short(most));
            self.told.add(self.table.line(row), problem, remedy);
        }
        is_fine.then_some(number)
    }

    /// The same where there must be one.
    fn needed(&mut self, of: Of, row: usize, most: f64, remedy: &str) -> Option<f64> {
        if self.table.number(of, row).is_none() && !self.is_bad(of, row) {
            self.told.add(self.table.line(row), format!("column {}: nothing", WANTED[of as usize].name), remedy);
        }
        self.whole(of, row, most, remedy)
    }

    /// Whether a cell has been reported already.
    fn is_bad(&self, of: Of, row: usize) -> bool {
        self.bad.contains(&(row, of as usize))
    }

    /// A name of a column; `None` where there is none or, with a fault, an unknown one.
    fn name<T: Copy>(&mut self, of: Of, row: usize, all: &[T], name: fn(T) -> &'static str) -> Option<T> {
        let text = self.table.text(of, row)?;
        let found = all.iter().copied().find(|known| name(*known) == text);
        if found.is_none() {
            let problem = format!("column {}: nothing is named \"{text}\"", WANTED[of as usize].name);
            let remedy = use_one_of(text, all.iter().map(|known| name(*known)));
            self.told.add(self.table.line(row), problem, &remedy);
        }
        found
    }

    /// Metres of two columns.
    fn point(&mut self, [x, y]: [Of; 2], row: usize, whose: &str) -> Option<(f32, f32)> {
        let line = self.table.line(row);
        let (Some(x_m), Some(y_m)) = (self.table.number(x, row), self.table.number(y, row)) else {
            if !self.is_bad(x, row) && !self.is_bad(y, row) {
                let remedy =
                    format!("give {} and {}, metres from the middle of the city", WANTED[x as usize].name, WANTED[y as usize].name);
                self.told.add(line, format!("{whose} is nowhere"), &remedy);
            }
            return None;
        };
        if x_m.abs().max(y_m.abs()) > FARTHEST_M {
            let problem = format!("{whose} at {}, {} m, out of the plane", short(x_m), short(y_m));
            self.told.add(line, problem, "give metres from the middle of the city, at most 2,000 km");
            return None;
        }
        Some((x_m as f32, y_m as f32))
    }

    fn row(&mut self, row: usize) -> Option<Row> {
        let line = self.table.line(row);
        let most = f64::from(u32::MAX - 1);
        let label = self.needed(Of::Person, row, most, "give each person a number of their own");
        let household = self.needed(Of::Household, row, most, "give the number of the household").map(|number| number as u32);
        let age_years = self.needed(Of::Age, row, OLDEST_YEARS, "give whole years, not months or a year of birth");
        let home = self.point([Of::HomeX, Of::HomeY], row, "the home");
        if let (Some(household), Some(home)) = (household, home) {
            let (known, first) = *self.homes.entry(household).or_insert((home, line));
            if known != home {
                let problem = format!("household {household} lives at {}, {} m, and elsewhere in line {first}", home.0, home.1);
                self.told.add(line, problem, "give all members one home, or households of their own");
            }
        }
        let occupation = self.name(Of::Occupation, row, Occupation::ALL, Occupation::name);
        if self.table.text(Of::Occupation, row).is_none() {
            self.told.add(line, "column occupation: nothing".into(), "say at_home of who neither works nor goes to school");
        }
        let place = self.place(row, occupation);
        let group = self.whole(Of::Group, row, f64::from(u16::MAX - 1), "number classes and teams of a place from 0");
        let learns_somewhere = occupation.is_some_and(Occupation::learns) && self.table.number(Of::Place, row).is_some();
        if learns_somewhere && self.table.number(Of::Group, row).is_none() && !self.is_bad(Of::Group, row) {
            self.told.add(line, "column group: a pupil without a class".into(), "number the classes of a school from 0");
        }
        let number = self.whole(Of::Number, row, f64::from(u16::MAX), "number the people of a class or workplace from 0");
        let mode = self.name(Of::Mode, row, Mode::ALL, Mode::name);
        let ride_min = self.needed(Of::Ride, row, LONGEST_WAY_MIN, "give whole minutes, one way");
        Some(Row {
            label: label? as u32,
            line,
            household: household?,
            age_years: age_years? as u8,
            occupation: occupation?,
            place,
            group: group.map_or(Society::NO_GROUP, |group| group as u16),
            number: number.map_or(0, |number| number as u16),
            mode: mode.unwrap_or(Mode::Walk),
            ride_min: ride_min? as u8,
            teleworks: self.table.number(Of::Teleworks, row) == Some(1.0),
            row,
        })
    }

    /// The place of work or school of a row.
    fn place(&mut self, row: usize, occupation: Option<Occupation>) -> Option<u32> {
        let line = self.table.line(row);
        let place = self.whole(Of::Place, row, f64::from(u32::MAX - 1), "give the number of the place of work or school")? as u32;
        let trade = self.name(Of::PlaceKind, row, Trade::ALL, Trade::name);
        if self.table.text(Of::PlaceKind, row).is_none() {
            self.told.add(line, format!("column place_kind: nothing of place {place}"), "say what the place is");
        }
        let at = self.point([Of::PlaceX, Of::PlaceY], row, "the place of work or school");
        let (trade, at) = (trade?, at?);
        if let Some(occupation) = occupation.filter(|occupation| !occupation.belongs_to(trade)) {
            let problem = format!("column place: {} in a place that is {}", occupation.name(), trade.name());
            self.told.add(line, problem, "leave place empty of who stays at home, and give pupils a school of their stage");
        }
        let known = self.places.entry(place).or_insert(PlaceOfRow { line, trade, at });
        if (known.trade, known.at) != (trade, at) {
            let problem = format!("place {place} is {} at {}, {} m, and another in line {}", trade.name(), at.0, at.1, known.line);
            self.told.add(line, problem, "say the same of a place in every row, or give places numbers of their own");
        }
        Some(place)
    }

    /// Finds homes that are given in degrees: more than one to a square metre.
    fn check_degrees(&mut self) {
        let bounds = |along: fn(&(f32, f32)) -> f32| {
            let all = self.homes.values().map(|(home, _)| f64::from(along(home)));
            all.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), m| (low.min(m), high.max(m)))
        };
        let [(x0, x1), (y0, y1)] = [bounds(|home| home.0), bounds(|home| home.1)];
        let are_degrees = [x0, x1, y0, y1].iter().all(|m| m.abs() <= 180.0) && (x1 - x0).max(y1 - y0) > 0.0;
        if self.homes.len() >= 10 && are_degrees && (x1 - x0) * (y1 - y0) < self.homes.len() as f64 {
            let problem = format!("{} homes within {:.2} by {:.2} m: these may be degrees", self.homes.len(), x1 - x0, y1 - y0);
            self.told.add(self.table.line(0), problem, "give home_x_m and home_y_m in metres from the middle of the city");
        }
    }

    /// What the file says of phones, in the order of people.
    fn phones(&mut self, phones: &PhonesConfig, rows: &[Row]) -> PhonesGiven {
        let table = self.table;
        let mut given = PhonesGiven::default();
        if table.has(Of::PhoneModel) {
            let models: FxHashMap<&str, u16> = (0..).zip(&phones.models).map(|(number, model)| (model.model.as_str(), number)).collect();
            let of = |row: &Row| {
                let model = table.text(Of::PhoneModel, row.row)?;
                let number = models.get(model).copied();
                if number.is_none() {
                    let remedy =
                        format!("{}, or add it to phones.models", use_one_of(model, phones.models.iter().map(|m| m.model.as_str())));
                    self.told.add(row.line, format!("column phone_model: no phone of the scenario is \"{model}\""), &remedy);
                }
                number
            };
            given.model = Some(rows.iter().map(of).collect());
        } else if table.has(Of::Os) {
            given.os = Some(rows.iter().map(|row| self.name(Of::Os, row.row, &[Os::Ios, Os::Android], Os::name)).collect());
        }
        // An unknown phone is one.
        let phones_in = [Of::PhoneModel, Of::Os].into_iter().find(|of| table.has(*of));
        let owns = |row: &Row| phones_in.map(|of| table.text(of, row.row).is_some());
        let flags = |of: Of| {
            let flag = |row: &Row| table.number(of, row.row) == Some(1.0);
            table.has(of).then(|| rows.iter().map(flag).collect::<Vec<bool>>())
        };
        let (has_app, bluetooth_on) = (flags(Of::HasApp), flags(Of::BluetoothOn));
        if has_app.is_some() && phones_in.is_none() {
            let remedy = "give phone_model or os, empty of who has no smartphone";
            self.told.add(table.line(0), "column has_app without phones".into(), remedy);
        }
        let has = |i: usize| has_app.as_ref().is_some_and(|has| has[i]);
        for (_, row) in rows.iter().enumerate().filter(|(i, row)| has(*i) && owns(row) == Some(false)) {
            self.told.add(row.line, format!("person {} has the app and no smartphone", row.label), "give the phone, or has_app = false");
        }
        PhonesGiven { has_app, bluetooth_on, ..given }
    }
}

/// Puts rows, in order of person, into arrays.
fn society(people: &mut People, rows: &[Row], homes: &FxHashMap<u32, ((f32, f32), usize)>, places: &FxHashMap<u32, PlaceOfRow>) -> Society {
    let mut society = Society::default();
    let mut numbers: Vec<u32> = places.keys().copied().collect();
    numbers.sort_unstable();
    for number in &numbers {
        let place = &places[number];
        society.establishments.push(place.trade, place.at, 0, 0);
    }
    let mut households: FxHashMap<u32, u32> = FxHashMap::default();
    for row in rows {
        let next = households.len() as u32;
        let household = *households.entry(row.household).or_insert_with(|| {
            let ((x_m, y_m), _) = homes[&row.household];
            society.home_x_m.push(x_m);
            society.home_y_m.push(y_m);
            next
        });
        people.label.push(row.label);
        people.household.push(household);
        people.age_years.push(row.age_years);
        people.works_here.push(false);
        people.department.push(None);
        let place = row.place.and_then(|number| numbers.binary_search(&number).ok());
        if let Some(place) = place {
            let of = &mut society.establishments;
            of.workers[place] += u32::from(row.occupation.works());
            if of.trade[place].taught().is_some() && row.group != Society::NO_GROUP {
                of.classes[place] = of.classes[place].max(row.group + 1);
            }
        }
        society.occupation.push(row.occupation);
        society.place.push(place.map_or(Society::NOWHERE, |place| place as u32));
        society.group.push(row.group);
        society.number.push(row.number);
        society.mode.push(row.mode);
        society.ride_min.push(row.ride_min);
        society.teleworks.push(row.teleworks);
    }
    society
}

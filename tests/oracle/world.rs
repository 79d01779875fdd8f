//! What the oracle starts from: the scenario, and the tables `people` and `stances` of a run. Nothing else of the run is read.

use std::{collections::BTreeMap, path::Path};

use cocoasim::{
    math,
    output::{read_table, tables},
    random::{Keyed, Seed, Stream},
    scenario::{Loaded, ScenarioFile},
    time::DayJst,
    units::Point,
    venue::kind::{Coordinate, KindConfig, Length},
};
use rand::RngExt;
use serde_json::Value;

/// A pose of a person (table `stances`).
pub struct Stance {
    pub venue: u32,
    pub start_s: i64,
    pub end_s: i64,
    pub from: Point,
    pub to: Point,
    pub facing_rad: f32,
    pub carriage: usize,
    pub room: Option<u32>,
    pub place: u32,
    pub episode: u32,
}

impl Stance {
    pub fn is_still(&self) -> bool {
        self.from == self.to
    }

    /// Where the body's middle is at a moment.
    pub fn at(&self, t_s: f64) -> Point {
        let share = (t_s - self.start_s as f64) / (self.end_s - self.start_s) as f64;
        if self.is_still() { self.from } else { self.from.towards(self.to, share as f32) }
    }

    /// The same without the rounding of 32 bits.
    pub fn exactly_at(&self, t_s: f64) -> (f64, f64) {
        let share = (t_s - self.start_s as f64) / (self.end_s - self.start_s) as f64;
        let between = |from: f32, to: f32| f64::from(from) + (f64::from(to) - f64::from(from)) * share;
        (between(self.from.x_m, self.to.x_m), between(self.from.y_m, self.to.y_m))
    }

    fn lasts_at(&self, t_s: i64) -> bool {
        self.start_s <= t_s && t_s < self.end_s
    }
}

/// A person and the phone they hold.
pub struct Person {
    /// Whether the phone takes part, on every day of the run.
    pub runs: bool,
    pub ios: bool,
    /// Number of the model in the scenario's list; `None` = no smartphone.
    pub model: Option<usize>,
    /// Days after which the phone installs a release.
    pub lag_days: i32,
    /// In time order.
    pub stances: Vec<Stance>,
}

/// A wall, pane or screen.
pub struct Barrier {
    pub from: Point,
    pub to: Point,
    pub material: String,
    pub reaches_ceiling: bool,
}

/// A time in which two people are in one venue and neither changes pose.
pub struct Span<'a> {
    pub a: &'a Stance,
    pub b: &'a Stance,
    pub start_s: i64,
    pub end_s: i64,
}

impl Span<'_> {
    /// Both bodies half-way through, which decides what stands between the two.
    pub fn middle(&self) -> [Point; 2] {
        let middle_s = (self.start_s + self.end_s) as f64 / 2.0;
        [self.a.at(middle_s), self.b.at(middle_s)]
    }

    /// The least distance of the two bodies, m.
    pub fn least_m(&self) -> f64 {
        let distance_m = |t_s: f64| {
            let (a, b) = (self.a.exactly_at(t_s), self.b.exactly_at(t_s));
            math::hypot(a.0 - b.0, a.1 - b.1)
        };
        least(&distance_m, self.start_s as f64, self.end_s as f64)
    }
}

/// The least value between two moments of what falls and then rises, as the distance of two straight walks does.
pub fn least(value: &impl Fn(f64) -> f64, mut from_s: f64, mut to_s: f64) -> f64 {
    for _ in 0..40 {
        let (third_s, two_thirds_s) = (from_s + (to_s - from_s) / 3.0, to_s - (to_s - from_s) / 3.0);
        (from_s, to_s) = if value(third_s) < value(two_thirds_s) { (from_s, two_thirds_s) } else { (third_s, to_s) };
    }
    value(from_s).min(value(to_s))
}

pub struct World {
    pub seed: Seed,
    pub scenario: ScenarioFile,
    /// The same as JSON, for values that are names.
    pub json: Value,
    pub first_day: DayJst,
    pub people: Vec<Person>,
    /// Numbers of people in tables, ascending.
    labels: Vec<u32>,
    venues: Vec<Venue>,
}

/// A place: its kind, what stands in it, and the radio environment of each room.
pub struct Venue {
    pub kind: String,
    pub barriers: Vec<Barrier>,
    pub rooms: Vec<String>,
    /// Of links that are not within one room.
    pub between_rooms: String,
}

pub const CARRIAGES: [&str; 6] = ["hand", "front_pocket", "back_pocket", "bag", "table", "ear"];

impl World {
    pub fn read(loaded: &Loaded, folder: &Path) -> Self {
        let scenario = loaded.scenario.clone();
        let seed = Seed(scenario.run.seed);
        let table = read_table(folder, &tables::PEOPLE).expect("people");
        let stream = Keyed::new(seed, Stream::Phone);
        let labels = table.u32("person").to_vec();
        let mut people: Vec<Person> = Vec::new();
        let mut households: BTreeMap<u32, usize> = BTreeMap::new();
        for i in 0..table.rows() {
            *households.entry(table.u32("household")[i]).or_default() += 1;
            let is_model = |name| scenario.phones.models.iter().position(|m| Some(m.model.as_str()) == name);
            // The fifth draw of a phone.
            let mut rng = stream.rng(i as u32, 0, 0);
            let _: [f64; 4] = std::array::from_fn(|_| rng.random());
            let lag = rng.exponential(scenario.phones.update_lag_mean_days);
            people.push(Person {
                runs: table.bools("phone_runs")[i],
                ios: table.text("os").get(i) == "ios",
                model: is_model(table.text("phone_model").opt(i)),
                lag_days: lag as i32,
                stances: Vec::new(),
            });
        }
        let table = read_table(folder, &tables::STANCES).expect("stances");
        let point = |x: &str, y: &str, i: usize| Point::new(table.f64(x)[i] as f32, table.f64(y)[i] as f32);
        for i in 0..table.rows() {
            let person = labels.binary_search(&table.u32("person")[i]).expect("somebody");
            people[person].stances.push(Stance {
                venue: table.u32("venue")[i],
                start_s: table.i64("start_s")[i],
                end_s: table.i64("end_s")[i],
                from: point("x0_m", "y0_m", i),
                to: point("x1_m", "y1_m", i),
                facing_rad: table.f64("facing_deg")[i].to_radians() as f32,
                carriage: CARRIAGES.iter().position(|c| *c == table.text("carriage").get(i)).expect("a carriage"),
                room: (!table.is_null("room", i)).then(|| table.u32("room")[i]),
                place: table.u32("place")[i],
                episode: table.u32("episode")[i],
            });
        }
        people.iter_mut().for_each(|p| p.stances.sort_by_key(|s| s.start_s));
        let json = loaded.resolved.clone();
        let venues = venues(loaded, &json, &households.into_values().collect::<Vec<_>>());
        Self { seed, first_day: scenario.first_day().expect("a day"), json, scenario, people, labels, venues }
    }

    /// The person of a number in tables.
    pub fn person(&self, label: u32) -> usize {
        self.labels.binary_search(&label).expect("somebody")
    }

    pub fn venue(&self, number: u32) -> &Venue {
        &self.venues[number as usize]
    }

    pub fn days(&self) -> impl Iterator<Item = DayJst> + '_ {
        (0..self.scenario.run.days as i32).map(|d| self.first_day.plus_days(d))
    }

    /// The pose of a person at a moment.
    pub fn stance(&self, person: usize, t_s: i64) -> Option<&Stance> {
        let stances = &self.people[person].stances;
        stances.get(stances.partition_point(|s| s.end_s <= t_s)).filter(|s| s.lasts_at(t_s))
    }

    /// The spans of two people, in time order.
    pub fn spans(&self, a: usize, b: usize) -> Vec<Span<'_>> {
        let mut spans = Vec::new();
        for a in &self.people[a].stances {
            for b in self.people[b].stances.iter().filter(|b| b.venue == a.venue && a.start_s < b.end_s && b.start_s < a.end_s) {
                spans.push(Span { a, b, start_s: a.start_s.max(b.start_s), end_s: a.end_s.min(b.end_s) });
            }
        }
        spans
    }

    /// Where the phone is carried, from the body's middle, of someone who faces along the x axis.
    pub fn carried_at(&self, carriage: usize) -> Point {
        let c = self.scenario.radio.carriage.each()[carriage];
        Point::default().offset(c.bearing_deg.to_radians(), c.offset_m)
    }
}

/// Venue 0 is the office, then comes a home for each household; or each pair of a trial has an office of its own; or everybody is in a
/// hall without walls.
fn venues(loaded: &Loaded, json: &Value, households: &[usize]) -> Vec<Venue> {
    let kind = |name: &str| loaded.kinds.named(name).expect("a kind of the program");
    let (office_kind, home_kind) = (kind("office"), kind("home"));
    let office = || venue(&office_kind, u32::MAX);
    let home = |people: &usize| venue(&home_kind, *people as u32);
    let contacts = &json["mobility"]["contacts"];
    let text = |key: &str| contacts[key].as_str().expect("text").to_string();
    match json["mobility"]["source"].as_str() {
        Some("generated") => std::iter::once(office()).chain(households.iter().map(home)).collect(),
        Some("pairs") => (0..loaded.scenario.population.workers / 2).map(|_| office()).collect(),
        _ => {
            let hall = text("environment");
            vec![Venue { kind: text("venue_kind"), barriers: Vec::new(), rooms: vec![hall.clone()], between_rooms: hall }]
        }
    }
}

/// A venue of a kind in which every length is stated, for so many people: its walls, then the partitions along its tables.
fn venue(kind: &KindConfig, people: u32) -> Venue {
    let metres = |length: Length| match length {
        Length::Fixed(m) => m,
        Length::Drawn(_) => panic!("nothing is drawn"),
    };
    let point = |place: [Coordinate; 2]| {
        let [x_m, y_m] = place.map(|coordinate| match coordinate {
            Coordinate::Fixed(m) => m,
            _ => panic!("nothing is drawn"),
        });
        Point::new(x_m, y_m)
    };
    let is_there =
        |range: Option<[u32; 2]>| range.is_none_or(|[from, to]| (from..=to).contains(&people) || (people == u32::MAX && to >= 10));
    let walls = kind.walls.iter().filter(|wall| is_there(wall.for_people)).map(|wall| Barrier {
        from: point(wall.from_m),
        to: point(wall.to_m),
        material: wall.material.clone(),
        reaches_ceiling: true,
    });
    let partitions = kind.tables.iter().filter(|table| is_there(table.for_people) && !table.partition.is_empty()).map(|table| {
        let (middle, half_m) = (point(table.first_m), metres(table.width_m) / 2.0);
        let end = |side: f32| Point::new(middle.x_m + side * half_m, middle.y_m);
        Barrier { from: end(-1.0), to: end(1.0), material: table.partition.clone(), reaches_ceiling: false }
    });
    let rooms = kind.rooms.iter().filter(|room| is_there(room.for_people));
    Venue {
        kind: kind.name.clone(),
        barriers: walls.chain(partitions).collect(),
        rooms: rooms.map(|room| room.environment.clone().unwrap_or(kind.floor.environment.clone())).collect(),
        between_rooms: kind.floor.environment.clone(),
    }
}

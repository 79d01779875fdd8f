//! The venues of a city: how many of which kind, what they are laid out to, and what happens in them.

use std::sync::Arc;

use crate::{
    faults::Faults,
    ids::VenueId,
    mobility::{Carry, HomeLife, Insides, MobilityConfig, Movement, Stance, Visit},
    places::{Ground, Places},
    population::{People, Society, Trade},
    random::Seed,
    time::DayJst,
    venue::{
        FloorPlan, Material, Venue, VenueKind,
        kind::{KindConfig, MovementConfig},
    },
};

use super::days::Days;

/// What a venue of a city is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(usize)]
pub enum Kind {
    Home,
    SmallOffice,
    Office,
    Factory,
    Classroom,
    Shop,
    Supermarket,
    Restaurant,
    Izakaya,
    Gym,
    Karaoke,
    Hall,
    Ward,
    CareHome,
    Train,
}

/// Number of kinds.
pub const KINDS: usize = 15;

/// The name of each kind's file, and the roles that people have there.
const OF_KINDS: [(Kind, &str, &[&str]); KINDS] = [
    (Kind::Home, "home", &["member"]),
    (Kind::SmallOffice, "small_office", &["worker"]),
    (Kind::Office, "office", &["worker"]),
    (Kind::Factory, "factory", &["worker"]),
    (Kind::Classroom, "classroom", &["pupil", "teacher"]),
    (Kind::Shop, "shop", &["customer", "cashier"]),
    (Kind::Supermarket, "supermarket", &["customer", "cashier"]),
    (Kind::Restaurant, "restaurant", &["guest", "waiter", "cook", "cashier"]),
    (Kind::Izakaya, "izakaya", &["guest", "waiter", "cook"]),
    (Kind::Gym, "gym", &["member", "staff"]),
    (Kind::Karaoke, "karaoke", &["guest", "clerk"]),
    (Kind::Hall, "hall", &["listener", "performer"]),
    (Kind::Ward, "ward", &["patient", "nurse"]),
    // Those who live there are not of the city's people.
    (Kind::CareHome, "ward", &["nurse"]),
    (Kind::Train, "train_e233", &["rider"]),
];

/// A small office has so many desks at most, by its file, and a hall of a factory so many workplaces.
pub const SMALL_OFFICE_PEOPLE: u32 = 48;
pub const HALL_PEOPLE: u32 = 48;
/// Desks of a floor; larger workplaces have several.
pub const FLOOR_PEOPLE: u32 = 128;
/// Shops where so many work are supermarkets. Assumption: about one in six, as hours go.
pub const SUPERMARKET_WORKERS: u32 = 15;
/// Venues of a kind whose lengths are drawn are laid out in so many ways.
const VARIANTS: u32 = 8;

/// The kinds that a city is made of.
pub struct CityKinds {
    kinds: Vec<KindConfig>,
    /// Of each kind and role of [`OF_KINDS`] its number among those of the file.
    roles: Vec<Vec<u8>>,
}

impl CityKinds {
    /// The names of their files.
    pub fn names() -> impl Iterator<Item = &'static str> {
        OF_KINDS.iter().map(|(_, name, _)| *name)
    }

    /// Of the kinds by name, each without faults of its own. Finds roles that a kind does not have, or that move otherwise than people do in
    /// homes and offices, and dwellings too small for the largest household.
    pub fn new(named: impl Fn(&str) -> Option<KindConfig>, faults: &mut Faults) -> Option<Self> {
        let (mut kinds, mut roles) = (Vec::new(), Vec::new());
        for (of, name, names) in OF_KINDS {
            let kind = named(name)?;
            let remedy = || format!("begin with a copy of scenarios/venues/{name}.toml, or give the kind another name");
            let mut numbers = Vec::new();
            for role in names {
                match kind.roles.iter().position(|known| known.name == *role) {
                    Some(number) => numbers.push(number as u8),
                    None => faults.push(
                        "venue.kinds",
                        format!("the kind {name} has no role {role}, which people of a city have there"),
                        remedy(),
                    ),
                }
            }
            let model = kind.roles.first().map(|role| &role.model);
            let moves = match of {
                Kind::Home => matches!(model, Some(MovementConfig::RoomsAndBeds(_))),
                Kind::Office | Kind::SmallOffice | Kind::Factory => matches!(model, Some(MovementConfig::WorkFloor(_))),
                _ => true,
            };
            if !moves {
                faults.push("venue.kinds", format!("people of the kind {name} do not move as those of a city do there"), remedy());
            }
            kinds.push(kind);
            roles.push(numbers);
        }
        (faults.is_empty() && roles.iter().zip(OF_KINDS).all(|(numbers, (.., names))| numbers.len() == names.len()))
            .then_some(Self { kinds, roles })
    }

    /// The number in the kind's file of a role that people of a city have there.
    pub fn role(&self, kind: Kind, role: usize) -> u8 {
        self.roles[kind as usize][role]
    }

    /// How many find a place in that role at once, in a venue of mean lengths.
    pub fn places(&self, kind: Kind, role: usize, (materials, carry, seed): (&[Material], &Carry, Seed)) -> u32 {
        let config = &self.kinds[kind as usize];
        let ground = Ground::new(config, config.lay_out(materials, seed, 0));
        Places { kind: config, ground: &ground, carry, seed }.capacity(usize::from(self.role(kind, role)))
    }

    /// People whom a car is built for.
    pub fn nominal_people(&self) -> f64 {
        f64::from(self.kinds[Kind::Train as usize].nominal_people.unwrap_or(160))
    }
}

/// Which venues a city has. Homes come first, in the order of households, then those of establishments, in their order, then cars.
pub struct Town {
    /// Of each venue what it is.
    pub kind: Vec<Kind>,
    /// Of each establishment its first venue, and of a last one the first car.
    pub first: Vec<u32>,
}

impl Town {
    /// Without its trains.
    pub fn new(society: &Society) -> Self {
        let homes = society.home_x_m.len();
        let (mut kind, mut first) = (vec![Kind::Home; homes], Vec::with_capacity(society.establishments.len() + 1));
        let of = &society.establishments;
        for ((trade, workers), classes) in of.trade.iter().zip(&of.workers).zip(&of.classes) {
            first.push(kind.len() as u32);
            let (what, number) = match trade {
                Trade::Office if *workers <= SMALL_OFFICE_PEOPLE => (Kind::SmallOffice, 1),
                Trade::Office => (Kind::Office, workers.div_ceil(FLOOR_PEOPLE)),
                Trade::Shop if *workers >= SUPERMARKET_WORKERS => (Kind::Supermarket, 1),
                Trade::Shop => (Kind::Shop, 1),
                Trade::Restaurant => (Kind::Restaurant, 1),
                Trade::Izakaya => (Kind::Izakaya, 1),
                Trade::Gym => (Kind::Gym, 1),
                Trade::Karaoke => (Kind::Karaoke, 1),
                Trade::Hall => (Kind::Hall, 1),
                Trade::Factory => (Kind::Factory, workers.div_ceil(HALL_PEOPLE)),
                Trade::Hospital => (Kind::Ward, 1),
                Trade::Care => (Kind::CareHome, 1),
                Trade::Elsewhere => (Kind::Home, 0),
                _ => (Kind::Classroom, u32::from(*classes)),
            };
            kind.extend(std::iter::repeat_n(what, number as usize));
        }
        first.push(kind.len() as u32);
        Self { kind, first }
    }

    /// The venues of an establishment.
    pub fn of(&self, place: usize) -> std::ops::Range<u32> {
        self.first[place]..self.first[place + 1]
    }

    /// The number that the first car will have.
    pub fn first_car(&self) -> VenueId {
        VenueId(self.first.last().copied().unwrap_or(0))
    }

    /// Of each kind its venues and where they stand, but for homes and cars.
    pub fn by_kind(&self, society: &Society) -> Vec<Vec<(VenueId, (f32, f32))>> {
        let mut found = vec![Vec::new(); KINDS];
        for place in 0..society.establishments.len() {
            let at = (society.establishments.x_m[place], society.establishments.y_m[place]);
            self.of(place).for_each(|venue| found[self.kind[venue as usize] as usize].push((VenueId(venue), at)));
        }
        found
    }
}

/// What happens in each venue.
struct Rooms {
    kinds: Vec<KindConfig>,
    /// Of each floor plan what it is a plan of, and the whole layout.
    laid: Vec<(Kind, Ground)>,
    homes: HomeLife,
    carry: Carry,
    seed: Seed,
}

impl Insides for Rooms {
    fn stances(&self, venue: &Venue, floor: &FloorPlan, day: DayJst, visits: &[Visit], out: &mut Vec<Stance>) -> u32 {
        let (kind, ground) = &self.laid[venue.plan];
        if *kind == Kind::Home {
            for visit in visits {
                let span_s = visit.start_s..visit.end_s;
                self.homes.stay(visit.person, visit.seat as usize, (venue.plan, floor), &self.carry, span_s, out);
            }
            return 0;
        }
        Places { kind: &self.kinds[*kind as usize], ground, carry: &self.carry, seed: self.seed }.stances(venue.id.0, day, visits, out)
    }
}

/// Movement of a city's people.
pub fn movement(mobility: &MobilityConfig, kinds: CityKinds, materials: &[Material], people: &People, seed: Seed) -> Option<Movement> {
    let society = people.society.as_ref()?;
    let mut town = Town::new(society);
    let mut sizes = vec![0u32; society.home_x_m.len()];
    people.household.iter().for_each(|household| sizes[*household as usize] += 1);
    let carry = Carry::new(&mobility.carriage, seed);
    let days = Days::new(
        mobility,
        (&kinds, &|kind, role| kinds.places(kind, role, (materials, &carry, seed))),
        (people, society),
        &mut town,
        seed,
    );
    let largest = sizes.iter().copied().max().unwrap_or(0).max(1);
    let mut laid: Vec<(Kind, Ground)> = Vec::new();
    // Of each kind its first plan, and how many there are: of homes by size, of small offices by islands of desks, of factories by
    // rows, of others as drawn.
    let mut plans = [(0usize, 0u32); KINDS];
    for (kind, ..) in OF_KINDS {
        let config = &kinds.kinds[kind as usize];
        let number = match kind {
            Kind::Home => largest,
            Kind::SmallOffice => SMALL_OFFICE_PEOPLE / DESKS_OF_AN_ISLAND,
            Kind::Factory => HALL_PEOPLE / DESKS_OF_AN_ISLAND,
            _ if config.is_drawn() => VARIANTS,
            _ => 1,
        };
        plans[kind as usize] = (laid.len(), number);
        laid.extend((0..number).map(|variant| {
            let layout = match kind {
                Kind::Home => config.lay_out_for(variant + 1, materials, seed, 0),
                Kind::SmallOffice | Kind::Factory => config.lay_out_for((variant + 1) * DESKS_OF_AN_ISLAND, materials, seed, 0),
                _ => config.lay_out(materials, seed, variant),
            };
            (kind, Ground::new(config, layout))
        }));
    }
    let workers_of = workers_of(society, &town);
    let venue = |(id, kind): (usize, &Kind)| {
        let (first, number) = plans[*kind as usize];
        let variant = match kind {
            Kind::Home => sizes[id].max(1) - 1,
            Kind::SmallOffice | Kind::Factory => workers_of[id - sizes.len()].div_ceil(DESKS_OF_AN_ISLAND).max(1) - 1,
            _ => id as u32 % number,
        };
        let name = kinds.kinds[*kind as usize].name.as_str();
        Venue { id: VenueId(id as u32), kind: VenueKind::named(name), plan: first + variant.min(number - 1) as usize }
    };
    let venues = town.kind.iter().enumerate().map(venue).collect();
    let floors: Vec<FloorPlan> = laid.iter().map(|(_, ground)| ground.layout().plan.clone()).collect();
    let Some(MovementConfig::RoomsAndBeds(model)) = kinds.kinds[Kind::Home as usize].roles.first().map(|role| &role.model) else {
        return None;
    };
    let homes = HomeLife::new(model, floors.iter(), seed);
    let rooms = Rooms { homes, laid, carry, seed, kinds: kinds.kinds };
    Some(Movement::new(Arc::new(days), Arc::new(rooms), venues, floors))
}

/// Desks of an island of a small office, and workplaces of a row of a factory, by their files.
const DESKS_OF_AN_ISLAND: u32 = 8;

/// Of each venue after the homes how many work in its establishment.
fn workers_of(society: &Society, town: &Town) -> Vec<u32> {
    let of = |place: usize| town.of(place).map(move |_| society.establishments.workers[place]);
    let cars = town.kind.len() - town.first_car().index();
    (0..society.establishments.len()).flat_map(of).chain(std::iter::repeat_n(0, cars)).collect()
}

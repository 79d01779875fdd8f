//! Plans and insides drawn from the scenario: an office floor and homes.

use std::{ops::Range, sync::Arc};

use rand::RngExt;

use crate::{
    faults::Faults,
    ids::{PersonId, VenueId},
    population::People,
    random::{Keyed, Seed, Stream},
    time::DayJst,
    venue::{
        FloorPlan, Material, SeatUse, Venue, VenueKind,
        kind::{KindConfig, MovementConfig, RoomsAndBedsModel, WorkFloorModel},
    },
};

use super::{
    carry::Carry,
    config::MobilityConfig,
    home::HomeLife,
    movement::{Insides, Movement, Plans},
    office::WorkFloor,
    stance::Stance,
    visit::{NO_GROUP, Visit},
    work::WorkHours,
};

/// The office floor; homes follow it.
const OFFICE: VenueId = VenueId(0);

/// The kinds of venue that a generated world is made of.
#[derive(Clone, Debug)]
pub struct GeneratedKinds {
    office: KindConfig,
    work_floor: WorkFloorModel,
    home: KindConfig,
    rooms_and_beds: RoomsAndBedsModel,
}

impl GeneratedKinds {
    /// The kinds of the names `office` and `home`, each without faults of its own. Finds those in which generated people cannot work or
    /// live, and dwellings too small for the largest household.
    pub fn new(office: KindConfig, home: KindConfig, largest_household: usize, faults: &mut Faults) -> Option<Self> {
        let model_of = |kind: &KindConfig| kind.roles.first().map(|role| role.model.clone());
        let mut lacks = |name: &str, model: &str| {
            let problem = format!("the kind {name} has no role that moves by {model}, as generated people do there");
            let remedy = format!("begin with a copy of scenarios/venues/{name}.toml, or give the kind another name");
            faults.push("venue.kinds", problem, remedy);
        };
        let work_floor = match model_of(&office) {
            Some(MovementConfig::WorkFloor(model)) => Some(model),
            _ => None,
        };
        let rooms_and_beds = match model_of(&home) {
            Some(MovementConfig::RoomsAndBeds(model)) => Some(model),
            _ => None,
        };
        if work_floor.is_none() {
            lacks("office", "work_floor");
        }
        if rooms_and_beds.is_none() {
            lacks("home", "rooms_and_beds");
        } else {
            let seats = home.lay_out(&[], Seed(0), 0).plan.seats;
            let places = SeatUse::HOME.map(|use_| seats.iter().filter(|seat| seat.use_ == use_).count()).into_iter().min().unwrap_or(0);
            if largest_household > places {
                faults.push(
                    "population.household_size_shares",
                    format!("a household of {largest_household} has no place in a home, which holds {places} at most"),
                    "make households smaller, or list a home of your own with more seats and beds in venue.kinds",
                );
            }
        }
        Some(Self { office, work_floor: work_floor?, home, rooms_and_beds: rooms_and_beds? })
    }
}

/// What a person belongs to, as far as their plans depend on it.
#[derive(Clone, Copy, Debug)]
struct Member {
    household: u32,
    /// Their number in the household, by age of membership: workers come first.
    number: u8,
    age_years: u8,
    department: u16,
    /// Their number among those who work on the floor; `None` for who does not.
    desk: Option<u32>,
}

/// Where everybody goes: to the office floor, out, and home.
#[derive(Clone, Debug)]
struct Days {
    members: Vec<Member>,
    work: WorkHours,
    out: Keyed,
}

/// What happens on the office floor and in homes.
#[derive(Clone, Debug)]
struct Rooms {
    office: WorkFloor,
    home: HomeLife,
    carry: Carry,
}

impl Movement {
    /// The generated world: venue 0 is the office floor, then one home for each household. Homes in which no length is drawn share the
    /// plans of their sizes.
    pub fn generated(mobility: &MobilityConfig, kinds: &GeneratedKinds, materials: &[Material], people: &People, seed: Seed) -> Self {
        let (members, sizes) = members(people);
        let home = |size: usize, venue: VenueId| kinds.home.lay_out_for(size.max(1) as u32, materials, seed, venue.0).plan;
        let mut floors = vec![kinds.office.lay_out(materials, seed, OFFICE.0).plan];
        let has_own_plan = kinds.home.is_drawn();
        if has_own_plan {
            floors.extend((0..).zip(&sizes).map(|(household, size)| home(*size, home_of(household))));
        } else {
            floors.extend((1..=sizes.iter().copied().max().unwrap_or(0)).map(|size| home(size, OFFICE)));
        }
        let mut venues = vec![Venue { id: OFFICE, kind: VenueKind::OFFICE, plan: 0 }];
        venues.extend((0..).zip(&sizes).map(|(household, size): (u32, &usize)| {
            let plan = if has_own_plan { household as usize + 1 } else { (*size).max(1) };
            Venue { id: home_of(household), kind: VenueKind::HOME, plan }
        }));
        let rooms = Rooms {
            office: WorkFloor::new(&kinds.work_floor, mobility.work.lunch_out_share, &floors[0], seed),
            home: HomeLife::new(&kinds.rooms_and_beds, floors.iter(), seed),
            carry: Carry::new(&mobility.carriage, seed),
        };
        let days = Days { members, work: WorkHours::new(&mobility.work, seed), out: Keyed::new(seed, Stream::Plan) };
        Self::new(Arc::new(days), Arc::new(rooms), venues, floors)
    }
}

fn home_of(household: u32) -> VenueId {
    VenueId(household + 1)
}

/// What everybody belongs to, and the size of each household.
fn members(people: &People) -> (Vec<Member>, Vec<usize>) {
    let mut sizes = vec![0usize; people.household.iter().max().map_or(0, |h| *h as usize + 1)];
    let mut desks = 0..;
    let members = (0..people.len()).map(|i| {
        let size = &mut sizes[people.household[i] as usize];
        *size += 1;
        Member {
            household: people.household[i],
            number: (*size - 1) as u8,
            age_years: people.age_years[i],
            department: people.department[i].unwrap_or(NO_GROUP),
            desk: people.works_here[i].then(|| desks.next()).flatten(),
        }
    });
    (members.collect(), sizes)
}

impl Plans for Days {
    fn visits(&self, person: PersonId, day: DayJst, stays_home: bool, out: &mut Vec<Visit>) {
        let member = &self.members[person.index()];
        let at_work = member.desk.filter(|_| !stays_home).and_then(|desk| Some((desk, self.work.presence(person, day)?)));
        let away = match at_work {
            Some((_, presence)) => Some(self.work.away(presence)),
            None if stays_home => None,
            None => self.goes_out(person, member, day),
        };
        let (day_s, end_s) = (day.start().0, day.end().0);
        let (leaves_s, returns_s) = away.map_or((end_s, end_s), |(from, to)| (from.max(day_s), to.min(end_s)));
        let at_home = |start_s, end_s| {
            let (venue, seat) = (home_of(member.household), u32::from(member.number));
            (start_s < end_s).then_some(Visit { person, venue, start_s, end_s, seat, group: NO_GROUP, role: 0 })
        };
        out.extend(at_home(day_s, leaves_s));
        if let Some((seat, presence)) = at_work {
            let visit = |(start_s, end_s)| Visit { person, venue: OFFICE, start_s, end_s, seat, group: member.department, role: 0 };
            out.extend(self.work.on_floor(person, day, presence).map(visit));
        }
        out.extend(at_home(returns_s, end_s));
    }
}

impl Days {
    /// When a person who is not at work is away from home, at school or elsewhere that is not simulated: from 08:00-09:00 for 6-9 hours
    /// with a chance by age (assumption: workers who work from home 10 %, pupils 95 %, up to 64 years 50 %, older 20 %; weekends
    /// 40 %).
    fn goes_out(&self, person: PersonId, member: &Member, day: DayJst) -> Option<(i64, i64)> {
        let share = match (day.is_weekday(), member.desk.is_some(), member.age_years) {
            (true, true, _) => 0.1,
            (true, false, 6..=22) => 0.95,
            (true, false, 23..=64) => 0.5,
            (true, false, _) => 0.2,
            (false, ..) => 0.4,
        };
        let mut rng = self.out.rng(person.0, 2, day.0 as u32);
        let goes = rng.random::<f64>() < share;
        let start_s = day.start().0 + 8 * 3600 + rng.random_range(0..3600);
        goes.then(|| (start_s, start_s + rng.random_range(6 * 3600..9 * 3600)))
    }
}

impl Insides for Rooms {
    fn stances(&self, venue: &Venue, floor: &FloorPlan, day: DayJst, visits: &[Visit], out: &mut Vec<Stance>) -> u32 {
        if venue.id == OFFICE {
            return self.office.stances(floor, day, visits, &self.carry, out);
        }
        for visit in visits {
            let span_s: Range<i64> = visit.start_s..visit.end_s;
            self.home.stay(visit.person, visit.seat as usize, (venue.plan, floor), &self.carry, span_s, out);
        }
        0
    }
}

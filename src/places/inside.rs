//! A world of venues of kinds that are files: movement's plans and insides.

use std::sync::Arc;

use crate::{
    ids::VenueId,
    mobility::{Carry, Insides, MobilityConfig, Movement, Stance, Visit},
    population::People,
    random::Seed,
    time::DayJst,
    venue::{FloorPlan, Material, Venue, VenueKind, kind::KindConfig},
};

use super::{Ground, Places, crowd::Crowd};

/// What happens in each venue.
struct Venues {
    /// Of each entry of the scenario.
    kinds: Vec<KindConfig>,
    /// Of each venue its entry, and to what it is laid out.
    laid: Vec<(usize, Ground)>,
    carry: Carry,
    seed: Seed,
}

impl Insides for Venues {
    fn stances(&self, venue: &Venue, _: &FloorPlan, day: DayJst, visits: &[Visit], out: &mut Vec<Stance>) -> u32 {
        let (entry, ground) = &self.laid[venue.id.index()];
        Places { kind: &self.kinds[*entry], ground, carry: &self.carry, seed: self.seed }.stances(venue.id.0, day, visits, out)
    }
}

/// Movement of a crowd in venues: those of the scenario's first entry come first. `kinds` are those of the entries, in their order, and have
/// every role that these name.
pub fn movement(mobility: &MobilityConfig, kinds: Vec<KindConfig>, materials: &[Material], people: &People, seed: Seed) -> Movement {
    let role = |entry: usize, name: &str| kinds[entry].roles.iter().position(|role| role.name == name).unwrap_or(0) as u8;
    let visits: Vec<_> = mobility.venues.iter().zip(&kinds).map(|(venues, kind)| venues.at_congestion(kind.nominal_people)).collect();
    let crowd = Crowd::new(&visits, role, people, seed);
    let entries = mobility.venues.iter().enumerate().flat_map(|(entry, venues)| (0..venues.number).map(move |_| entry));
    let people_of = |entry: usize| mobility.venues[entry].roles.iter().map(|role| role.people).sum();
    let lay_out = |(venue, entry): (u32, usize)| {
        (entry, Ground::new(&kinds[entry], kinds[entry].lay_out_for(people_of(entry), materials, seed, venue)))
    };
    let laid: Vec<(usize, Ground)> = (0..).zip(entries).map(lay_out).collect();
    let venue =
        |(i, (entry, _)): (usize, &(usize, Ground))| Venue { id: VenueId(i as u32), kind: VenueKind::named(&kinds[*entry].name), plan: i };
    let venues = laid.iter().enumerate().map(venue).collect();
    let floors = laid.iter().map(|(_, ground)| ground.layout().plan.clone()).collect();
    let carry = Carry::new(&mobility.carriage, seed);
    Movement::new(Arc::new(crowd), Arc::new(Venues { kinds, laid, carry, seed }), venues, floors)
}

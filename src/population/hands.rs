//! Phones that change hands: those that somebody else carries for a day, and those that are passed on with the app on them.
//!
//! Both are between two people of one household, who are each other's partner: the first and the second of its members, the third and
//! the fourth, and so on. A phone bears the number of the person who had it first, and keeps its keys, its records and its settings.
//!
//! Weaknesses: nobody carries two phones at once, and a phone changes hands at 09:00 JST, when a UTC day begins.

use crate::{ids::PersonId, random::Seed, time::DayUtc};

use super::draws::{Drawn, PhoneDraws};

/// The mean year, days.
const YEAR_DAYS: f64 = 365.25;
/// No day of any run.
const NEVER: DayUtc = DayUtc(i32::MAX);

/// Who has whose phone: a pure function of person and day.
#[derive(Clone, Debug)]
pub struct Hands {
    draws: PhoneDraws,
    swapped_share: f64,
    /// Of each person the one to whom a phone may go; empty where none changes hands.
    partners: Vec<Option<PersonId>>,
    /// Of each person when their first phone goes to the partner for good; empty where none is passed on.
    passed_on: Vec<DayUtc>,
}

impl Hands {
    /// By `phones.swapped_share` and `phones.passed_on_a_year`. `begins` says from when a phone has the app; only those are passed on, on the
    /// next day at the earliest.
    pub fn new(
        (swapped_share, passed_on_a_year): (f64, f64),
        households: &[u32],
        begins: impl Fn(PersonId) -> Option<DayUtc>,
        seed: Seed,
    ) -> Self {
        let draws = PhoneDraws::new(seed);
        let changes = swapped_share > 0.0 || passed_on_a_year > 0.0;
        let partners = if changes { partners(households) } else { Vec::new() };
        let leaves = |phone: PersonId| {
            let begins = begins(phone).filter(|_| partners[phone.index()].is_some())?;
            let days = draws.rng(phone, Drawn::PassedOn, 0).exponential(YEAR_DAYS / passed_on_a_year);
            Some(begins.plus_days(days.min(1e6) as i32 + 1))
        };
        let mut passed_on = Vec::new();
        if passed_on_a_year > 0.0 {
            let alone: Vec<DayUtc> = (0..households.len() as u32).map(|phone| leaves(PersonId(phone)).unwrap_or(NEVER)).collect();
            // Of two partners, one passes a phone on: whose day is the earlier; then neither has another to pass on.
            let earlier = |(phone, day): (usize, &DayUtc)| match partners[phone] {
                Some(partner) if (alone[partner.index()], partner.index()) < (*day, phone) => NEVER,
                _ => *day,
            };
            passed_on = alone.iter().enumerate().map(earlier).collect();
        }
        Self { draws, swapped_share, partners, passed_on }
    }

    /// The phone that is a person's own on a UTC day; `None` of who passed it on. Who was given one leaves the old one in a drawer.
    pub fn own(&self, person: PersonId, day: DayUtc) -> Option<PersonId> {
        let Some(partner) = self.partner(person) else { return Some(person) };
        match (self.is_passed_on(person, day), self.is_passed_on(partner, day)) {
            (true, _) => None,
            (_, true) => Some(partner),
            _ => Some(person),
        }
    }

    /// Whose a phone is on a UTC day; `None`: it lies in a drawer.
    pub fn owner(&self, phone: PersonId, day: DayUtc) -> Option<PersonId> {
        let Some(partner) = self.partner(phone) else { return Some(phone) };
        match (self.is_passed_on(phone, day), self.is_passed_on(partner, day)) {
            (true, _) => Some(partner),
            (_, true) => None,
            _ => Some(phone),
        }
    }

    /// The phone that a person carries on a UTC day: their own, or for a day the partner's; `None` without any.
    pub fn carried(&self, person: PersonId, day: DayUtc) -> Option<PersonId> {
        let of = self.partner(person).filter(|partner| self.is_swapped(person.min(*partner), day)).unwrap_or(person);
        self.own(of, day)
    }

    fn partner(&self, person: PersonId) -> Option<PersonId> {
        self.partners.get(person.index()).copied().flatten()
    }

    fn is_passed_on(&self, phone: PersonId, day: DayUtc) -> bool {
        self.passed_on.get(phone.index()).is_some_and(|from| *from <= day)
    }

    /// Whether two partners, of whom this is the lower, carry each other's phones on a day.
    fn is_swapped(&self, lower: PersonId, day: DayUtc) -> bool {
        self.swapped_share > 0.0 && self.draws.of(lower, Drawn::Swapped, day.0 as u32) < self.swapped_share
    }
}

/// Members of a household two by two, in the order of people; the last of an odd number has none.
fn partners(households: &[u32]) -> Vec<Option<PersonId>> {
    let number = households.iter().max().map_or(0, |last| *last as usize + 1);
    let (mut waiting, mut partners) = (vec![None; number], vec![None; households.len()]);
    for (person, household) in (0..).map(PersonId).zip(households) {
        let place = &mut waiting[*household as usize];
        match place.take() {
            None => *place = Some(person),
            Some(other) => (partners[other.index()], partners[person.index()]) = (Some(person), Some(other)),
        }
    }
    partners
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEOPLE: u32 = 2000;

    /// Households of three, so that of each the third has no partner.
    fn hands(swapped_share: f64, passed_on_a_year: f64) -> Hands {
        let households: Vec<u32> = (0..PEOPLE).map(|i| i / 3).collect();
        Hands::new((swapped_share, passed_on_a_year), &households, |phone| (phone.0 % 2 == 0).then_some(DayUtc(100)), Seed(7))
    }

    fn people() -> impl Iterator<Item = PersonId> {
        (0..PEOPLE).map(PersonId)
    }

    #[test]
    fn nobodys_phone_changes_hands_unasked() {
        let hands = hands(0.0, 0.0);
        assert!(people().all(|p| [Some(p); 3] == [hands.own(p, DayUtc(9)), hands.owner(p, DayUtc(9)), hands.carried(p, DayUtc(9))]));
    }

    /// Over 667 couples and 30 days, a fifth within 0.02: five standard deviations.
    #[test]
    fn partners_carry_each_others_phones_on_a_share_of_days() {
        let hands = hands(0.2, 0.0);
        let mut swapped = 0;
        for day in (0..30).map(DayUtc) {
            for person in people() {
                let carried = hands.carried(person, day).expect("a phone");
                assert_eq!(hands.carried(carried, day), Some(person));
                assert_eq!((carried.0 / 3, hands.own(person, day)), (person.0 / 3, Some(person)));
                assert!(carried == person || carried.0 % 3 < 2 && person.0 % 3 < 2);
                swapped += u32::from(carried != person);
            }
        }
        let share = f64::from(swapped) / f64::from(30 * PEOPLE * 2 / 3);
        assert!((share - 0.2).abs() < 0.02, "{share}");
    }

    /// Once a year on average: after a year 63 % of phones with the app have gone, each to the partner, whose own lies in a drawer.
    #[test]
    fn who_passes_a_phone_on_has_none_and_the_partner_has_that_one() {
        let hands = hands(0.0, 1.0);
        let passed = |day: i32| people().filter(|p| hands.own(*p, DayUtc(day)).is_none()).collect::<Vec<_>>();
        assert_eq!(passed(100), []);
        let (mut of_one, mut gone) = (0, 0);
        for person in people().filter(|p| p.0 % 3 < 2 && p.0 + 1 < PEOPLE) {
            let partner = PersonId(if person.0 % 3 == 0 { person.0 + 1 } else { person.0 - 1 });
            let (own, owner) = (hands.own(person, DayUtc(465)), hands.owner(person, DayUtc(465)));
            if own.is_none() {
                assert_eq!((person.0 % 2, owner), (0, Some(partner)), "only phones with the app go");
                assert_eq!((hands.own(partner, DayUtc(465)), hands.owner(partner, DayUtc(465))), (Some(person), None));
                assert_eq!(hands.carried(partner, DayUtc(465)), Some(person));
            }
            of_one += u32::from(person.0 % 2 == 0);
            gone += u32::from(own.is_none());
        }
        let share = f64::from(gone) / f64::from(of_one);
        assert!((share - 0.632).abs() < 0.08, "{share}: of {of_one}, four standard deviations");
        assert!(passed(200).iter().all(|p| passed(465).contains(p)), "for good");
    }
}

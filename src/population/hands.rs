//! Phones that change hands: those that somebody else carries for a day, those that are passed on with the app on them, and those of an employer,
//! which lie in a drawer at weekends while their owner carries a private one.
//!
//! The first two are between two people of one household, who are each other's partner: of its members who have one phone the first and the
//! second, the third and the fourth, and so on. A phone bears the number of the person who had it first, and keeps its keys, its records and its
//! settings. Of two phones that one person has, only the employer's has the app, and only that one has a number.
//!
//! Weaknesses: nobody has the app on two phones, anybody with the app may have an employer's phone, public holidays are working days for it, and
//! phones change hands at 09:00 JST, when a UTC day begins.

use crate::{
    ids::PersonId,
    random::Seed,
    time::{DayJst, DayUtc},
};

use super::draws::{Drawn, PhoneDraws};

/// The mean year, days.
const YEAR_DAYS: f64 = 365.25;
/// No day of any run.
const NEVER: DayUtc = DayUtc(i32::MAX);

/// What `[phones]` says of phones that change hands.
#[derive(Clone, Copy, Debug, Default)]
pub struct HandsConfig {
    /// Share of days on which two partners carry each other's phones.
    pub swapped_share: f64,
    /// How often in a year a phone with the app is passed on.
    pub passed_on_a_year: f64,
    /// Share of those whose phone has the app for whom it is an employer's, beside a private one without it.
    pub second_share: f64,
}

/// Who has whose phone: a pure function of person and day.
#[derive(Clone, Debug)]
pub struct Hands {
    draws: PhoneDraws,
    swapped_share: f64,
    /// Of each person whether they have two phones; empty where nobody has.
    has_two: Vec<bool>,
    /// Of each person the one to whom a phone may go; empty where none changes hands.
    partners: Vec<Option<PersonId>>,
    /// Of each person when their first phone goes to the partner for good; empty where none is passed on.
    passed_on: Vec<DayUtc>,
}

impl Hands {
    /// By `[phones]`. `begins` says from when a phone has the app; only those are an employer's, or passed on, on the next day at the earliest.
    pub fn new(config: HandsConfig, households: &[u32], begins: impl Fn(PersonId) -> Option<DayUtc>, seed: Seed) -> Self {
        let HandsConfig { swapped_share, passed_on_a_year, second_share } = config;
        let draws = PhoneDraws::new(seed);
        let is_second = |phone: PersonId| begins(phone).is_some() && draws.of(phone, Drawn::SecondPhone, 0) < second_share;
        let phones = (0..households.len() as u32).map(PersonId);
        let has_two: Vec<bool> = if second_share > 0.0 { phones.map(is_second).collect() } else { Vec::new() };
        let changes = swapped_share > 0.0 || passed_on_a_year > 0.0;
        let partners = if changes { partners(households, &has_two) } else { Vec::new() };
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
        Self { draws, swapped_share, has_two, partners, passed_on }
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

    /// The phone that a person carries on a UTC day: their own, or for a day the partner's; `None` without any but a private one.
    pub fn carried(&self, person: PersonId, day: DayUtc) -> Option<PersonId> {
        if self.carries_private(person, day) {
            return None;
        }
        let of = self.partner(person).filter(|partner| self.is_swapped(person.min(*partner), day)).unwrap_or(person);
        self.own(of, day)
    }

    /// Whether a person who has two phones carries the private one on a UTC day: from Saturday 09:00 JST to Monday 09:00 JST. Their own, with the
    /// app, then lies in a drawer, switched on.
    pub fn carries_private(&self, person: PersonId, day: DayUtc) -> bool {
        self.has_two.get(person.index()).is_some_and(|two| *two) && !DayJst(day.0).is_weekday()
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

/// Members of a household two by two, in the order of people, without those of two phones, which change hands with nobody; the last of an odd
/// number has none.
fn partners(households: &[u32], has_two: &[bool]) -> Vec<Option<PersonId>> {
    let number = households.iter().max().map_or(0, |last| *last as usize + 1);
    let (mut waiting, mut partners) = (vec![None; number], vec![None; households.len()]);
    let is_of_one = |person: &PersonId| !has_two.get(person.index()).is_some_and(|two| *two);
    for (person, household) in (0..).map(PersonId).zip(households).filter(|(person, _)| is_of_one(person)) {
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
        hands_of(HandsConfig { swapped_share, passed_on_a_year, second_share: 0.0 })
    }

    /// Every second person's phone has the app.
    fn hands_of(config: HandsConfig) -> Hands {
        let households: Vec<u32> = (0..PEOPLE).map(|i| i / 3).collect();
        Hands::new(config, &households, |phone| (phone.0 % 2 == 0).then_some(DayUtc(100)), Seed(7))
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

    /// 1 January 1970 was a Thursday, so that the days 2 and 3 were the first weekend. Of 1000 with the app a fifth within 0.05: four standard
    /// deviations.
    #[test]
    fn who_has_two_phones_carries_the_employers_from_monday_to_friday() {
        let hands = hands_of(HandsConfig { second_share: 0.2, ..HandsConfig::default() });
        let two: Vec<PersonId> = people().filter(|p| hands.carries_private(*p, DayUtc(2))).collect();
        let share = two.len() as f64 / f64::from(PEOPLE / 2);
        assert!((share - 0.2).abs() < 0.05 && two.iter().all(|p| p.0 % 2 == 0), "{share}");
        for person in people() {
            let is_carried = |day: i32| {
                let day = DayUtc(day);
                assert_eq!([hands.own(person, day), hands.owner(person, day)], [Some(person); 2]);
                assert!(hands.carried(person, day).is_none_or(|carried| carried == person));
                assert_eq!(hands.carried(person, day).is_none(), hands.carries_private(person, day));
                hands.carried(person, day).is_some()
            };
            let at_weekends = two.binary_search(&person).is_err();
            assert_eq!(
                [1, 2, 3, 4, 8, 9, 10, 11].map(is_carried),
                [true, at_weekends, at_weekends, true, true, at_weekends, at_weekends, true]
            );
        }
    }

    /// A phone of the employer is lent to nobody and passed on to nobody, and whose own it is takes no other.
    #[test]
    fn an_employers_phone_changes_hands_with_nobody() {
        let hands = hands_of(HandsConfig { swapped_share: 1.0, passed_on_a_year: 300.0, second_share: 0.5 });
        let two: Vec<PersonId> = people().filter(|p| hands.carries_private(*p, DayUtc(2))).collect();
        assert!(
            two.iter().all(|p| [hands.own(*p, DayUtc(467)), hands.owner(*p, DayUtc(467)), hands.carried(*p, DayUtc(467))] == [Some(*p); 3])
        );
        let is_left = |p: &PersonId| hands.own(*p, DayUtc(467)).is_none();
        assert!(
            two.len() > 400 && people().filter(is_left).count() > 50,
            "others do: {} of {}",
            people().filter(is_left).count(),
            two.len()
        );
    }
}

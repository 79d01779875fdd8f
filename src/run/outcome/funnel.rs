//! How far cases, keys, phones and people came, and where the others were lost.
//!
//! Each unit has a chain of steps of its own. Each member counts once a step and is lost once, so that what reaches a step
//! and what is lost at it add up to what reached the step before. What is on its way when the run ends is lost there.

use std::collections::BTreeMap;

use crate::{
    app::Absent,
    authority::AfterWarning,
    ids::PersonId,
    setup::Setup,
    time::{DayJst, DayUtc, UnixSeconds},
};

use super::super::system::{OwnerWay, PersonWay, PhoneWay, Reason, System, UploadedKey, Way, step};

/// Why what is under way when the run ends is lost.
pub const NOT_YET: &str = "not yet when the run ended";

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unit {
    /// People who will be confirmed positive.
    Cases,
    /// Their daily keys.
    Keys,
    /// Phones with the app.
    Phones,
    /// People who were in contact with a case on a day that counts.
    People,
}

/// Every step, in order; a unit's steps follow each other.
pub const STEPS: &[(Unit, &str)] = &[
    (Unit::Cases, "infected"),
    (Unit::Cases, "symptoms"),
    (Unit::Cases, "tested"),
    (Unit::Cases, "tested positive"),
    (Unit::Cases, "has the app"),
    (Unit::Cases, "asked for a number"),
    (Unit::Cases, "number issued"),
    (Unit::Cases, "number delivered"),
    (Unit::Cases, "number entered"),
    (Unit::Cases, "keys uploaded"),
    (Unit::Keys, "uploaded"),
    (Unit::Keys, "exported"),
    (Unit::Phones, "phones that fetched keys"),
    (Unit::Phones, "phones that checked keys"),
    (Unit::Phones, "phones that matched"),
    (Unit::Phones, "phones that notified or showed a contact"),
    (Unit::Phones, "phones that showed a contact"),
    (Unit::Phones, "contact seen by the owner"),
    (Unit::Phones, "tested because of it"),
    (Unit::People, "in contact with a case"),
    (Unit::People, "has a smartphone"),
    (Unit::People, "has the app running"),
    (Unit::People, "the case's key exported"),
    (Unit::People, "shown that contact"),
];

impl Unit {
    /// The name used in tables.
    pub fn name(self) -> &'static str {
        match self {
            Unit::Cases => "cases",
            Unit::Keys => "keys",
            Unit::Phones => "phones",
            Unit::People => "people",
        }
    }

    /// Indices of its steps among [`STEPS`].
    fn steps(self) -> std::ops::Range<usize> {
        let first = STEPS.partition_point(|(unit, _)| *unit < self);
        first..STEPS.partition_point(|(unit, _)| *unit <= self)
    }
}

/// Counts by day, step (an index into [`STEPS`]) and reason of the loss; without one, what reached the step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Funnel(pub BTreeMap<(DayJst, usize, Option<String>), i64>);

impl Funnel {
    /// The funnel of a run that has ended. `contacts` are (person, case, UTC day, JST day) of contacts on days that count.
    pub fn of(setup: &Setup, system: &System, contacts: impl Iterator<Item = (PersonId, PersonId, DayUtc, DayJst)>) -> Self {
        let last_day = setup.last_day();
        let mut funnel = Self::default();
        let records = &system.records;
        records.case_ways.iter().for_each(|way| funnel.add(Unit::Cases, way, last_day));
        records.keys.values().filter(|key| !key.is_false).for_each(|key| funnel.add(Unit::Keys, &key.way, last_day));
        for (person, phone) in system.phones() {
            funnel.add(Unit::Phones, &way_of_owner(&phone.way, records.warned.get(person), last_day), last_day);
        }
        let mut met: BTreeMap<PersonId, (DayJst, Vec<(PersonId, DayUtc)>)> = BTreeMap::new();
        for (person, case, day, day_jst) in contacts {
            let (first, of_person) = met.entry(person).or_insert((day_jst, Vec::new()));
            *first = day_jst.min(*first);
            of_person.push((case, day));
        }
        for (person, (first, contacts)) in met {
            funnel.add(Unit::People, &way_of_person(setup, system, person, first, contacts), last_day);
        }
        funnel
    }

    fn add<Days: AsRef<[DayJst]> + AsMut<[DayJst]>, Why: Clone + Into<String>>(
        &mut self,
        unit: Unit,
        way: &Way<Days, Why>,
        last_day: DayJst,
    ) {
        let steps = unit.steps();
        for (step, day) in steps.clone().zip(way.days()) {
            *self.0.entry((*day, step, None)).or_default() += 1;
        }
        if (1..steps.len()).contains(&way.steps()) {
            let (day, why) = way.lost().cloned().map_or_else(|| (last_day, NOT_YET.into()), |(day, why)| (day, why.into()));
            *self.0.entry((day, steps.start + way.steps(), Some(why))).or_default() += 1;
        }
    }
}

/// How far a phone and its owner came. What lies after the run has not happened.
fn way_of_owner(phone: &PhoneWay, warned: Option<&AfterWarning>, last_day: DayJst) -> OwnerWay {
    let mut way = OwnerWay::default();
    phone.days().iter().enumerate().for_each(|(step, day)| {
        way.reach(step, *day);
    });
    if way.steps() <= step::SHOWED {
        phone.lost().iter().for_each(|(day, why)| way.lose(*day, *why));
        return way;
    }
    let Some(after) = warned else {
        way.lose(last_day, Reason::NotOpened);
        return way;
    };
    let seen = UnixSeconds(after.seen_s).day_jst();
    way.reach(step::SEEN, seen);
    let turned = after.turned.map(|(_, at_s)| UnixSeconds(at_s).day_jst());
    match (turned, after.tested_s.map(|at_s| UnixSeconds(at_s).day_jst())) {
        (None, _) => way.lose(seen, Reason::DidNotTurn),
        (_, Some(tested)) if tested <= last_day => {
            way.reach(step::TESTED_AFTER, tested);
        }
        (_, Some(_)) => {}
        (Some(turned), _) if turned > last_day => {}
        (Some(turned), _) if !after.is_offered_test => way.lose(turned, Reason::NoFreeTest),
        (Some(turned), _) => way.lose(turned, Reason::TestedOtherwise),
    }
    way
}

/// How far a person came who was in contact with these cases on these days. A contact that fails a step is out; as long as
/// one is left, the person goes on. All of it counts for the day of the first contact.
fn way_of_person(setup: &Setup, system: &System, person: PersonId, day: DayJst, mut contacts: Vec<(PersonId, DayUtc)>) -> PersonWay {
    type Loss = fn(&Setup, &System, PersonId, (PersonId, DayUtc)) -> Option<String>;
    let losses: [Loss; 4] = [without_phone, without_app, without_export, not_shown];
    contacts.sort_by_key(|(case, day)| (*day, *case));
    let mut way = PersonWay::default();
    way.reach(0, day);
    for (step, loss) in (1..).zip(losses) {
        let mut why = None;
        contacts.retain(|contact| {
            let lost = loss(setup, system, person, *contact);
            let is_left = lost.is_none();
            why = lost.or(why.take());
            is_left
        });
        if contacts.is_empty() {
            way.lose(day, why.unwrap_or_else(|| NOT_YET.into()));
            break;
        }
        way.reach(step, day);
    }
    way
}

fn without_phone(setup: &Setup, _: &System, person: PersonId, (_, day): (PersonId, DayUtc)) -> Option<String> {
    (!setup.has_smartphone(person, day)).then(|| "no smartphone".into())
}

fn without_app(setup: &Setup, system: &System, person: PersonId, (case, day): (PersonId, DayUtc)) -> Option<String> {
    let other_hands = || in_other_hands(setup, system, person, (case, day)).map(String::from);
    (!setup.runs(person, day)).then(|| why_not_running(setup, person, day).into()).or_else(other_hands)
}

/// Why a contact is not on the phones of the two who had it, unless it was shown all the same; `None`: it is, as far as phones heard it.
pub fn in_other_hands(setup: &Setup, system: &System, person: PersonId, (case, day): (PersonId, DayUtc)) -> Option<&'static str> {
    let is_shown = || system.records.detections.contains_key(&(person, case, day));
    let why = match (setup.carries_anothers(person, day), setup.carries_anothers(case, day)) {
        (true, _) => "phone in other hands",
        _ if setup.hands.carries_private(case, day) => "the case's app on the other phone",
        (_, true) => "the case's phone in other hands",
        _ => return None,
    };
    (!is_shown()).then_some(why)
}

/// Why a smartphone takes no part on a UTC day on which it does not.
pub fn why_not_running(setup: &Setup, person: PersonId, day: DayUtc) -> &'static str {
    let phone = setup.hands.carried(person, day).unwrap_or(person);
    let is_elsewhere = || setup.hands.carries_private(person, day).then_some(Absent::OnOtherPhone);
    setup.absent(phone, day).or_else(is_elsewhere).map_or("Bluetooth off", Absent::name)
}

/// Why a phone has not checked what it could when the run ended, if it is for good.
pub fn why_checks_no_more(setup: &Setup, person: PersonId) -> Option<&'static str> {
    setup.uses.absent(person, setup.last_day()).map(Absent::name)
}

/// Whether what a phone had stored of a day went with the app before it checked an export.
pub fn lost_its_records(setup: &Setup, system: &System, person: PersonId, day: DayUtc, exported_s: i64) -> bool {
    let went = setup.uses.of(person).iter().find(|of| of.end == Some(Absent::Uninstalled) && of.until.0 > day.0);
    went.is_some_and(|of| system.checked_before_s(person, of.until).is_none_or(|at_s| at_s < exported_s))
}

/// The key of a UTC day that the server has of a case.
pub fn uploaded_key<'a>(setup: &Setup, system: &'a System, (case, day): (PersonId, DayUtc)) -> Option<&'a UploadedKey> {
    let entered_s = setup.cases.iter().find(|(person, _)| *person == case)?.1.number.entered_s?;
    let phone = setup.world().own_phone(case, entered_s)?;
    system.records.keys.get(&setup.beacons.tek(phone, day).key)
}

/// Why a way goes no further, in words.
pub fn why_of<Days: AsRef<[DayJst]> + AsMut<[DayJst]>>(way: &Way<Days>) -> &'static str {
    way.why().map_or(NOT_YET, |why| why.name())
}

fn without_export(setup: &Setup, system: &System, _: PersonId, (case, day): (PersonId, DayUtc)) -> Option<String> {
    let records = &system.records;
    if let Some(key) = uploaded_key(setup, system, (case, day)) {
        return key.exported_s.is_none().then(|| why_of(&key.way).into());
    }
    let index = setup.cases.iter().position(|(person, _)| *person == case)?;
    if records.uploads[index].uploaded_s.is_some() {
        return Some("no key of that day uploaded".into());
    }
    Some(records.case_ways[index].why().map_or_else(|| NOT_YET.into(), |why| format!("the case: {}", why.name())))
}

fn not_shown(setup: &Setup, system: &System, person: PersonId, (case, day): (PersonId, DayUtc)) -> Option<String> {
    if system.records.detections.contains_key(&(person, case, day)) {
        return None;
    }
    let exported_s = uploaded_key(setup, system, (case, day)).and_then(|key| key.exported_s);
    let checked = exported_s.filter(|t| system.ever_checked_s(person).is_some_and(|checked_s| checked_s >= *t));
    let Some((phone, exported_s)) = system.phone(person).zip(checked) else {
        let waits = system.phone(person).and_then(|phone| phone.waits).map(Reason::name);
        return Some(why_checks_no_more(setup, person).or(waits).unwrap_or(NOT_YET).into());
    };
    if lost_its_records(setup, system, person, day, exported_s) {
        return Some(Absent::Uninstalled.name().into());
    }
    let is_other = phone.way.steps() > step::SHOWED;
    Some(if is_other { "another contact was shown" } else { why_of(&phone.way) }.into())
}

#[cfg(test)]
mod tests {
    use super::super::super::system::{CaseWay, KeyWay};
    use super::*;

    fn sum(funnel: &Funnel, step: usize) -> (i64, i64) {
        let of_step =
            |is_lost: bool| funnel.0.iter().filter(|((_, s, why), _)| *s == step && why.is_some() == is_lost).map(|(_, n)| n).sum();
        (of_step(false), of_step(true))
    }

    #[test]
    fn steps_of_a_unit_follow_each_other() {
        let ranges: Vec<_> = [Unit::Cases, Unit::Keys, Unit::Phones, Unit::People].map(Unit::steps).into();
        assert_eq!(ranges, [0..10, 10..12, 12..19, 19..24]);
        let room = [CaseWay::default().room(), KeyWay::default().room(), OwnerWay::default().room(), PersonWay::default().room()];
        assert_eq!(ranges.iter().map(ExactSizeIterator::len).collect::<Vec<_>>(), room);
    }

    /// A phone that is lost at several checks and gets through in the end is lost at none; one that does not, once, with the
    /// reason noted last; what is not decided, when the run ends.
    #[test]
    fn each_member_counts_once_and_is_lost_once() {
        let mut through = Way::<[DayJst; 7], &str>::default();
        assert!(through.reach(0, DayJst(1)) && !through.reach(0, DayJst(2)));
        through.reach(1, DayJst(2));
        through.lose(DayJst(2), "under the rule");
        through.lose(DayJst(3), "under the rule");
        (2..7).for_each(|step| {
            through.reach(step, DayJst(4));
        });
        let mut lost = Way::<[DayJst; 7], &str>::default();
        lost.reach(0, DayJst(1));
        lost.lose(DayJst(1), "no key matched");
        lost.reach(1, DayJst(3));
        lost.lose(DayJst(3), "under the rule");
        lost.lose(DayJst(5), "a fault");
        let mut open = Way::<[DayJst; 7], &str>::default();
        open.reach(0, DayJst(6));
        let mut funnel = Funnel::default();
        for way in [&through, &lost, &open, &Way::<[DayJst; 7], &str>::default()] {
            funnel.add(Unit::Phones, way, DayJst(9));
        }
        assert_eq!([12, 13, 14].map(|step| sum(&funnel, step)), [(3, 0), (2, 1), (1, 1)]);
        let losses: Vec<_> = funnel.0.keys().filter_map(|(day, step, why)| Some((day.0, *step, why.clone()?))).collect();
        assert_eq!(losses, [(5, 14, "a fault".to_string()), (9, 13, NOT_YET.to_string())]);
    }
}

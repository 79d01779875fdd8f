//! One person's day: where they were, near whom, and what their phone would have shown.

use std::cmp::Reverse;

use crate::{
    output::{Batch, IoError, RunFolder, tables},
    time::DayJst,
};

/// The rule of what the release on a phone would have shown, by its name in the table `verdicts`.
const INSTALLED: &str = "installed";

/// A stay, as far as it is within the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stay {
    person: u32,
    /// When it begins and ends, Unix seconds.
    pub span_s: (i64, i64),
    venue: u32,
    /// Kind of the venue: its place in [`PersonDay::kinds`].
    pub kind: usize,
}

/// Somebody who came near.
pub struct Near {
    /// Who.
    pub person: u32,
    /// Their age, years.
    pub age: u32,
    /// Whether they live with the person.
    pub is_of_household: bool,
    /// Whether their phone takes part.
    pub runs: bool,
    /// Time within the contact radius, s.
    pub within_s: f64,
    /// Smallest distance, m.
    pub min_distance_m: f64,
    /// When both were in one venue.
    pub together: Vec<Stay>,
    /// Whether the person's phone would have shown a contact with them on a UTC day that this day touches.
    pub is_shown: bool,
}

/// What a phone would have shown of a UTC day, had everybody been confirmed whose phone takes part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// Others it would have shown a contact with.
    pub shown: i64,
    /// Of these, true contacts.
    pub contacts: i64,
    /// True contacts not shown.
    pub missed: i64,
}

/// The day.
pub struct PersonDay {
    /// Who.
    pub person: u32,
    /// Their row of the table `people`.
    pub row: usize,
    /// The JST day.
    pub day: DayJst,
    /// Names of the kinds of venue.
    pub kinds: Vec<String>,
    /// Where they were, in order of time.
    pub stays: Vec<Stay>,
    /// Who came within `output.contacts_within_m`: longest within the radius first, of equals those of whom the phone would have told.
    pub near: Vec<Near>,
    /// Of the UTC day that ends at 09:00 JST, and of that which begins then; `None` where the table `verdicts` has no such part.
    pub shown: [Option<Shown>; 2],
}

impl PersonDay {
    /// Of the first of the run's days, from its tables; `None` where nobody is anywhere on it.
    pub fn load(run: &RunFolder, people: &Batch, (day, days): (DayJst, u32)) -> Result<Option<Self>, IoError> {
        let mut stays = Stays::default();
        // A stay stands in the part of the day on which it ends.
        for later in 0..days as i32 {
            if let Some(part) = run.read_part(&tables::VISITS, day.plus_days(later))? {
                stays.add(&part, day);
            }
        }
        let Stays { kinds, mut all } = stays;
        all.sort_unstable();
        let Some((person, row)) = chosen(people, &all) else { return Ok(None) };
        let parts = [run.read_part(&tables::VERDICTS, day.plus_days(-1))?, run.read_part(&tables::VERDICTS, day)?];
        let mut told = Vec::new();
        let shown = parts.each_ref().map(|part| part.as_ref().map(|part| shown_of(part, person, &mut told)));
        let mut near = Vec::new();
        // A day of contact stands in the part of the day on which it is final.
        for later in 0..days as i32 {
            if let Some(part) = run.read_part(&tables::CONTACTS, day.plus_days(later))? {
                near.extend(near_of((people, &part), (person, row), day, &all, &told));
            }
        }
        near.sort_by(|x, y| {
            let longest = y.within_s.total_cmp(&x.within_s);
            longest.then(y.is_shown.cmp(&x.is_shown)).then(x.min_distance_m.total_cmp(&y.min_distance_m)).then(x.person.cmp(&y.person))
        });
        Ok(Some(Self { person, row, day, kinds, stays: of_person(&all, person).to_vec(), near, shown }))
    }
}

/// Everybody's stays of a day.
#[derive(Default)]
struct Stays {
    kinds: Vec<String>,
    all: Vec<Stay>,
}

impl Stays {
    /// Adds what a part of the table `visits` holds of the day.
    fn add(&mut self, part: &Batch, day: DayJst) {
        let (person, venue, kind) = (part.u32("person"), part.u32("venue"), part.text("venue_kind"));
        let (start_s, end_s) = (part.i64("start_s"), part.i64("end_s"));
        for row in 0..part.rows() {
            let span_s = (start_s[row].max(day.start().0), end_s[row].min(day.end().0));
            if span_s.0 < span_s.1 {
                let name = kind.get(row);
                let kind = self.kinds.iter().position(|known| known == name).unwrap_or_else(|| {
                    self.kinds.push(name.to_owned());
                    self.kinds.len() - 1
                });
                self.all.push(Stay { person: person[row], span_s, venue: venue[row], kind });
            }
        }
    }
}

/// A person's stays among all, which are sorted.
fn of_person(all: &[Stay], person: u32) -> &[Stay] {
    let first = all.partition_point(|stay| stay.person < person);
    let after = all.partition_point(|stay| stay.person <= person);
    &all[first..after]
}

/// Of those whose phone takes part the person who is in most venues, or else of all; the lowest number of equals. With their row of the
/// table `people`.
fn chosen(people: &Batch, all: &[Stay]) -> Option<(u32, usize)> {
    let (labels, runs) = (people.u32("person"), people.bools("phone_runs"));
    let of_person = all.chunk_by(|a, b| a.person == b.person).filter_map(|stays| {
        let row = labels.binary_search(&stays[0].person).ok()?;
        let mut venues: Vec<u32> = stays.iter().map(|stay| stay.venue).collect();
        venues.sort_unstable();
        venues.dedup();
        Some((runs[row], venues.len(), Reverse(stays[0].person), row))
    });
    of_person.max().map(|(_, _, Reverse(person), row)| (person, row))
}

/// Who came near a person on a day; `told`: of whom the person's phone would have told.
fn near_of((people, contacts): (&Batch, &Batch), (person, row): (u32, usize), day: DayJst, all: &[Stay], told: &[u32]) -> Vec<Near> {
    let (days, a, b) = (contacts.days("day_jst"), contacts.u32("a"), contacts.u32("b"));
    let (labels, household) = (people.u32("person"), people.u32("household"));
    let mine = of_person(all, person);
    let rows = (0..contacts.rows()).filter(|at| days[*at] == day.0 && (a[*at] == person || b[*at] == person));
    rows.filter_map(|at| {
        let other = if a[at] == person { b[at] } else { a[at] };
        let of = labels.binary_search(&other).ok()?;
        Some(Near {
            person: other,
            age: people.u32("age")[of],
            is_of_household: household[of] == household[row],
            runs: people.bools("phone_runs")[of],
            within_s: contacts.f64("within_s")[at],
            min_distance_m: contacts.f64("min_distance_m")[at],
            together: together(mine, of_person(all, other)),
            is_shown: told.contains(&other),
        })
    })
    .collect()
}

/// When two were in one venue.
fn together(mine: &[Stay], theirs: &[Stay]) -> Vec<Stay> {
    let both = |mine: &Stay, theirs: &Stay| {
        let span_s = (mine.span_s.0.max(theirs.span_s.0), mine.span_s.1.min(theirs.span_s.1));
        (mine.venue == theirs.venue && span_s.0 < span_s.1).then_some(Stay { span_s, ..*theirs })
    };
    mine.iter().flat_map(|mine| theirs.iter().filter_map(move |theirs| both(mine, theirs))).collect()
}

/// What a part of the table `verdicts` says that a person's phone would have shown; of whom is added to `told`.
fn shown_of(part: &Batch, person: u32, told: &mut Vec<u32>) -> Shown {
    let (observer, transmitter, rule) = (part.u32("observer"), part.u32("transmitter"), part.text("rule"));
    let (detected, is_contact) = (part.bools("detected"), part.bools("is_contact"));
    let mut shown = Shown::default();
    for row in (0..part.rows()).filter(|row| observer[*row] == person && rule.get(*row) == INSTALLED) {
        match (detected[row], is_contact[row]) {
            (true, is_contact) => {
                shown.shown += 1;
                shown.contacts += i64::from(is_contact);
                told.push(transmitter[row]);
            }
            (false, is_contact) => shown.missed += i64::from(is_contact),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: DayJst = DayJst(18_512);

    fn people(runs: &[bool]) -> Batch {
        let mut b = Batch::new(&tables::PEOPLE);
        for (person, &runs) in (0u32..).zip(runs) {
            let row = b.row().set("person", person).set("household", person / 2).set("age", 30 + person);
            let none = None::<&str>;
            let row =
                ["work", "department", "phone_model", "os", "app_version", "os_version"].into_iter().fold(row, |row, at| row.set(at, none));
            row.set("installed_day", None::<DayJst>).set("consent", none).set("bluetooth_on", runs).set("phone_runs", runs);
        }
        b
    }

    /// Person, venue and hours of the day.
    fn visits(of: &[(u32, u32, i64, i64)]) -> Batch {
        let mut b = Batch::new(&tables::VISITS);
        for &(person, venue, from_h, until_h) in of {
            let row = b.row().set("person", person).set("venue", venue).set("venue_kind", if venue < 10 { "home" } else { "office" });
            row.set("start_s", DAY.start().0 + 3600 * from_h)
                .set("end_s", DAY.start().0 + 3600 * until_h)
                .set("group", None::<u32>)
                .set("is_warm_up", false);
        }
        b
    }

    fn stays(of: &[(u32, u32, i64, i64)]) -> Vec<Stay> {
        let mut stays = Stays::default();
        stays.add(&visits(of), DAY);
        stays.all.sort_unstable();
        stays.all
    }

    fn contact(b: &mut Batch, day: DayJst, (a_, b_): (u32, u32), within_s: f64, min_distance_m: f64) {
        let row = b.row().set("day_jst", day).set("a", a_).set("b", b_).set("venue_kind", "office").set("barrier", "none");
        let row = row.set("within_s", within_s).set("within_before_0900_s", 0.0).set("within_after_0900_s", within_s);
        let row = row.set("within_ignoring_walls_s", within_s).set("longest_run_s", 0.0).set("gap_run_s", 0.0);
        let row = row
            .set("near_s", within_s)
            .set("min_distance_m", min_distance_m)
            .set("is_contact_cumulative_jst", false)
            .set("is_contact_run", false);
        row.set("is_contact_gap", false).set("is_contact_cumulative_utc", false).set("is_warm_up", false);
    }

    #[test]
    fn who_runs_the_app_and_is_in_most_places_is_chosen() {
        // The first is in three places without the app; the second in one, twice; the third and the fourth in two.
        let of = [
            (0, 0, 0, 8),
            (0, 10, 9, 12),
            (0, 11, 13, 24),
            (1, 1, 0, 8),
            (1, 1, 9, 24),
            (2, 2, 0, 8),
            (2, 10, 9, 24),
            (3, 3, 0, 8),
            (3, 10, 9, 24),
        ];
        let of = stays(&of);
        assert_eq!(chosen(&people(&[false, true, true, true]), &of), Some((2, 2)));
        assert_eq!(chosen(&people(&[false; 4]), &of), Some((0, 0)), "nobody runs it");
        assert_eq!(chosen(&people(&[true; 4]), &[]), None);
    }

    #[test]
    fn stays_are_cut_to_the_day_and_shared_where_both_are() {
        let of = stays(&[(0, 0, -20, 8), (0, 10, 9, 18), (0, 0, 19, 40), (1, 10, 8, 10), (1, 10, 17, 20), (1, 0, 20, 30), (2, 0, -5, -1)]);
        assert!(of.iter().all(|stay| stay.person != 2), "the day before");
        let hours = |stays: &[Stay]| -> Vec<(i64, i64)> {
            let hour = |s: i64| (s - DAY.start().0) / 3600;
            stays.iter().map(|stay| (hour(stay.span_s.0), hour(stay.span_s.1))).collect()
        };
        assert_eq!(hours(of_person(&of, 0)), [(0, 8), (9, 18), (19, 24)]);
        assert_eq!(hours(&together(of_person(&of, 0), of_person(&of, 1))), [(9, 10), (17, 18), (20, 24)]);
    }

    #[test]
    fn a_day_is_read_from_the_parts_of_its_tables() {
        let dir = tempfile::tempdir().unwrap();
        let run = RunFolder::create(dir.path(), false).unwrap();
        // Those who are at home for two days on end stand in the second day's part.
        run.write_part(&visits(&[(0, 0, 0, 8), (0, 10, 9, 18), (2, 10, 9, 18)]), DAY).unwrap();
        run.write_part(&visits(&[(1, 0, 0, 48), (0, 0, 19, 40)]), DAY.plus_days(1)).unwrap();
        let mut verdicts = Batch::new(&tables::VERDICTS);
        for (rule, transmitter, detected, is_contact) in
            [("installed", 2u32, true, true), ("installed", 3, true, false), ("installed", 4, false, true), ("2.0", 1, true, true)]
        {
            let row = verdicts.row().set("day_utc", DAY).set("day_is_partial", false).set("observer", 0u32).set("transmitter", transmitter);
            let row =
                row.set("venue_kind", "office").set("rule", rule).set("score", 1.0).set("duration_s", 900.0).set("detected", detected);
            row.set("within_s", 1000.0).set("is_contact", is_contact).set("is_warm_up", false);
        }
        run.write_part(&verdicts, DAY).unwrap();
        let mut contacts = Batch::new(&tables::CONTACTS);
        contact(&mut contacts, DAY, (0, 2), 1000.0, 0.4);
        contact(&mut contacts, DAY, (0, 1), 5000.0, 0.6);
        contact(&mut contacts, DAY, (0, 3), 0.0, 2.0);
        contact(&mut contacts, DAY, (0, 4), 0.0, 1.5);
        contact(&mut contacts, DAY, (1, 2), 9000.0, 0.1);
        run.write_part(&contacts, DAY).unwrap();
        let mut contacts = Batch::new(&tables::CONTACTS);
        contact(&mut contacts, DAY.plus_days(1), (0, 4), 9000.0, 0.1);
        run.write_part(&contacts, DAY.plus_days(1)).unwrap();
        let people = people(&[true, false, true, true, true]);
        let day = PersonDay::load(&run, &people, (DAY, 2)).unwrap().expect("a person");
        assert_eq!((day.person, day.stays.len(), day.kinds.as_slice()), (0, 3, ["home".to_owned(), "office".to_owned()].as_slice()));
        assert_eq!(day.near.iter().map(|near| near.person).collect::<Vec<_>>(), [1, 2, 3, 4], "longest first, of this day");
        assert_eq!(day.near.iter().map(|near| near.is_shown).collect::<Vec<_>>(), [false, true, true, false], "of the rule installed");
        assert_eq!(day.near.iter().map(|near| near.together.len()).collect::<Vec<_>>(), [2, 1, 0, 0]);
        assert!(day.near[0].is_of_household && !day.near[1].is_of_household);
        assert_eq!(day.shown, [None, Some(Shown { shown: 2, contacts: 1, missed: 1 })]);
    }
}

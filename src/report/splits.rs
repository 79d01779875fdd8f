//! Whom a rule finds by age, and by what the two have to do with each other: counted from the table `verdicts`.

use crate::{
    meetings::place_of,
    output::{Batch, IoError, RunFolder, read_parts, tables},
};

/// Groups with fewer true contacts are told together: a share of so few says little.
pub const LEAST_CONTACTS: i64 = 50;
const YEARS_OF_A_GROUP: u32 = 10;
const AGES: usize = 8;
const RELATIONS: [&str; 5] = ["of one household", "in one class", "at one workplace", "in one train", "elsewhere"];

/// True contacts of a group, and how many of them the rule finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// What it is of.
    pub name: String,
    /// True contacts: ordered pairs of running phones and whole UTC days.
    pub contacts: i64,
    /// Of these, those that the rule finds.
    pub found: i64,
}

/// The headline's contacts, outside the home.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Splits {
    /// By the age of whose phone decides.
    pub by_age: Vec<Group>,
    /// By what the two have to do with each other.
    pub by_relation: Vec<Group>,
}

impl Splits {
    /// Of a rule, part by part; empty where no table `verdicts` is.
    pub fn load(run: &RunFolder, people: &Batch, rule: &str) -> Result<Self, IoError> {
        let (mut ages, mut relations) = ([[0; 2]; AGES], [[0; 2]; RELATIONS.len()]);
        let parts = match read_parts(run.path(), &tables::VERDICTS) {
            Err(IoError::MissingTable { .. }) => return Ok(Self::default()),
            parts => parts?,
        };
        for part in parts {
            count(&part?, people, rule, &mut ages, &mut relations);
        }
        let age = |group: usize| match group as u32 * YEARS_OF_A_GROUP {
            from if group + 1 == AGES => format!("{from} years and over"),
            from => format!("{from} to {} years", from + YEARS_OF_A_GROUP - 1),
        };
        Ok(Self { by_age: told((0..AGES).map(age), &ages), by_relation: told(RELATIONS.into_iter().map(String::from), &relations) })
    }
}

fn count(part: &Batch, people: &Batch, rule: &str, ages: &mut [[i64; 2]; AGES], relations: &mut [[i64; 2]; RELATIONS.len()]) {
    let (observer, transmitter) = (part.u32("observer"), part.u32("transmitter"));
    let (rules, kinds) = (part.text("rule"), part.text("venue_kind"));
    let (detected, is_contact) = (part.bools("detected"), part.bools("is_contact"));
    let (is_partial, is_warm_up) = (part.bools("day_is_partial"), part.bools("is_warm_up"));
    let (labels, household, age) = (people.u32("person"), people.u32("household"), people.u32("age"));
    for row in (0..part.rows()).filter(|row| is_contact[*row] && !is_partial[*row] && !is_warm_up[*row]) {
        let place = place_of(kinds.get(row));
        let ends = [observer[row], transmitter[row]].map(|person| labels.binary_search(&person));
        let (true, [Ok(observer), Ok(transmitter)]) = (place != "home" && rules.get(row) == rule, ends) else { continue };
        let relation = match place {
            _ if household[observer] == household[transmitter] => 0,
            "school" => 1,
            "work" => 2,
            "transport" => 3,
            _ => 4,
        };
        let of_age = (age[observer] / YEARS_OF_A_GROUP) as usize;
        for [contacts, found] in [&mut ages[of_age.min(AGES - 1)], &mut relations[relation]] {
            *contacts += 1;
            *found += i64::from(detected[row]);
        }
    }
}

/// Groups that have contacts, the small ones together at the end.
fn told(names: impl Iterator<Item = String>, counts: &[[i64; 2]]) -> Vec<Group> {
    let groups = names.zip(counts).map(|(name, &[contacts, found])| Group { name, contacts, found });
    let (mut large, small): (Vec<Group>, Vec<Group>) = groups.partition(|group| group.contacts >= LEAST_CONTACTS);
    let [contacts, found] = [|group: &Group| group.contacts, |group: &Group| group.found].map(|of| small.iter().map(of).sum());
    if contacts > 0 {
        large.push(Group { name: format!("groups of fewer than {LEAST_CONTACTS} contacts"), contacts, found });
    }
    large
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::DayJst;

    const DAY: DayJst = DayJst(18_512);

    /// Four people of one household of two and of two others, 8, 15, 71 and 95 years old.
    fn people() -> Batch {
        let mut b = Batch::new(&tables::PEOPLE);
        for (person, household, age) in [(3u32, 0u32, 8u32), (5, 0, 15), (8, 1, 71), (9, 2, 95)] {
            let row = b.row().set("person", person).set("household", household).set("age", age);
            let none = None::<&str>;
            let row =
                ["work", "department", "phone_model", "os", "app_version", "os_version"].into_iter().fold(row, |row, at| row.set(at, none));
            row.set("installed_day", None::<DayJst>).set("consent", none).set("bluetooth_on", true).set("phone_runs", true);
        }
        b
    }

    /// Sixty contacts of the child with its sibling in a train, of which ten are found, as many in class with somebody else, all found, and a few
    /// of the old. What is at home, of a day in part or of the warm-up, of another rule or no contact is in no group.
    #[test]
    fn contacts_are_counted_by_age_and_relation() {
        let dir = tempfile::tempdir().unwrap();
        let run = RunFolder::create(dir.path(), false).unwrap();
        let mut b = Batch::new(&tables::VERDICTS);
        let mut add = |number: u32, pair: (u32, u32), kind: &str, rule: &str, found: u32, but: &str| {
            for i in 0..number {
                let row =
                    b.row().set("day_utc", DAY).set("day_is_partial", but == "partial").set("observer", pair.0).set("transmitter", pair.1);
                let row =
                    row.set("venue_kind", kind).set("rule", rule).set("score", 1.0).set("duration_s", 900.0).set("detected", i < found);
                row.set("within_s", 1000.0).set("is_contact", but != "no contact").set("is_warm_up", but == "warm-up");
            }
        };
        add(60, (3, 5), "train_e233", "a", 10, "");
        add(60, (3, 8), "classroom", "a", 60, "");
        add(2, (8, 9), "izakaya", "a", 1, "");
        add(3, (9, 8), "office", "a", 0, "");
        add(70, (3, 5), "home", "a", 7, "");
        add(70, (3, 5), "train_e233", "b", 7, "");
        ["partial", "warm-up", "no contact"].into_iter().for_each(|but| add(70, (5, 8), "train_e233", "a", 7, but));
        run.write_part(&b, DAY).unwrap();
        let splits = Splits::load(&run, &people(), "a").unwrap();
        let of = |groups: &[Group]| groups.iter().map(|g| (g.name.clone(), g.contacts, g.found)).collect::<Vec<_>>();
        let small = || ("groups of fewer than 50 contacts".to_owned(), 5, 1);
        assert_eq!(of(&splits.by_age), [("0 to 9 years".to_owned(), 120, 70), small()]);
        assert_eq!(of(&splits.by_relation), [("of one household".to_owned(), 60, 10), ("in one class".to_owned(), 60, 60), small()]);
        let none = RunFolder::create(&dir.path().join("none"), false).unwrap();
        assert_eq!(Splits::load(&none, &people(), "a").unwrap(), Splits::default());
    }
}

//! Whether anybody had the releases that a rule is of, on the days of the run.

use crate::{
    app::{Release, ReleaseDates, Released},
    setup::{Setup, Use},
    time::DayJst,
};

/// When phones of a run had the app in use, and its days.
pub struct Had {
    uses: Vec<Use>,
    releases: ReleaseDates,
    days: Vec<DayJst>,
}

impl Had {
    /// Of a run.
    pub fn of(setup: &Setup) -> Self {
        let mut uses = setup.uses.all().to_vec();
        uses.sort_unstable();
        uses.dedup();
        Self {
            uses,
            releases: setup.releases.clone(),
            days: (0..setup.reported_days() as i32).map(|day| setup.reported_from().plus_days(day)).collect(),
        }
    }

    /// What a reader must know of these releases and the run's days; `None` if a phone had one of them on every day.
    pub fn text(&self, released: Released) -> Option<String> {
        let is_had = |day: &&DayJst| self.uses.iter().any(|of| of.holds(**day) && released.is_on(&of.app, &self.releases, **day));
        let had = self.days.iter().filter(is_had).count();
        let (&first, &last) = (self.days.first()?, self.days.last()?);
        let of_system = |release: &Release| match released.ios {
            Some(ios) => release.first_day(ios),
            None => release.first_day(true).min(release.first_day(false)),
        };
        let came_out = released.first()?;
        let replaced = released.replaced_by().filter(|next| of_system(next) <= last);
        let change = match replaced {
            Some(next) if of_system(came_out) < first => format!("{} replaced it from {} on", next.name, next.first_days()),
            _ => format!("{} came out on {}", came_out.name, came_out.first_days()),
        };
        let days = span(first, last);
        let in_days = format!("{} {days}", if first == last { "on" } else { "in" });
        match had {
            all if all == self.days.len() => None,
            0 if of_system(came_out) > last => Some(format!("Nobody had this release yet {in_days}: {change}.")),
            0 if replaced.is_some() => Some(format!("Nobody had this release any more {in_days}: {change}.")),
            0 => Some(format!("No phone of this run had this release {in_days}.")),
            some => Some(format!("Phones had this release on {some} of the {} days, {days}: {change}.", self.days.len())),
        }
    }
}

/// `1-14 September 2020`.
fn span(first: DayJst, last: DayJst) -> String {
    let [from, to] = [first, last].map(DayJst::date);
    let from_as = match (from.format("%Y").to_string() == to.format("%Y").to_string(), from.format("%m").to_string()) {
        _ if from == to => return to.format("%-d %B %Y").to_string(),
        (true, month) if month == to.format("%m").to_string() => "%-d",
        (true, _) => "%-d %B",
        (false, _) => "%-d %B %Y",
    };
    let between = if from_as == "%-d" { "-" } else { " to " };
    format!("{}{between}{}", from.format(from_as), to.format("%-d %B %Y"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::{Family, Installation};

    fn day(text: &str) -> DayJst {
        DayJst::parse(text).expect("a date")
    }

    /// One iPhone and one Android phone that update after three days, for two weeks.
    fn text(first_day: &str, family: Family, ios: Option<bool>) -> Option<String> {
        let app = |ios| Installation { ios, system: None, day: day("2020-06-19"), lag_days: 3 };
        let of_app =
            |app: Installation| Use { app, from: app.day, until: DayJst(i32::MAX), end: None, keys_from: app.day, agreed_on: app.day };
        let had = Had {
            uses: vec![of_app(app(true)), of_app(app(false))],
            releases: ReleaseDates::historical(),
            days: (0..14).map(|d| day(first_day).plus_days(d)).collect(),
        };
        had.text(Released { family, ios })
    }

    #[test]
    fn whether_anybody_had_a_release_follows_from_the_runs_dates() {
        let of_third = |first_day| text(first_day, Family::Third, Some(true));
        assert_eq!(
            of_third("2020-09-01").as_deref(),
            Some("Nobody had this release yet in 1-14 September 2020: 1.1.4 came out on 25/28 September 2020.")
        );
        assert_eq!(of_third("2020-10-06"), None);
        assert_eq!(
            of_third("2022-05-01").as_deref(),
            Some("Nobody had this release any more in 1-14 May 2022: 2.0.0 replaced it from 7 April 2022 on.")
        );
        let partly = of_third("2020-09-20").expect("it came out within the run");
        assert!(
            partly.starts_with("Phones had this release on 6 of the 14 days, 20 September to 3 October 2020: 1.1.4 came out on"),
            "{partly}"
        );
        let ends = of_third("2022-04-01").expect("it was replaced within the run");
        assert!(ends.starts_with("Phones had this release on 9 of the 14 days, 1-14 April 2022: 2.0.0 replaced it"), "{ends}");
        assert_eq!(text("2022-05-01", Family::Windows, None), None);
        assert_eq!(
            text("2020-12-25", Family::Windows, None).as_deref(),
            Some("Nobody had this release yet in 25 December 2020 to 7 January 2021: 2.0.0 came out on 7 April 2022.")
        );
        let nobody = Had { uses: Vec::new(), releases: ReleaseDates::historical(), days: vec![day("2020-10-06")] };
        let third = Released { family: Family::Third, ios: None };
        assert_eq!(nobody.text(third).as_deref(), Some("No phone of this run had this release on 6 October 2020."));
    }
}

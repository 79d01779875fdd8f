//! What the screen shows when somebody opens the app: days and counts in version 1, minutes in version 2.

use serde::{Deserialize, Serialize};

use crate::time::{DayUtc, UnixSeconds};

use super::{detection::Stored, faults::Mechanism, phone::Installed, releases::Family};

/// Days for which a screen shows a day: 14, and one because of the time zone (issue 121; `TermOfExposureRecordValidityInDays`).
const DAYS_ON_SCREEN: i32 = 15;
/// Days for which the system lists its checks.
const DAYS_IN_SYSTEM_LIST: i64 = 14;

/// What an app of version 1 keeps of contacts, and the system of checks.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Kept {
    /// Contacts by UTC day, as version 1 counts them: keys shown.
    contacts: Vec<(DayUtc, u32)>,
    /// Checks that matched: when, Unix seconds, and how many keys.
    system_list: Vec<(i64, u32)>,
}

impl Kept {
    /// A check of version 1 showed so many contacts of a day.
    pub fn count(&mut self, day: DayUtc, contacts: u32) {
        match self.contacts.binary_search_by_key(&day, |(day, _)| *day) {
            Ok(at) => self.contacts[at].1 += contacts,
            Err(at) => self.contacts.insert(at, (day, contacts)),
        }
    }

    /// The system notes a check that matched keys, and forgets old ones.
    pub fn note(&mut self, now_s: i64, keys: u32) {
        self.system_list.retain(|(at_s, _)| now_s - at_s <= DAYS_IN_SYSTEM_LIST * crate::time::DAY_S);
        self.system_list.push((now_s, keys));
    }

    /// The app's own part is lost; the system's stays.
    pub fn lose(&mut self) {
        self.contacts.clear();
    }
}

/// A line of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScreenLine {
    /// The UTC day.
    pub day: DayUtc,
    /// Contacts that version 1 counts: one person once a day, several persons several times; whose they are it does not say.
    pub contacts: Option<u32>,
    /// Minutes that version 2 shows: of all windows of the day, however many persons they are of.
    pub minutes: Option<u32>,
}

/// What somebody sees who opens the app.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Screen {
    /// Days with contacts, ascending.
    pub lines: Vec<ScreenLine>,
    /// Days that are kept and too old to be shown.
    pub hidden_days: u32,
    /// Days that are shown and too old for it (fault F17).
    pub old_days: u32,
    /// Keys that matched, as the list of checks in the system's own settings adds up.
    pub system_matches: u32,
}

impl Screen {
    /// Its first sentence.
    pub fn text(&self) -> String {
        let sum = |of: fn(&ScreenLine) -> Option<u32>| self.lines.iter().filter_map(of).sum::<u32>();
        let (contacts, minutes) = (sum(|line| line.contacts), sum(|line| line.minutes));
        let days = self.lines.iter().filter(|line| line.minutes.is_some()).count();
        let counted = |n: u32, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
        let minutes = (days > 0).then(|| format!("{} of contact on {}", counted(minutes, "minute"), counted(days as u32, "day")));
        let contacts = (contacts > 0).then(|| counted(contacts, "contact"));
        let said: Vec<String> = minutes.into_iter().chain(contacts).collect();
        if said.is_empty() { "no contact found".into() } else { said.join(", ") }
    }
}

impl Installed<'_> {
    /// The screen at a moment, of what the app keeps. Version 2 shows what version 1 left as counts.
    pub(super) fn screen(&self, kept: &Kept, stored: &Stored, now_s: i64) -> Screen {
        let today = UnixSeconds(now_s).day_utc();
        let mut lines: Vec<ScreenLine> =
            kept.contacts.iter().map(|(day, n)| ScreenLine { day: *day, contacts: Some(*n), minutes: None }).collect();
        if self.release.family == Family::Windows {
            let seconds = stored.shown_days(&self.rule(0));
            let minutes = |s: i64| Some(s.max(0).unsigned_abs().div_ceil(60) as u32);
            lines.extend(seconds.into_iter().map(|(day, s)| ScreenLine { day, contacts: None, minutes: minutes(s) }));
        }
        lines.sort_by_key(|line| (line.day, line.minutes.is_none()));
        let all = lines.len();
        let is_old = |line: &ScreenLine| line.day < today.plus_days(-DAYS_ON_SCREEN);
        if !self.has(Mechanism::OldDaysStayShown) {
            lines.retain(|line| !is_old(line));
        }
        let old_days = lines.iter().filter(|line| is_old(line)).count() as u32;
        let system_matches = kept.system_list.iter().filter(|(at_s, _)| now_s - at_s <= DAYS_IN_SYSTEM_LIST * crate::time::DAY_S);
        Screen { hidden_days: (all - lines.len()) as u32, old_days, lines, system_matches: system_matches.map(|(_, keys)| *keys).sum() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        app::{ConfigurationOf113, FaultSet, RELEASES},
        gaen::GaenConfig,
        time::DAY_S,
    };

    const TODAY: i32 = 18_600;
    const NOW_S: i64 = DAY_S * TODAY as i64 + 40_000;

    fn screen_of(release: &str, faults: FaultSet, kept: &Kept) -> Screen {
        let file: toml::Table = include_str!("../../scenarios/baseline.toml").parse().expect("the baseline");
        let framework: GaenConfig = file["gaen"].clone().try_into().expect("its table");
        let release = RELEASES.iter().find(|r| r.name == release).expect("a release");
        let configuration_of_1_1_3 = ConfigurationOf113::Embedded;
        let installed = Installed { ios: true, release, installed_as: release, configuration_of_1_1_3, faults, framework: &framework };
        installed.screen(kept, &Stored::default(), NOW_S)
    }

    /// Two persons of one day, one of another, and one of the first day again: counted as often.
    fn kept() -> Kept {
        let mut kept = Kept::default();
        for (days_ago, contacts) in [(3, 2), (15, 1), (3, 1), (16, 4)] {
            kept.count(DayUtc(TODAY - days_ago), contacts);
        }
        kept
    }

    fn lines(screen: &Screen) -> Vec<(i32, Option<u32>)> {
        screen.lines.iter().map(|line| (TODAY - line.day.0, line.contacts)).collect()
    }

    /// Fault F17: until 1.2.3 the screen counts whatever was ever found; then 15 days.
    #[test]
    fn a_screen_shows_15_days_from_1_2_6_on_and_without_the_fault() {
        let with_fault = screen_of("1.2.3", FaultSet::HISTORICAL, &kept());
        assert_eq!(lines(&with_fault), [(16, Some(4)), (15, Some(1)), (3, Some(3))]);
        assert_eq!((with_fault.text().as_str(), with_fault.hidden_days, with_fault.old_days), ("8 contacts", 0, 1));
        for (release, faults) in [("1.2.6", FaultSet::HISTORICAL), ("1.2.3", FaultSet::NONE), ("2.0.0", FaultSet::HISTORICAL)] {
            let screen = screen_of(release, faults, &kept());
            assert_eq!(lines(&screen), [(15, Some(1)), (3, Some(3))], "{release}");
            assert_eq!((screen.text().as_str(), screen.hidden_days, screen.old_days), ("4 contacts", 1, 0), "{release}");
        }
    }

    #[test]
    fn what_the_app_loses_the_system_keeps_for_14_days() {
        let mut kept = kept();
        kept.note(NOW_S - 14 * DAY_S - 1, 7);
        kept.note(NOW_S - 14 * DAY_S, 3);
        kept.note(NOW_S, 2);
        kept.lose();
        let screen = screen_of("1.1.4", FaultSet::HISTORICAL, &kept);
        assert_eq!((screen.lines.len(), screen.text().as_str(), screen.system_matches), (0, "no contact found", 5));
    }

    #[test]
    fn the_first_sentence_counts_days_minutes_and_what_version_1_left() {
        let line = |contacts, minutes| ScreenLine { day: DayUtc(TODAY), contacts, minutes };
        let text = |lines: Vec<ScreenLine>| Screen { lines, ..Screen::default() }.text();
        assert_eq!(text(vec![line(Some(1), None)]), "1 contact");
        assert_eq!(text(vec![line(None, Some(16)), line(None, Some(20))]), "36 minutes of contact on 2 days");
        assert_eq!(text(vec![line(None, Some(1)), line(Some(2), None)]), "1 minute of contact on 1 day, 2 contacts");
    }
}

//! Registrations, try by try: what a case does on the screen where a number is entered, and what somebody does who guesses numbers.

use rand::RngExt;
use serde::{Deserialize, Serialize};

use crate::{
    app::{Absent, Errors, Installed, Mechanism, Said, Typed},
    authority::{Hersys, NUMBERS, ProcessingNumber},
    gaen::{TemporaryExposureKey, hand_over_keys},
    ids::PersonId,
    server::{Refusal, Request, STORED, secret_of},
    setup::{RegistrationDraw, World},
    time::{DayJst, DayUtc, UnixSeconds},
};

use super::{System, phone_log::Writer, records::Registration, way::Reason};

/// Seconds after which somebody whose phone is off, or not with them, tries to register again.
const OFF_TRIES_AGAIN_AFTER_S: i64 = 3600;
/// What addresses abroad are answered with.
const FORBIDDEN: u16 = 403;

/// A registration that is under way.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Registering {
    /// The number that the person was sent.
    number: ProcessingNumber,
    /// When the next try is, Unix seconds.
    pub at_s: i64,
    /// Tries so far.
    tries: u32,
    /// Errors since the screen was opened.
    errors: Errors,
    /// How often the person came back.
    returned: u32,
}

impl Registering {
    /// Before the first try.
    pub fn new(number: ProcessingNumber, at_s: i64) -> Self {
        Self { number, at_s, tries: 0, errors: Errors::default(), returned: 0 }
    }
}

/// What came of a try.
struct Came {
    typed: Typed,
    said: Said,
    /// Bytes of the request, if one was sent.
    bytes: Option<u32>,
    keys: Vec<TemporaryExposureKey>,
    /// How many keys the server stored.
    stored: Result<usize, (Reason, Option<Mechanism>)>,
    /// The status that the server answered with, if it was asked.
    status: Option<u16>,
    /// Whether the app keeps the number.
    is_kept: bool,
}

impl Came {
    /// It came to nothing before the server was asked.
    fn unsent(typed: Typed, said: Said, why: Reason) -> Self {
        Self { typed, said, bytes: None, keys: Vec::new(), stored: Err((why, None)), status: None, is_kept: false }
    }
}

impl System {
    /// A case tries to register: when it tries again, Unix seconds, if it does.
    pub(super) fn try_to_register(&mut self, case: u32, now_s: i64, day: DayJst, world: &World<'_>) -> Option<i64> {
        let mut going = self.registering.remove(&case)?;
        let (person, history) = &world.cases[case as usize];
        let there = world.phone_of_case(case, now_s).and_then(|phone| Ok((phone, world.app_of(phone, day).ok_or(Absent::NeverInstalled)?)));
        let (phone, app) = match there {
            Ok(there) => there,
            Err(why) => {
                self.records.end_case(case as usize, day, Reason::Without(why), None);
                return None;
            }
        };
        // Nobody comes back with a number that has expired; the message says until when it is valid.
        let until_s = history.number.issued.map_or(i64::MIN, |issued_s| issued_s + (history.number.life_h * 3600.0) as i64);
        let out_of_use = match (world.is_on(phone, now_s), world.is_at_hand(phone, now_s)) {
            (false, _) => Some(Reason::SwitchedOff),
            (_, false) => Some(Reason::Without(Absent::OnOtherPhone)),
            _ => None,
        };
        if let Some(why) = out_of_use {
            let later_s = now_s + OFF_TRIES_AGAIN_AFTER_S;
            if later_s > until_s {
                self.records.end_case(case as usize, day, why, None);
                return None;
            }
            self.registering.insert(case, Registering { at_s: later_s, ..going });
            return Some(later_s);
        }
        let cannot_open = if app.crashes() {
            Some((Reason::Fault(Mechanism::CrashesAtStart), Some(Mechanism::CrashesAtStart)))
        } else {
            (!world.screen_opens(phone, day)).then_some((Reason::NotAgreedAgain, None))
        };
        if let Some((why, fault)) = cannot_open {
            self.records.end_case(case as usize, day, why, fault);
            return None;
        }
        going.tries += 1;
        let came = self.one_try((case, &going), (phone, &app), (now_s, day), world)?;
        self.records.uploads[case as usize].release = Some(app.release.name.into());
        self.records.registrations.push(Registration {
            person: phone,
            at_s: now_s,
            release: app.release.name.into(),
            api: app.release.api.name().into(),
            number: going.tries,
            requests: u32::from(came.bytes.is_some()),
            typed: came.typed,
            bytes: came.bytes,
            status: came.status,
            answer: Some(app.text(came.said).into()),
            keys: came.stored.as_ref().map_or(0, |stored| *stored as u32),
            is_kept_by_app: came.is_kept,
            is_kept_by_server: came.stored.is_ok() && world.server_keeps_number(&app, now_s),
        });
        if world.logs(phone, &app) && came.status.is_some() {
            let days: Vec<DayUtc> = came.keys.iter().map(|key| key.rolling_start.start().day_utc()).collect();
            self.records.log.extend(Writer { at_s: now_s, release: app.release.name }.submit(&days));
        }
        let (why, fault) = match came.stored {
            Ok(_) => {
                self.records.uploaded(case as usize, *person, &came.keys, now_s, day);
                return None;
            }
            Err(lost) => lost,
        };
        // A number that had expired when it came was lost on the way.
        let is_late = history.number.delivered.is_ok_and(|at_s| at_s > until_s);
        let is_lost_on_the_way = is_late && why == Reason::Refused(Refusal::NumberNotValid);
        let fault = fault.or(is_lost_on_the_way.then_some(Mechanism::ExpiredInTransit));
        let is_over = matches!(came.said, Said::Done | Said::Cancelled | Said::NoKeys | Said::Nothing);
        let next_s = if is_over { None } else { going.next_s(case, now_s, world) };
        match next_s.filter(|next_s| going.errors.0 > 0 || *next_s <= until_s) {
            Some(next_s) => {
                self.records.will_try_again(case as usize);
                self.registering.insert(case, Registering { at_s: next_s, ..going });
                Some(next_s)
            }
            None => {
                self.records.end_case(case as usize, day, why, fault);
                None
            }
        }
    }

    /// A try, from the app's consent to the server's answer. `None` if the phone never had a key to make.
    fn one_try(
        &mut self,
        (case, going): (u32, &Registering),
        (phone, app): (PersonId, &Installed<'_>),
        (now_s, day): (i64, DayJst),
        world: &World<'_>,
    ) -> Option<Came> {
        let history = &world.cases[case as usize].1;
        let first_key = world.first_key_day(phone, day)?;
        let config = &world.app.registration;
        let declines = |what, share: f64| world.registration_rng(what, case, 0).random::<f64>() < share;
        if declines(RegistrationDraw::Consent, config.declines_consent_share) {
            return Some(Came::unsent(Typed::NotAsked, Said::Cancelled, Reason::DeclinedConsent));
        }
        let mut rng = world.registration_rng(RegistrationDraw::Try, case, going.tries);
        let (typed, text) = config.typed(&going.number.to_string(), &mut rng);
        if let Err(said) = app.takes(&text) {
            return Some(Came::unsent(typed, said, Reason::Mistyped));
        }
        let is_kept = app.keeps_number(world.app.keeps_number);
        let unsent = |said, why| Some(Came { is_kept, ..Came::unsent(typed, said, why) });
        if declines(RegistrationDraw::SystemDialog, config.declines_system_dialog_share) {
            return unsent(Said::Cancelled, Reason::DeclinedSystemDialog);
        }
        let onset = UnixSeconds(history.onset_s).day_jst();
        let key_days = app.days_to_upload(now_s, onset, first_key).filter(|key_day| world.has_key(phone, day, *key_day));
        let mut keys: Vec<TemporaryExposureKey> = key_days.map(|key_day| world.beacons.tek(phone, key_day)).collect();
        let (now, today) = (UnixSeconds(now_s), UnixSeconds(now_s).day_utc());
        if world.hands_over_today(phone) && first_key <= today && world.has_key(phone, day, today) {
            keys.extend(hand_over_keys(&[world.beacons.tek(phone, today)], now.enin(), true));
        }
        if keys.is_empty() {
            return unsent(Said::NoKeys, Reason::NoKeyYet);
        }
        let hersys = &mut self.authority.hersys;
        let is_live = |hersys: &Hersys| hersys.is_live(going.number, now_s);
        if app.refuses(&keys, now_s) {
            let refusal = Refusal::KeyOlderToTheSecond;
            let stored = Err((Reason::Refused(refusal), app.fault_of_refusal(refusal, &keys, is_live(hersys))));
            return Some(Came { stored, is_kept, ..Came::unsent(typed, Said::Failed, Reason::Refused(refusal)) });
        }
        let user = world.user_uuid(phone);
        let body = app.submission(&keys, &text, &user, &mut rng).bytes();
        if world.is_refused_abroad(phone, app, day) {
            let stored = Err((Reason::Abroad, Some(Mechanism::DisabledOrAbroad)));
            let (bytes, status) = (Some(body.len() as u32), Some(FORBIDDEN));
            return Some(Came { typed, said: app.says(FORBIDDEN), bytes, keys: Vec::new(), stored, status, is_kept });
        }
        let secret = secret_of(&user);
        let request = Request { api: app.release.api, body: &body, by_front_door: true, bearer: Some(&secret), is_chaff: false };
        let chance = world.registration_rng(RegistrationDraw::Congestion, case, now_s as u32).random();
        let answer = self.server.receive(world.server_at(now_s, chance), hersys, &request, now_s);
        let status = answer.map_or_else(Refusal::status, |_| STORED);
        let stored = answer.map_err(|refusal| {
            let why = if typed == Typed::Right { Reason::Refused(refusal) } else { Reason::Mistyped };
            (why, app.fault_of_refusal(refusal, &keys, is_live(hersys)))
        });
        Some(Came { typed, said: app.says(status), bytes: Some(body.len() as u32), keys, stored, status: Some(status), is_kept })
    }

    /// Somebody who is no case tries numbers at random until one is valid. That uploads the phone's own keys: a false registration, of which
    /// those are warned who met it.
    pub(super) fn guess(&mut self, index: u32, now_s: i64, day: DayJst, world: &World<'_>) {
        let (person, _, guessing) = &world.guessing[index as usize];
        let Some(phone) = world.own_phone(*person, now_s) else { return };
        let Some((app, first_key)) = world.app_of(phone, day).zip(world.first_key_day(phone, day)) else { return };
        let opens = !app.crashes() && world.screen_opens(phone, day) && world.is_on(phone, now_s) && world.is_at_hand(phone, now_s);
        if !opens || world.is_refused_abroad(phone, &app, day) {
            return;
        }
        // A date so early that all keys go.
        let days = app.days_to_upload(now_s, day.plus_days(-14), first_key);
        let held = days.filter(|key_day| world.has_key(phone, day, *key_day));
        let keys: Vec<TemporaryExposureKey> = held.map(|key_day| world.beacons.tek(phone, key_day)).collect();
        let mut rng = world.registration_rng(RegistrationDraw::Guess, index, now_s as u32);
        let user = world.user_uuid(phone);
        let secret = secret_of(&user);
        let mut submission = app.submission(&keys, "00000000", &user, &mut rng);
        let mut elsewhere = self.authority.hersys.with_others(guessing.live_numbers, now_s, (index, world.seed));
        let (mut requests, mut answer) = (0, Err(Refusal::NumberNotValid));
        while requests < guessing.tries && matches!(answer, Err(Refusal::NumberNotValid | Refusal::Congested)) {
            let number = ProcessingNumber(rng.random_range(0..NUMBERS));
            submission = submission.with_number(&number.to_string());
            let request = Request { api: app.release.api, body: &[], by_front_door: true, bearer: Some(&secret), is_chaff: false };
            let in_force = world.server_at(now_s, rng.random());
            answer = self.server.receive_read(in_force, &mut elsewhere, (&request, &submission), now_s);
            requests += 1;
        }
        self.authority.hersys.forget_unless(&elsewhere);
        let status = answer.map_or_else(Refusal::status, |_| STORED);
        if answer.is_err() && app.has(Mechanism::AnyNumberAccepted) {
            self.records.strike(Mechanism::AnyNumberAccepted, phone, now_s);
        }
        self.records.registrations.push(Registration {
            person: phone,
            at_s: now_s,
            release: app.release.name.into(),
            api: app.release.api.name().into(),
            number: 1,
            requests,
            typed: Typed::Guessed,
            bytes: Some(submission.bytes().len() as u32),
            status: Some(status),
            answer: Some(app.text(app.says(status)).into()),
            keys: answer.map_or(0, |stored| stored as u32),
            is_kept_by_app: false,
            is_kept_by_server: answer.is_ok() && world.server_keeps_number(&app, now_s),
        });
        if answer.is_ok() {
            self.records.falsely_uploaded(*person, &keys, day);
        }
    }
}

impl Registering {
    /// When the next try is after an error, Unix seconds: after a wait, or, where the app has closed, when the person comes back. `None`: never.
    fn next_s(&mut self, case: u32, now_s: i64, world: &World<'_>) -> Option<i64> {
        if let Some(wait_s) = self.errors.count() {
            return Some(now_s + wait_s);
        }
        let config = &world.app.registration;
        if self.returned == config.tries_again_times {
            return None;
        }
        self.returned += 1;
        self.errors = Errors::default();
        let after_h = world.registration_rng(RegistrationDraw::Return, case, self.returned).exponential(config.tries_again_after_mean_h);
        Some(now_s + (after_h * 3600.0) as i64)
    }
}

/// Bytes that phones fetched on a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Traffic {
    /// Phones with the app.
    pub phones: u32,
    /// Fetches of the index.
    pub list_fetches: u64,
    /// Bytes of the index, over all fetches.
    pub list_bytes: u64,
    /// Bytes of files.
    pub zip_bytes: u64,
}

impl System {
    /// Counts the fetches of the index from one moment of a day to before another, between which the index stays as it is: by arithmetic,
    /// since most find nothing new.
    pub(super) fn count_fetches(&mut self, day: DayJst, span_s: (i64, i64), world: &World<'_>) {
        let is_calm = world.is_calm(span_s);
        let with_app = |person: PersonId| world.app_of(person, day).map(|installed| (person, installed));
        let (mut phones, mut fetches) = (0, 0);
        for (person, installed) in world.people_with_app().filter_map(with_app) {
            phones += 1;
            if installed.crashes() || world.is_refused_abroad(person, &installed, day) {
                continue;
            }
            fetches += u64::from(world.fetches(person, &installed, span_s, is_calm));
        }
        let list_bytes = u64::from(self.server.list_bytes());
        let traffic = self.records.traffic.entry(day).or_default();
        traffic.phones = phones;
        traffic.list_fetches += fetches;
        traffic.list_bytes += fetches * list_bytes;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::setup::Setup;

    /// A case of June 2021, everybody with an iPhone and the app; the system of so many days.
    fn system(days: i32, more: &[&str]) -> System {
        let sets = [
            "run.first_day=\"2021-06-01\"",
            "population.workers=24",
            "phones.adoption=1",
            "phones.ios_share=1",
            "phones.smartphone_shares=[1,1,1,1,1,1,1,1]",
            "phones.update_lag_mean_days=0",
            "authority.entry_into_hersys_h=0",
            "authority.entry_delay_mean_h=0.01",
            "authority.cases=[{person=3,onset_day=1,result_day=1,registers=\"yes\"}]",
        ];
        let setup = Setup::of_office(&[&sets[..], more].concat());
        let mut system = System::new(setup.first_day, &setup.world());
        for day in 0..days {
            system.advance(setup.first_day.plus_days(day), &setup.world(), &BTreeMap::new());
        }
        system
    }

    /// What was typed, seconds after the first try, the status, and what the phone told.
    fn tries(system: &System) -> Vec<(&str, i64, Option<u16>, &str)> {
        let rows = &system.records.registrations;
        rows.iter().map(|r| (r.typed.name(), r.at_s - rows[0].at_s, r.status, r.answer.as_deref().unwrap_or("-"))).collect()
    }

    fn outcome(system: &System) -> &'static str {
        system.records.uploads[0].outcome.name()
    }

    #[test]
    fn a_number_that_is_typed_right_is_done_at_once() {
        let system = system(3, &[]);
        assert_eq!(tries(&system), [("right", 0, Some(204), "done")]);
        assert_eq!((outcome(&system), system.records.registrations[0].keys), ("uploaded", system.records.uploads[0].keys.unwrap_or(0)));
    }

    /// 5 and then 10 seconds between the tries; after the third the app closes.
    #[test]
    fn three_errors_end_it() {
        let empty = system(3, &["app.registration.empty_share=1"]);
        let nothing = "no number was typed";
        assert_eq!(tries(&empty), [("empty", 0, None, nothing), ("empty", 5, None, nothing), ("empty", 15, None, nothing)]);
        assert_eq!(outcome(&empty), "number not typed right");
        let mistyped = system(3, &["app.registration.mistyped_share=1"]);
        assert_eq!(tries(&mistyped).len(), 3);
        for (typed, _, status, told) in tries(&mistyped) {
            let expected = if status.is_some() { "the number is wrong" } else { "not the form of a number" };
            assert_eq!((typed, told), ("mistyped", expected), "{status:?}");
        }
        assert_eq!(outcome(&mistyped), "number not typed right");
    }

    /// What it came to is what the last try came to: with half of the tries mistyped some get through at the second or third.
    #[test]
    fn a_try_that_goes_through_ends_it() {
        let tries_of = |seed: u32| {
            let seed = format!("run.seed={seed}");
            let system = system(3, &[&seed, "app.registration.mistyped_share=0.5"]);
            (tries(&system).len(), outcome(&system))
        };
        let all: Vec<_> = (1..=12).map(tries_of).collect();
        assert!(all.iter().all(|(n, outcome)| *n == 3 || *outcome == "uploaded"), "{all:?}");
        assert!(all.contains(&(1, "uploaded")) && all.contains(&(2, "uploaded")), "{all:?}");
    }

    #[test]
    fn who_declines_sends_nothing() {
        let consent = system(3, &["app.registration.declines_consent_share=1", "app.registration.declines_system_dialog_share=1"]);
        assert_eq!((tries(&consent), outcome(&consent)), (vec![("not asked", 0, None, "cancelled")], "declined the app's consent"));
        let dialog = system(3, &["app.registration.declines_system_dialog_share=1"]);
        assert_eq!((tries(&dialog), outcome(&dialog)), (vec![("right", 0, None, "cancelled")], "declined the system's dialog"));
        assert!(dialog.records.keys.is_empty());
    }

    /// HER-SYS does not answer for the first five hours after the number came, at 15:00; the number is valid for 24 or for two hours.
    #[test]
    fn who_was_closed_out_comes_back_while_the_number_is_valid() {
        let story = |life_h: u32, times: u32| {
            let outage = format!(
                "timeline=[{{date=\"2021-06-02\",setting=\"hersys.answers\",value=false}},\
                 {{date=\"2021-06-02T20:00\",setting=\"hersys.answers\",value=true}},\
                 {{date=\"always\",setting=\"hersys.number_life_h\",value={life_h}}}]"
            );
            let times = format!("app.registration.tries_again_times={times}");
            system(3, &[&outage, &times, "app.registration.tries_again_after_mean_h=3"])
        };
        let never = story(24, 0);
        assert_eq!(tries(&never).iter().map(|(_, _, status, _)| *status).collect::<Vec<_>>(), [Some(503); 3]);
        assert_eq!((outcome(&never), tries(&never)[0].3), ("HER-SYS did not answer", "the centre does not answer"));
        let back = story(24, 20);
        let (last, before) = (tries(&back).pop().expect("a try"), tries(&back).len() - 1);
        assert_eq!((outcome(&back), last.2, before % 3), ("uploaded", Some(204), 0));
        let rows = &back.records.registrations;
        assert!(rows[3].at_s > rows[2].at_s + 10 && rows.iter().zip(1..).all(|(row, number)| row.number == number));
        let expired = story(2, 20);
        let issued_s = expired.records.uploads[0].number_issued_s.expect("one was");
        assert!(expired.records.registrations.iter().all(|r| r.at_s <= issued_s + 2 * 3600 + 15 && r.status == Some(503)));
        assert_eq!(outcome(&expired), "HER-SYS did not answer", "nobody comes back with a number that has expired");
    }

    #[test]
    fn a_server_that_has_too_much_to_do_refuses_some() {
        let always = system(3, &["timeline=[{date=\"always\",setting=\"server.congested_refused_share\",value=1}]"]);
        assert_eq!((outcome(&always), tries(&always).len()), ("the server had too much to do", 3));
        assert_eq!(always.records.traffic.values().map(|t| t.list_fetches).sum::<u64>(), 0);
        let half = system(3, &["timeline=[{date=\"always\",setting=\"server.congested_refused_share\",value=0.5}]"]);
        let (calm, of_half) = (system(3, &[]), half.records.traffic.values().map(|t| t.list_fetches).sum::<u64>() as f64);
        let of_calm = calm.records.traffic.values().map(|t| t.list_fetches).sum::<u64>() as f64;
        // Four standard errors of half of them.
        assert!((of_half - of_calm / 2.0).abs() < 4.0 * (of_calm / 4.0).sqrt(), "{of_half} of {of_calm}");
    }

    /// 100,000 tries against 1,000 live numbers of 10^8 hit at least once with a chance of 1 - (1 - 10^-5)^100,000 = 0.632. Of 20 bursts 7 to 18
    /// do in an exactly right model with a chance of 0.996.
    #[test]
    fn guessing_hits_as_often_as_chance_has_it() {
        let rows: Vec<String> = (0..20).map(|person| format!("{{person={},day=0,tries=100000,live_numbers=1000}}", person + 4)).collect();
        let system = system(1, &["authority.cases=[]", &format!("authority.guessing=[{}]", rows.join(","))]);
        let bursts = &system.records.registrations;
        let hits: Vec<&Registration> = bursts.iter().filter(|burst| burst.status == Some(204)).collect();
        assert_eq!(bursts.len(), 20);
        assert!((7..=18).contains(&hits.len()), "{}", hits.len());
        assert!(hits.iter().all(|burst| burst.keys == 14 && burst.requests < 100_000));
        let missed = bursts.iter().filter(|burst| burst.status == Some(406));
        assert!(missed.clone().count() == 20 - hits.len() && missed.clone().all(|burst| (burst.keys, burst.requests) == (0, 100_000)));
        assert_eq!(system.records.keys.len(), 14 * hits.len());
        assert!(system.records.keys.values().all(|key| key.is_false) && system.records.uploads.is_empty());
    }
}

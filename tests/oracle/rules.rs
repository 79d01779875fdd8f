//! What COCOA's releases make of a key (docs/rules.md, facts/cocoa.md).

use cocoasim::time::{DayJst, DayUtc, UnixSeconds};

use super::{
    gaen::{OfKey, ScanInstance},
    world::World,
};

/// A verdict, as in the table `verdicts`.
#[derive(Clone, Debug, Default)]
pub struct Verdict {
    pub score: f64,
    /// What a firing rests on: moments, and seconds of each. Nothing if the rule does not fire.
    scored: Vec<(i64, i64)>,
}

impl Verdict {
    pub fn detected(&self) -> bool {
        !self.scored.is_empty()
    }

    pub fn duration_s(&self) -> i64 {
        self.scored.iter().map(|(_, seconds)| seconds).sum()
    }

    /// The JST day that a firing is credited to: of the two that the UTC day has hours of, the one with most of the seconds scored.
    pub fn day_jst(&self, day: DayUtc) -> DayJst {
        let (first, second) = (day.start().day_jst(), day.end().day_jst());
        let of_second = |t_s: i64| t_s >= second.start().0;
        let second_s: i64 = self.scored.iter().filter(|(t_s, _)| of_second(*t_s)).map(|(_, seconds)| seconds).sum();
        if second_s > self.duration_s() - second_s { second } else { first }
    }
}

/// Configurations of version 1: lowest score; scores by attenuation, duration, days and level.
struct V1 {
    minimum: i64,
    attenuation: [i64; 8],
    duration: [i64; 8],
    days: [i64; 8],
    levels: [i64; 8],
}

const RISING: [i64; 8] = [1, 2, 3, 4, 5, 6, 7, 8];
const UPPER: [i64; 8] = [0, 0, 0, 0, 1, 1, 1, 1];
const V1S: [(&str, V1); 4] = [
    ("1.0.0-1.1.2", V1 { minimum: 1, attenuation: RISING, duration: RISING, days: RISING, levels: RISING }),
    ("1.1.3", V1 { minimum: 1, attenuation: UPPER, duration: UPPER, days: [1; 8], levels: [7; 8] }),
    ("1.1.3-served", V1 { minimum: 21, attenuation: RISING, duration: UPPER, days: [1; 8], levels: [7; 8] }),
    ("1.1.4-1.4.1", V1 { minimum: 21, attenuation: RISING, duration: UPPER, days: [1; 8], levels: [7; 8] }),
];

/// What an app asks before it shows exposures.
#[derive(Clone, Copy, PartialEq)]
enum Gate {
    Match,
    OneReaches,
    EachReaches,
}

/// The rules in the order of the tables; the last is what was on the observer's phone.
pub fn names() -> Vec<String> {
    let mut names = Vec::new();
    for (family, _) in &V1S {
        for (system, level) in [("ios", 0), ("ios", 4), ("android", 0), ("android", 4)] {
            names.push(format!("{family}/{system}/level{level}"));
            if *family == "1.1.4-1.4.1" && system == "ios" {
                names.push(format!("{family}/{system}/level{level}/minutes_under"));
            }
        }
    }
    names.extend(["2.0", "2.0-score-alone", "ministry_continuous", "2.0-draft", "installed"].map(String::from));
    names
}

/// What a rule makes of a key of a UTC day, checked at 12:00 UTC of the next.
pub fn judge(world: &World, rule: &str, observer: usize, day: DayUtc, of_key: &OfKey) -> Verdict {
    if of_key.runs.is_empty() {
        return Verdict::default();
    }
    let scans = || of_key.windows.iter().flatten();
    let parts: Vec<&str> = rule.split('/').collect();
    match parts[..] {
        [_, "ios", _, "minutes_under"] => {
            let under: Vec<(i64, i64)> = scans().filter(|s| s.typical_db <= 63).map(|s| (s.t_s, s.seconds)).collect();
            let seconds: i64 = under.iter().map(|s| s.1).sum();
            Verdict { score: seconds as f64, scored: if seconds > 900 { under } else { Vec::new() } }
        }
        [family, system, level] => {
            let gate = if family == "1.1.4-1.4.1" { Gate::EachReaches } else { Gate::Match };
            v1(family, gate, system == "ios", level[5..].parse().expect("a level"), of_key)
        }
        ["2.0"] => v2(of_key, [46, 60, 65], [1.0, 2.5, 1.3, 0.01], 1350.0, 900),
        ["2.0-score-alone"] => v2(of_key, [46, 60, 65], [1.0, 2.5, 1.3, 0.01], 1350.0, 0),
        ["2.0-draft"] => v2(of_key, [49, 53, 64], [2.5, 1.3, 0.6, 0.01], 1170.0, 0),
        ["ministry_continuous"] => continuous(&scans().copied().collect::<Vec<_>>()),
        _ => installed(world, observer, day, of_key),
    }
}

/// Version 1: each run scores the product of four scores; the key's day lies one day back.
fn v1(family: &str, gate: Gate, ios: bool, level: usize, of_key: &OfKey) -> Verdict {
    let config = &V1S.iter().find(|(name, _)| *name == family).expect("a family").1;
    // An iPhone scores level n with entry n, Android with the one before, and level 0 with 1.
    let of_level = if ios { config.levels[level] } else { level.checked_sub(1).map_or(1, |i| config.levels[i]) };
    let score = |db: i64, duration_s: i64| {
        let attenuation = [73, 63, 51, 33, 27, 15, 10].iter().filter(|edge| db <= **edge).count();
        let duration = [0, 5, 10, 15, 20, 25, 30].iter().filter(|edge| duration_s / 60 > **edge).count();
        let score = config.attenuation[attenuation] * config.duration[duration] * config.days[7] * of_level;
        if score < config.minimum { 0 } else { score }
    };
    let scores: Vec<i64> = of_key.runs.iter().map(|r| score(r.mean_db, r.duration_s)).collect();
    let reaches = |score: i64| score >= config.minimum;
    let asks = gate == Gate::Match || scores.iter().any(|score| reaches(*score));
    let all = !ios && gate != Gate::EachReaches;
    let shown = of_key.runs.iter().zip(&scores).filter(|(_, score)| asks && (all || reaches(**score)));
    // A run's moment is its middle, whole halves added.
    let scored = shown.map(|(r, _)| (r.first_s / 2 + r.last_s / 2, r.duration_s)).collect();
    Verdict { score: scores.iter().copied().max().unwrap_or(0) as f64, scored }
}

/// Version 2: a UTC day's windows, each counted where it begins; seconds weighed by bands of attenuation; and seconds at any.
fn v2(of_key: &OfKey, edges_db: [i64; 3], weights: [f64; 4], score_at_least: f64, seconds_at_least: i64) -> Verdict {
    let day_of = |window: &Vec<ScanInstance>| UnixSeconds(window[0].t_s).day_utc();
    let mut days: Vec<DayUtc> = of_key.windows.iter().map(day_of).collect();
    days.dedup();
    let mut out = Verdict::default();
    for day in days {
        let (mut score, mut scored) = (0.0, Vec::new());
        for window in of_key.windows.iter().filter(|w| day_of(w) == day) {
            let of_band = |band: usize| -> i64 {
                let is_in = |s: &&ScanInstance| edges_db.iter().filter(|edge| s.typical_db > **edge).count() == band;
                window.iter().filter(is_in).map(|s| s.seconds).sum()
            };
            score += (0..4).map(|band| of_band(band) as f64 * weights[band]).sum::<f64>();
            scored.extend(window.iter().map(|s| (s.t_s, s.seconds)));
        }
        out.score = out.score.max(score);
        if score >= score_at_least && scored.iter().map(|s| s.1).sum::<i64>() >= seconds_at_least {
            out.scored.extend(scored);
        }
    }
    out
}

/// 15 minutes of scans up to 63 dB with no other between, and none more than ten minutes after the one before.
fn continuous(scans: &[ScanInstance]) -> Verdict {
    let mut runs: Vec<Vec<(i64, i64)>> = vec![Vec::new()];
    let mut last_s = None;
    for s in scans {
        if s.typical_db > 63 || last_s.is_some_and(|last_s| s.t_s - last_s > 600) {
            runs.push(Vec::new());
        }
        if s.typical_db <= 63 {
            runs.last_mut().expect("one at least").push((s.t_s, s.seconds));
        }
        last_s = Some(s.t_s);
    }
    let seconds = |run: &Vec<(i64, i64)>| run.iter().map(|s| s.1).sum::<i64>();
    let score = runs.iter().map(seconds).max().unwrap_or(0) as f64;
    Verdict { score, scored: runs.into_iter().filter(|run| seconds(run) >= 900).flatten().collect() }
}

/// First days on iPhones and on Android phones, family, and what the release asks (facts/cocoa.md, timeline).
type Release = ((i32, u32, u32), (i32, u32, u32), &'static str, Gate);
const RELEASES: [Release; 8] = [
    ((2020, 6, 19), (2020, 6, 19), "1.0.0-1.1.2", Gate::Match),
    ((2020, 6, 30), (2020, 7, 1), "1.0.0-1.1.2", Gate::Match),
    ((2020, 7, 13), (2020, 7, 14), "1.0.0-1.1.2", Gate::Match),
    ((2020, 9, 8), (2020, 9, 9), "1.1.3", Gate::Match),
    ((2020, 9, 25), (2020, 9, 28), "1.1.4-1.4.1", Gate::OneReaches),
    ((2020, 12, 15), (2020, 12, 15), "1.1.4-1.4.1", Gate::OneReaches),
    ((2021, 2, 18), (2021, 2, 18), "1.1.4-1.4.1", Gate::EachReaches),
    ((2022, 4, 7), (2022, 4, 7), "2.0", Gate::EachReaches),
];

/// What was on a phone, installed in the newest release of that day, when the UTC day ended.
fn installed(world: &World, observer: usize, day: DayUtc, of_key: &OfKey) -> Verdict {
    let (person, today) = (&world.people[observer], day.end().day_jst());
    let began = DayJst::parse(&world.scenario.phones.installed).expect("a day").max(DayJst::of(RELEASES[0].0));
    let has = |r: &&Release| {
        let out = DayJst::of(if person.ios { r.0 } else { r.1 });
        out <= began || out.plus_days(person.lag_days) <= today
    };
    let (.., family, gate) = RELEASES.iter().rev().find(has).expect("the first at least");
    let is_stated = world.json["timeline"].as_array().is_some_and(|changes| !changes.is_empty());
    let level = if is_stated || today >= DayJst::of((2021, 2, 18)) { 4 } else { 0 };
    let served = *family == "1.1.3" && world.json["app"]["configuration_of_1_1_3"] == "served";
    match *family {
        "2.0" => judge(world, "2.0", observer, day, of_key),
        family => v1(if served { "1.1.3-served" } else { family }, *gate, person.ios, level, of_key),
    }
}

//! What COCOA's releases make of a key (docs/rules.md, facts/cocoa.md).

use cocoasim::time::{DayJst, DayUtc, UnixSeconds};

use super::{
    gaen::{OfKey, ScanInstance},
    world::World,
};

/// A verdict, as in the table `verdicts`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Verdict {
    pub detected: bool,
    pub score: f64,
    pub duration_s: f64,
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
            let seconds: i64 = scans().filter(|s| s.typical_db <= 63).map(|s| s.seconds).sum();
            verdict(seconds > 900, seconds as f64, seconds)
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

fn verdict(detected: bool, score: f64, seconds: i64) -> Verdict {
    Verdict { detected, score, duration_s: if detected { seconds as f64 } else { 0.0 } }
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
    let scores: Vec<(i64, i64)> = of_key.runs.iter().map(|r| (score(r.mean_db, r.duration_s), r.duration_s)).collect();
    let reaches = |score: i64| score >= config.minimum;
    let asks = gate == Gate::Match || scores.iter().any(|(score, _)| reaches(*score));
    let all = !ios && gate != Gate::EachReaches;
    let shown: Vec<i64> = scores.iter().filter(|(score, _)| asks && (all || reaches(*score))).map(|(_, seconds)| *seconds).collect();
    verdict(!shown.is_empty(), scores.iter().map(|s| s.0).max().unwrap_or(0) as f64, shown.iter().sum())
}

/// Version 2: a UTC day's windows, each counted where it begins; seconds weighed by bands of attenuation; and seconds at any.
fn v2(of_key: &OfKey, edges_db: [i64; 3], weights: [f64; 4], score_at_least: f64, seconds_at_least: i64) -> Verdict {
    let day_of = |window: &Vec<ScanInstance>| UnixSeconds(window[0].t_s).day_utc();
    let mut days: Vec<DayUtc> = of_key.windows.iter().map(day_of).collect();
    days.dedup();
    let mut out = Verdict::default();
    for day in days {
        let (mut score, mut seconds) = (0.0, 0);
        for window in of_key.windows.iter().filter(|w| day_of(w) == day) {
            let of_band = |band: usize| -> i64 {
                let is_in = |s: &&ScanInstance| edges_db.iter().filter(|edge| s.typical_db > **edge).count() == band;
                window.iter().filter(is_in).map(|s| s.seconds).sum()
            };
            score += (0..4).map(|band| of_band(band) as f64 * weights[band]).sum::<f64>();
            seconds += window.iter().map(|s| s.seconds).sum::<i64>();
        }
        let of_day = verdict(score >= score_at_least && seconds >= seconds_at_least, score, seconds);
        out.detected |= of_day.detected;
        out.score = out.score.max(score);
        out.duration_s += of_day.duration_s;
    }
    out
}

/// 15 minutes of scans up to 63 dB with no other between, and none more than ten minutes after the one before.
fn continuous(scans: &[ScanInstance]) -> Verdict {
    let (mut best, mut shown, mut run_s, mut last_s) = (0, 0, 0, i64::MIN / 2);
    let mut close = |run_s: i64| {
        best = best.max(run_s);
        shown += if run_s >= 900 { run_s } else { 0 };
    };
    for s in scans {
        if s.typical_db > 63 || s.t_s - last_s > 600 {
            close(run_s);
            run_s = 0;
        }
        run_s += if s.typical_db <= 63 { s.seconds } else { 0 };
        last_s = s.t_s;
    }
    close(run_s);
    verdict(shown > 0, best as f64, shown)
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
    let level = match world.json["server"]["key_level"].as_str() {
        Some("level0") => 0,
        Some("by_date") if today < DayJst::of((2021, 2, 18)) => 0,
        _ => 4,
    };
    let served = *family == "1.1.3" && world.json["app"]["configuration_of_1_1_3"] == "served";
    match *family {
        "2.0" => judge(world, "2.0", observer, day, of_key),
        family => v1(if served { "1.1.3-served" } else { family }, *gate, person.ios, level, of_key),
    }
}

//! A made-up run written through the tables, and what the report makes of it.

use std::fs;
use std::path::Path;

use serde_json::json;

use crate::time::DayJst;
use crate::{
    math,
    output::{Batch, ManifestHead, Row, RunFolder, tables},
};

use super::make_report;

const RULES: [(&str, f64, f64); 4] =
    [("v1_1.0.0", 0.97, 0.22), ("v1_1.1.3", 0.04, 0.9), ("v1_1.1.4", 0.62, 0.55), ("v2_2.0.0", 0.71, 0.48)];
const FIRST_DAY: DayJst = DayJst(18_506);

fn rate(k: f64, n: f64) -> Option<[f64; 3]> {
    let p = k / n;
    let half = 1.5 * (p * (1.0 - p) / n).sqrt() + 0.01;
    (n > 0.0).then(|| [p, (p - half).max(0.0), (p + half).min(1.0)])
}

fn accuracy_row(b: &mut Batch, mode: &str, universe: &str, rule: &str, truth: &str, at: (&str, &str), n: [i64; 4]) {
    let mut row = b.row().set("seed", 1i64).set("mode", mode).set("universe", universe).set("rule", rule).set("truth", truth);
    row = row.set("stratum", at.0).set("level", at.1);
    set_rates(row, n);
}

/// Counts and the rates that follow from them.
fn set_rates(mut row: Row<'_>, n: [i64; 4]) {
    let [tp, fp, fn_, tn] = n;
    let f = n.map(|x| x as f64);
    let rates = [
        ("sensitivity", rate(f[0], f[0] + f[2])),
        ("specificity", rate(f[3], f[3] + f[1])),
        ("ppv", rate(f[0], f[0] + f[1])),
        ("npv", rate(f[3], f[3] + f[2])),
        ("f1", rate(2.0 * f[0], 2.0 * f[0] + f[1] + f[2])),
        ("mcc", rate(f[0], f[0] + f[2])),
    ];
    row = row.set("tp", tp).set("fp", fp).set("fn", fn_).set("tn", tn);
    for (name, rate) in rates {
        row = row.set(name, rate.map(|r| r[0]));
        row = row.set(&format!("{name}_lo"), rate.map(|r| r[1])).set(&format!("{name}_hi"), rate.map(|r| r[2]));
    }
}

fn accuracy() -> Batch {
    let mut b = Batch::new(&tables::ACCURACY);
    let headline = ("headline", "outside_home");
    for (rule, sensitivity, ppv) in RULES {
        let counts = |contacts: f64, others: f64| {
            let tp = (contacts * sensitivity).round();
            let fp = (tp / ppv - tp).round().min(others);
            [tp as i64, fp as i64, (contacts - tp) as i64, (others - fp) as i64]
        };
        accuracy_row(&mut b, "as_if", "device", rule, "cumulative_utc", headline, counts(412.0, 12_890.0));
        let [tp, fp, fn_, tn] = counts(412.0, 12_890.0);
        accuracy_row(&mut b, "as_if", "population", rule, "cumulative_utc", headline, [tp, fp, fn_ + 1600, tn + 60_000]);
        accuracy_row(&mut b, "as_if", "device", rule, "cumulative_utc", ("all", "all"), counts(700.0, 14_000.0));
        accuracy_row(&mut b, "as_if", "device", rule, "cumulative_utc", ("beside_headline", "home"), counts(130.0, 900.0));
        for (universe, contacts) in [("device", 9.0), ("population", 21.0)] {
            for at in [("all", "all"), headline, ("beside_headline", "home")] {
                accuracy_row(&mut b, "end_to_end", universe, rule, "cumulative_utc", at, counts(contacts, 80.0));
            }
        }
        for (stratum, levels) in [
            ("duration", &["0-5 min", "5-15 min", "15-30 min", "30-60 min", "over 60 min"][..]),
            ("venue_kind", &["office", "home"][..]),
            ("barrier", &["none", "acrylic", "glass", "plasterboard"][..]),
            ("carriage", &["hand-hand", "hand-front_pocket", "front_pocket-front_pocket", "back_pocket-bag", "table-table"][..]),
            ("os_pair", &["ios>ios", "ios>android", "android>android"][..]),
            ("distance_m", &["0-1", "1-2", "2-5", "5-10", "10-20"][..]),
        ] {
            for (at, level) in levels.iter().enumerate() {
                let contacts = [0.0, 12.0, 80.0, 140.0, 300.0][(at + levels.len()) % 5];
                let places = if stratum == "venue_kind" { vec![""] } else { vec!["", "office/", "home/"] };
                for place in places {
                    let at = (&*format!("{place}{stratum}"), *level);
                    accuracy_row(&mut b, "as_if", "device", rule, "cumulative_utc", at, counts(contacts, 900.0));
                }
            }
        }
    }
    b
}

fn causes() -> Batch {
    let mut b = Batch::new(&tables::CAUSES);
    for (universe, outcome, cause, pairs) in [
        ("device", "missed", "attenuation_too_high_body", 71),
        ("device", "missed", "too_few_scans_heard", 40),
        ("device", "missed", "split_by_utc_midnight", 31),
        ("device", "missed", "rounding_of_durations", 14),
        ("population", "missed", "one_has_no_app", 1300),
        ("population", "missed", "one_has_no_phone", 250),
        ("population", "missed", "bluetooth_off", 50),
        ("population", "missed", "attenuation_too_high_body", 71),
        ("device", "false_alarm", "near_1_to_2_m", 150),
        ("device", "false_alarm", "through_glass", 39),
        ("device", "false_alarm", "shadowing_in_their_favour", 20),
    ] {
        let row = b.row().set("universe", universe).set("rule", "v1_1.1.4").set("truth", "cumulative_utc");
        row.set("outcome", outcome).set("os_pair", "ios>ios").set("cause", cause).set("pairs", pairs as i64);
    }
    b
}

fn roc() -> Batch {
    let mut b = Batch::new(&tables::ROC);
    let logistic = |x: f64| 1.0 / (1.0 + math::exp(-x));
    for threshold in 30..=95 {
        let db = f64::from(threshold);
        let (tp, fp) = ((412.0 * logistic((db - 59.0) / 5.0)) as i64, (12_890.0 * 0.4 * logistic((db - 71.0) / 5.0)) as i64);
        let row = b.row().set("truth", "cumulative_utc").set("stratum", "headline").set("level", "outside_home");
        set_rates(row.set("threshold_db", db), [tp, fp, 412 - tp, 12_890 - fp]);
    }
    b
}

fn attenuation() -> Batch {
    let mut b = Batch::new(&tables::ATTENUATION);
    for (barrier, loss, weight) in [("none", 0.0, 1.0), ("acrylic", 2.0, 0.2), ("glass", 6.0, 0.3), ("plasterboard", 9.0, 0.2)] {
        for bin in 0..24 {
            let (from, to) = (f64::from(bin) * 0.5, f64::from(bin + 1) * 0.5);
            let mean = 52.0 + loss + 24.0 * math::log10((from + to) / 2.0);
            for db in 20..=100_i32 {
                let z = (f64::from(db) - mean) / 7.0;
                let scans = (4000.0 * weight * math::exp(-z * z / 2.0)) as i64;
                let heard = db <= 85;
                if scans > 0 {
                    let row = b.row().set("venue_kind", "office").set("barrier", barrier).set("carriage", "hand-bag");
                    let row = row.set("distance_from_m", from).set("distance_to_m", to);
                    row.set("attenuation_db", heard.then_some(db)).set("scans", scans);
                }
            }
        }
    }
    b
}

/// An office floor of 30 × 18 m with islands of desks, three rooms and somebody on most seats.
fn plan_and_snapshot() -> (Batch, Batch) {
    let (mut plan, mut people) = (Batch::new(&tables::PLAN), Batch::new(&tables::SNAPSHOT));
    let mut shape = |kind: &str, name: Option<&str>, material: Option<&str>, at: [f64; 4]| {
        let row = plan.row().set("venue_kind", "office").set("venue", 0u32).set("shape", kind).set("name", name);
        row.set("material", material).set("x0_m", at[0]).set("y0_m", at[1]).set("x1_m", at[2]).set("y1_m", at[3]);
    };
    for (name, x0, y0, x1, y1) in
        [("open plan", 0.0, 0.0, 30.0, 12.0), ("meeting room A", 0.0, 13.5, 6.0, 18.0), ("pantry", 6.0, 13.5, 12.0, 18.0)]
    {
        shape("room", Some(name), None, [x0, y0, x1, y1]);
    }
    shape("room", Some("glass room"), None, [22.0, 13.5, 30.0, 18.0]);
    for (material, at) in [
        ("concrete", [0.0, 0.0, 30.0, 0.0]),
        ("concrete", [30.0, 0.0, 30.0, 18.0]),
        ("concrete", [30.0, 18.0, 0.0, 18.0]),
        ("concrete", [0.0, 18.0, 0.0, 0.0]),
        ("plasterboard", [0.0, 13.5, 12.0, 13.5]),
        ("plasterboard", [6.0, 13.5, 6.0, 18.0]),
        ("plasterboard", [12.0, 13.5, 12.0, 18.0]),
        ("glass", [22.0, 13.5, 30.0, 13.5]),
        ("glass", [22.0, 13.5, 22.0, 18.0]),
    ] {
        shape("wall", None, Some(material), at);
    }
    let mut person = 0_u32;
    for island in 0..6 {
        let x = 2.0 + f64::from(island) * 4.7;
        for row in 0..8 {
            let y = 1.2 + f64::from(row) * 1.2;
            shape("desk", None, None, [x, y, x + 0.7, y + 1.2]);
            shape("desk", None, None, [x + 0.7, y, x + 1.4, y + 1.2]);
            for (side, seat_x) in [(0, x - 0.35), (1, x + 1.75)] {
                shape("seat", None, None, [seat_x, y + 0.6, seat_x, y + 0.6]);
                if (island + row * 3 + side) % 4 != 0 {
                    let facing = if side == 0 { 0.0 } else { std::f64::consts::PI };
                    let row = people.row().set("t_s", 1_598_925_600_i64).set("venue", 0u32).set("person", person);
                    let row = row.set("x_m", seat_x).set("y_m", y + 0.6).set("facing_rad", facing + 0.3 * math::sin(y));
                    row.set("carriage", "table").set("phone_runs", !person.is_multiple_of(3));
                    person += 1;
                }
            }
        }
        shape("screen", None, Some("acrylic"), [x + 0.7, 1.2, x + 0.7, 10.8]);
    }
    (plan, people)
}

fn funnel() -> Batch {
    let mut b = Batch::new(&tables::FUNNEL);
    let steps = [
        ("cases", "infected", 40_i64, 0_i64, None),
        ("cases", "tested positive", 18, 22, Some("not yet when the run ended")),
        ("cases", "has the app", 9, 9, Some("no app")),
        ("cases", "keys uploaded", 5, 4, Some("did not register")),
        ("phones", "phones that checked keys", 31_000, 0, None),
        ("phones", "phones that showed a contact", 12_000, 19_000, Some("android_never_notifies")),
    ];
    for day in 0..2 {
        for (step, (unit, name, count, lost, why)) in (1u32..).zip(steps) {
            let row = b.row().set("day_jst", FIRST_DAY.plus_days(day)).set("unit", unit).set("step", step).set("name", name);
            row.set("count", count).set("lost", lost).set("why", why).set("is_warm_up", false);
        }
    }
    b
}

fn delays() -> Batch {
    let mut b = Batch::new(&tables::DELAYS);
    for (stage, name, unit, hours) in [(1u32, "infection to onset", "cases", 120.0), (2, "onset to test", "cases", 90.0)] {
        for k in 0..9 {
            b.row().set("stage", stage).set("name", name).set("unit", unit).set("delay_h", hours + 8.0 * f64::from(k));
        }
    }
    b
}

fn timeline() -> Batch {
    let mut b = Batch::new(&tables::TIMELINE);
    let day_s = |day: i32| FIRST_DAY.plus_days(day).start().0;
    for (kind, name, value, system, from_s, until_s) in [
        ("release", "1.1.2", None, Some("ios"), None, Some(day_s(7))),
        ("release", "1.1.3", None, Some("ios"), Some(day_s(7)), None),
        ("setting", "server.key_level", Some("0"), None, None, Some(day_s(5))),
        ("setting", "server.state", Some("up"), None, None, None),
        ("fault", "any_match_shown", Some("F5"), Some("android"), Some(day_s(2)), Some(day_s(9))),
    ] {
        let row = b.row().set("kind", kind).set("name", name).set("value", value).set("system", system);
        row.set("from_s", from_s).set("until_s", until_s);
    }
    b
}

fn people() -> Batch {
    let mut b = Batch::new(&tables::PEOPLE);
    for person in 0..120u32 {
        let row = b
            .row()
            .set("person", person)
            .set("household", person / 2)
            .set("age", 30u32)
            .set("work", "office")
            .set("department", None::<&str>);
        let row = row.set("phone_model", "iphone").set("os", "ios").set("app_version", "1.1.4");
        let row = row.set("os_version", None::<&str>).set("installed_day", DayJst(18_432)).set("consent", "yes").set("bluetooth_on", true);
        row.set("phone_runs", person % 2 == 0);
    }
    b
}

fn contacts() -> Batch {
    let mut b = Batch::new(&tables::CONTACTS);
    for pair in 0..400u32 {
        let row = b.row().set("day_jst", FIRST_DAY).set("a", pair).set("b", pair + 1);
        let row = row.set("venue_kind", if pair % 3 == 0 { "home" } else { "office" }).set("barrier", "none");
        let row = row.set("within_s", 900.0).set("within_before_0900_s", 0.0).set("within_after_0900_s", 900.0);
        let row = row.set("within_ignoring_walls_s", 900.0).set("longest_run_s", 500.0).set("gap_run_s", 800.0);
        let row = row
            .set("near_s", 1000.0)
            .set("min_distance_m", 0.6)
            .set("is_contact_cumulative_jst", pair % 2 == 0)
            .set("is_contact_run", pair % 11 == 0);
        let row = row.set("is_contact_gap", pair % 5 == 0).set("is_contact_cumulative_utc", pair % 2 == 0 && pair % 20 != 0);
        row.set("is_warm_up", false);
    }
    b
}

/// Writes a run with everything in it.
fn sample_run(dir: &Path) -> RunFolder {
    let run = RunFolder::create(dir, false).unwrap();
    let (plan, snapshot) = plan_and_snapshot();
    for table in [people(), accuracy(), causes(), roc(), attenuation(), plan, snapshot, funnel(), delays(), timeline()] {
        run.write_table(&table).unwrap();
    }
    run.write_part(&contacts(), FIRST_DAY).unwrap();
    let summary = json!({
        "scenario": "office",
        "title": "An office floor of 120 people",
        "first_day_jst": "2020-09-01",
        "days": 14,
        "headline": {
            "rule": "v1_1.1.4",
            "title": "COCOA 1.1.4 on iPhones",
            "asks": "up to 63 dB for more than 15 minutes",
            "dates": "releases of 25/28 September 2020 to April 2022",
            "had": "Nobody had this release yet in 1-14 September 2020.",
            "sensitivity": 0.62,
        },
        "contact": { "radius_m": 1.0, "minutes": 15.0 },
        "reach_m": 11.53,
        "interval": "95 %, delete-a-group jackknife over people",
        "rules": [{ "rule": "v1_1.1.4", "means": "up to 63 dB for more than 15 minutes" }],
        "contacts_bridge": [{ "step": "jst_days", "text": "pairs and JST days", "count": 1234 }],
        "contact_rates": [
            { "place": "outside_home", "person_hours": 4321.5, "contacts": 412, "per_person_hour": 0.0953 },
            { "place": "meeting_hall", "person_hours": 0.0, "contacts": 0 },
        ],
        "notes": ["A note with <angle brackets> & an ampersand."],
    });
    run.write_summary(&summary).unwrap();
    run.write_manifest(ManifestHead { seed: 1, holds_worlds: false, scenario: &json!({ "name": "office", "days": 14 }), inputs: &[] })
        .unwrap();
    run
}

/// The same as a run of a city: two venues are shown, and people's stays are known.
fn sample_city(dir: &Path) -> RunFolder {
    let run = sample_run(dir);
    let (mut plan, mut snapshot) = plan_and_snapshot();
    let row = plan
        .row()
        .set("venue_kind", "izakaya")
        .set("venue", 9u32)
        .set("shape", "room")
        .set("name", "izakaya")
        .set("material", None::<&str>);
    row.set("x0_m", 0.0).set("y0_m", 0.0).set("x1_m", 9.0).set("y1_m", 10.0);
    let row = snapshot.row().set("t_s", 1_598_958_000_i64).set("venue", 9u32).set("person", 4u32).set("x_m", 2.0).set("y_m", 3.0);
    row.set("facing_rad", 0.0).set("carriage", "hand").set("phone_runs", true);
    run.write_table(&plan).unwrap();
    run.write_table(&snapshot).unwrap();
    let mut visits = Batch::new(&tables::VISITS);
    for person in 0..120u32 {
        for (venue, kind, from_h, until_h) in [(100 + person / 2, "home", 0, 8), (0, "office", 9, 18), (9, "izakaya", 19, 21)] {
            if venue != 9 || person < 3 {
                let row = visits.row().set("person", person).set("venue", venue).set("venue_kind", kind);
                let at_s = |hour: i64| FIRST_DAY.start().0 + 3600 * hour;
                row.set("start_s", at_s(from_h)).set("end_s", at_s(until_h)).set("group", None::<u32>).set("is_warm_up", false);
            }
        }
    }
    run.write_part(&visits, FIRST_DAY).unwrap();
    let scenario = json!({ "name": "city", "days": 14, "mobility": { "source": "city", "non_home_scale": 0.5 } });
    run.write_manifest(ManifestHead { seed: 1, holds_worlds: false, scenario: &scenario, inputs: &[] }).unwrap();
    run
}

fn figure_names(run: &RunFolder) -> Vec<String> {
    let dir = run.path().join("figures");
    let Ok(entries) = fs::read_dir(dir) else { return Vec::new() };
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_full_run_gives_every_figure_and_a_page_that_needs_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let run = sample_run(dir.path());
    make_report(run.path()).unwrap();
    let figures = [
        "attenuation-office.svg",
        "causes.svg",
        "contacts.svg",
        "delays.svg",
        "floor.svg",
        "funnel.svg",
        "roc.svg",
        "rules.svg",
        "strata-home.svg",
        "strata-office.svg",
        "timeline.svg",
    ];
    assert_eq!(figure_names(&run), figures);
    let html = fs::read_to_string(run.path().join("report.html")).unwrap();
    // Each for a wide column and for a narrow one.
    assert_eq!(html.matches("<svg ").count(), 2 * figures.len());
    for paint in ["fill", "stroke"] {
        let painted = format!(" {paint}=\"#");
        for color in html.split(&painted).skip(1).map(|rest| &rest[..6]) {
            assert!(html.contains(&format!("figure [{paint}=\"#{color}\"]")), "{paint} #{color} has no colour in the dark");
        }
    }
    assert!(html.contains(
        "<b>COCOA 1.1.4 on iPhones</b> (up to 63 dB for more than 15 minutes; releases of 25/28 September 2020 to April 2022), run on every \
         phone, found <b>62 %</b> (57–66 %, this world) of the true contacts outside the home"
    ));
    assert!(html.contains("Nobody had this release yet in 1-14 September 2020. <code>v1_1.1.4</code></p>"));
    assert!(html.contains("<th scope=\"row\">Pairs and JST days</th><td>1,234</td>"));
    assert!(html.contains("<li><b>0.095</b> <a href=\"#def-contact-rate\">"), "contacts a person-hour");
    assert!(html.contains("<th scope=\"row\">Outside home</th><td>4,322</td><td>412</td><td>0.095<small></small></td>"));
    assert!(html.contains("<th scope=\"row\">Meeting hall</th><td>0</td><td>0</td><td>–<small></small></td>"), "nobody's time");
    assert!(html.contains("it found <b>13 %</b>") && html.contains("At home it found 62 % of 130 contacts"));
    assert!(html.contains("attenuation too high body: 71 (46 %): 71 ios&gt;ios."), "causes by operating systems");
    assert!(html.contains("1.1.2 on iPhones: until 8 Sep 2020. 1.1.3 on iPhones: from 8 Sep 2020."), "releases along the run");
    assert!(
        html.contains("server.key_level = 0: until 6 Sep 2020. Known faults. F5 any match shown on Android: 3 Sep 2020 to 10 Sep 2020.")
    );
    assert!(!html.contains("server.state"), "it held all the time");
    assert!(!html.contains("Nothing to show"));
    assert!(html.contains("&lt;angle brackets&gt; &amp; an ampersand"));
    for outside in ["src=", "url(", "<script", "@import"] {
        assert!(!html.contains(outside), "{outside} reaches outside the page");
    }
    for link in html.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap_or_default()) {
        let id = link.strip_prefix('#').unwrap_or_else(|| panic!("{link} reaches outside the page"));
        assert_eq!(html.matches(&format!(" id=\"{id}\"")).count(), 1, "{link} leads to one place");
    }
}

/// What people's days were like is told of a city, and each of the venues shown is drawn.
#[test]
fn a_city_has_figures_of_its_peoples_days_and_of_several_venues() {
    let dir = tempfile::tempdir().unwrap();
    let run = sample_city(dir.path());
    make_report(run.path()).unwrap();
    let names = figure_names(&run);
    for figure in [
        "day.svg",
        "degrees-days.svg",
        "degrees-places.svg",
        "degrees-work.svg",
        "durations-badges.svg",
        "durations-places.svg",
        "floor-izakaya.svg",
        "floor-office.svg",
    ] {
        assert!(names.iter().any(|name| name == figure), "no {figure} in {names:?}");
    }
    let html = fs::read_to_string(run.path().join("report.html")).unwrap();
    assert!(html.contains("<h3>Person 0, 30 years, an iPhone with 1.1.4, on 2020-09-01</h3>"), "who runs the app and was in three places");
    assert!(html.contains("home: 8 h. office: 9 h. izakaya: 2 h."), "where");
    assert!(html.contains("person 1, 30 years, same household: 15 min, no app."), "with whom");
    assert!(html.contains("UTC day until 09:00: not known."), "the table verdicts was not written");
    // 400 pairs of neighbours by number meet on one of fourteen days, of which ten are working days; 120 of their people are known.
    assert!(html.contains("working days: 0.2 on average; half have 0 or more"), "with how many");
    assert!(html.contains("home: 100 % of 15 min or more; half have"), "how long");
    assert!(html.contains("87 % at 15 min"), "beside the survey's");
    assert!(html.contains("<h3>Izakaya: 1 person at 2020-09-01 20:00 JST</h3>"));
    assert!(!html.contains("Nothing to show"));
}

/// What stands in each row's head of each table of a page, without tags.
fn row_labels(html: &str) -> Vec<Vec<String>> {
    let between = |text: &str, open: &str, close: &str| -> Vec<String> {
        text.split(open).skip(1).map(|rest| rest.split(close).next().unwrap_or_default().to_owned()).collect()
    };
    let text = |html: String| {
        let mut is_tag = false;
        html.chars()
            .filter(|c| {
                is_tag = *c == '<' || is_tag && *c != '>';
                !is_tag && *c != '>'
            })
            .collect::<String>()
    };
    between(html, "<table>", "</table>")
        .iter()
        .map(|table| between(table, "<th scope=\"row\">", "</th>").into_iter().map(text).collect())
        .collect()
}

/// Rows of one table differ in what a reader sees; end to end names whom each row is about and where.
#[test]
fn no_two_rows_of_a_table_have_one_name() {
    let dir = tempfile::tempdir().unwrap();
    let run = sample_run(dir.path());
    make_report(run.path()).unwrap();
    let tables = row_labels(&fs::read_to_string(run.path().join("report.html")).unwrap());
    assert_eq!(tables.len(), 5, "rules of two universes, end to end, the bridge, and contacts by time spent");
    for labels in &tables {
        let distinct: std::collections::BTreeSet<&String> = labels.iter().collect();
        assert_eq!(distinct.len(), labels.len(), "{labels:?}");
    }
    assert_eq!(tables[2].len(), 4 * RULES.len());
    for label in ["Pairs of running phones, outside the home", "Everybody, outside the home", "Everybody, at home"] {
        assert!(tables[2].iter().any(|name| name.starts_with(label)), "{label}: {:?}", tables[2]);
    }
}

/// The headline, why it missed, every rule, the rest, and at the end what words mean; three depths of headings at most.
#[test]
fn the_page_begins_with_the_answer_and_ends_with_definitions() {
    let dir = tempfile::tempdir().unwrap();
    let run = sample_run(dir.path());
    make_report(run.path()).unwrap();
    let html = fs::read_to_string(run.path().join("report.html")).unwrap();
    let order = [
        "<header>",
        "<h1>",
        "<nav ",
        "<main>",
        "id=\"answer\"",
        "id=\"causes\"",
        "id=\"rules\"",
        "id=\"end-to-end\"",
        "id=\"contacts\"",
        "id=\"strata\"",
        "id=\"notes\"",
        "id=\"definitions\"",
        "</main>",
        "<footer>",
        "</footer>",
    ];
    let places: Vec<usize> = order.iter().map(|part| html.find(part).unwrap_or_else(|| panic!("no {part}"))).collect();
    assert!(places.is_sorted(), "{places:?}");
    for once in ["<h1>", "<main>", "<header>", "<nav ", "<footer>"] {
        assert_eq!(html.matches(once).count(), 1, "{once}");
    }
    assert!(!html.contains("<h4"));
}

/// Figures that two rules have alike stand once, under both names.
#[test]
fn rules_with_the_same_figures_share_a_row_of_the_page() {
    let dir = tempfile::tempdir().unwrap();
    let run = RunFolder::create(dir.path(), false).unwrap();
    let mut b = Batch::new(&tables::ACCURACY);
    for (rule, tp) in [("1.1.4-1.4.1/ios/level0", 5), ("1.1.4-1.4.1/ios/level4", 5), ("2.0", 9)] {
        accuracy_row(&mut b, "as_if", "device", rule, "cumulative_utc", ("headline", "outside_home"), [tp, 3, 10 - tp, 80]);
    }
    run.write_table(&b).unwrap();
    make_report(dir.path()).unwrap();
    let html = fs::read_to_string(dir.path().join("report.html")).unwrap();
    assert_eq!(row_labels(&html)[0], ["1.1.4-1.4.1", "2.0"]);
    assert!(html.contains(">1.1.4-1.4.1: 5 of 10 found. 2.0: 9 of 10 found.</desc>"), "the figure has a row each too");
}

#[test]
fn the_same_run_gives_the_same_bytes_again() {
    let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let read = |dir: &Path| {
        let run = sample_run(dir);
        make_report(dir).unwrap();
        make_report(dir).unwrap();
        let mut bytes = fs::read(dir.join("report.html")).unwrap();
        figure_names(&run).iter().for_each(|name| bytes.extend(fs::read(dir.join("figures").join(name)).unwrap()));
        bytes
    };
    assert_eq!(read(a.path()), read(b.path()));
}

#[test]
fn empty_tables_and_no_summary_say_why_there_is_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let run = RunFolder::create(dir.path(), false).unwrap();
    for table in tables::ALL.iter().filter(|table| !table.day_parts) {
        run.write_table(&Batch::new(table)).unwrap();
    }
    make_report(dir.path()).unwrap();
    assert_eq!(figure_names(&run), Vec::<String>::new());
    let html = fs::read_to_string(dir.path().join("report.html")).unwrap();
    assert!(html.matches("Nothing to show").count() >= 8);
    assert!(html.contains("no headline to give"));
}

#[test]
fn missing_tables_are_as_good_as_empty_ones_and_damaged_ones_are_errors() {
    let dir = tempfile::tempdir().unwrap();
    assert!(make_report(dir.path()).is_err(), "a folder without a run");
    let run = RunFolder::create(dir.path(), false).unwrap();
    make_report(dir.path()).unwrap();
    fs::write(run.path().join("roc.parquet"), b"PAR1").unwrap();
    assert!(make_report(dir.path()).unwrap_err().to_string().contains("roc.parquet is damaged"));
    fs::remove_file(run.path().join("roc.parquet")).unwrap();
    fs::write(run.path().join("summary.json"), b"{\"days\": \"many\"}").unwrap();
    assert!(make_report(dir.path()).unwrap_err().to_string().contains("summary.json"));
}

#[test]
fn a_run_in_which_nobody_met_has_a_report() {
    let dir = tempfile::tempdir().unwrap();
    let run = RunFolder::create(dir.path(), false).unwrap();
    let mut b = Batch::new(&tables::ACCURACY);
    accuracy_row(&mut b, "as_if", "device", "only", "cumulative_utc", ("headline", "outside_home"), [0, 0, 0, 0]);
    run.write_table(&b).unwrap();
    make_report(dir.path()).unwrap();
    let html = fs::read_to_string(dir.path().join("report.html")).unwrap();
    assert!(html.contains("had nothing to find") && !html.contains("NaN"));
}

//! Venue kinds from the shell: those that come with the program, and one's own.

use std::{
    collections::BTreeSet,
    fs,
    path::Path,
    process::{Command, Output},
};

fn cocoasim(args: &[&str]) -> Output {
    Command::new(assert_cmd::cargo::cargo_bin("cocoasim")).args(args).output().expect("the binary runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("text")
}

fn draw(kind: &str, figure: &Path, more: &[&str]) -> Output {
    cocoasim(&[&["draw", "venue", kind, "--figure", figure.to_str().expect("text")], more].concat())
}

/// Marks of a colour in a figure: of discs, of lines.
fn marks(svg: &str, shape: &str, color: &str) -> usize {
    svg.split('<').filter(|tag| tag.starts_with(shape) && tag.to_lowercase().contains(color)).count()
}

#[test]
fn every_kind_is_listed_and_drawn() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let listed = text(&cocoasim(&["list", "venues"]).stdout);
    let names: Vec<&str> = listed.lines().map(|line| line.split_once("  ").expect("two spaces").0).collect();
    assert!(names.is_sorted() && ["classroom", "restaurant", "train_e233", "ward"].iter().all(|name| names.contains(name)), "{listed}");
    for name in names {
        let figure = dir.path().join(format!("{name}.svg"));
        let output = draw(name, &figure, &[]);
        assert!(output.status.success(), "{name}: {}", text(&output.stderr));
        let svg = fs::read_to_string(&figure).expect("a figure");
        assert!(svg.starts_with("<svg") && svg.contains("x and y in m") && svg.contains("Seed 1"), "{name}");
        let again = dir.path().join("again.svg");
        assert!(draw(name, &again, &["--overwrite"]).status.success());
        assert_eq!(fs::read_to_string(&again).expect("a figure"), svg, "the same venue again");
    }
    // 54 seats, and the dot of the legend that says what they are.
    let train = fs::read_to_string(dir.path().join("train_e233.svg")).expect("a figure");
    assert_eq!(marks(&train, "circle", "#b3bac4"), 55);
    let output = draw("classroom", &dir.path().join("classroom.svg"), &[]);
    assert_eq!((output.status.code(), text(&output.stderr).contains("the file is there already")), (Some(2), true));
}

/// As a new user does: copy a kind, move the tables, add screens.
#[test]
fn a_copied_kind_takes_other_tables_and_screens() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let built_in = include_str!("../scenarios/venues/restaurant.toml");
    let (mine, figure) = (dir.path().join("mine.toml"), dir.path().join("mine.svg"));
    let changed =
        built_in.replace("name = \"restaurant\"", "name = \"my_restaurant\"").replace("partition = \"\"", "partition = \"acrylic\"");
    assert!(changed.contains("partition = \"acrylic\""));
    fs::write(&mine, &changed).expect("a file");
    let output = draw(mine.to_str().expect("text"), &figure, &["--seed", "3"]);
    assert!(output.status.success() && text(&output.stderr).starts_with("my_restaurant: "), "{}", text(&output.stderr));
    let with = fs::read_to_string(&figure).expect("a figure");
    assert!(draw("restaurant", &figure, &["--seed", "3", "--overwrite"]).status.success());
    let without = fs::read_to_string(&figure).expect("a figure");
    assert!(with.contains("acrylic") && !without.contains("acrylic"));

    // Everything wrong at once, each with its line, and nothing written.
    let bad = changed.replace("\"acrylic\"", "\"acryl\"").replace("environment = \"restaurant\"", "environment = \"restorant\"").replacen(
        "chairs_a_side = 2",
        "chairs_a_side = 9",
        1,
    );
    fs::write(&mine, &bad).expect("a file");
    let figure = dir.path().join("bad.svg");
    let output = draw(mine.to_str().expect("text"), &figure, &[]);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2));
    assert!(!figure.exists());
    let line = |key: &str| 1 + bad.lines().position(|line| line.starts_with(key)).expect("the key is there");
    for expected in [
        format!(
            "mine.toml:{}: floor.environment = \"restorant\": no environment of this name\n    did you mean restaurant?",
            line("environment")
        ),
        format!("mine.toml:{}: tables[0].partition = \"acryl\": no material of this name\n    did you mean acrylic?", line("partition")),
        format!("mine.toml:{}: tables[0]: two of its seats are 0.13 m apart", line("[[tables]]")),
    ] {
        assert!(said.contains(&expected), "{expected}\nis not in\n{said}");
    }
}

fn summary(out: &Path) -> serde_json::Value {
    serde_json::from_slice(&fs::read(out.join("summary.json")).expect("a summary")).expect("it is JSON")
}

/// A scenario of one's own kind: the tables are moved together, and more people are within 1 m.
#[test]
fn people_visit_a_kind_of_ones_own() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (kind, scenario) = (dir.path().join("narrow.toml"), dir.path().join("mine.toml"));
    let built_in = include_str!("../scenarios/venues/restaurant.toml");
    let narrow = built_in
        .replace("name = \"restaurant\"", "name = \"narrow\"")
        .replace("seat_from_edge_m = { mean_m = 0.3, sd_m = 0.025 }", "seat_from_edge_m = 0.1");
    fs::write(&kind, narrow).expect("a file");
    let text = include_str!("../scenarios/restaurant.toml")
        .replace("kind = \"restaurant\"", "kind = \"narrow\"")
        .replace("name = \"restaurant\"", "name = \"mine\"")
        + "\n[venue]\nkinds = [\"narrow.toml\"]\n";
    fs::write(&scenario, text).expect("a file");
    let contacts = |scenario: &str, name: &str| {
        let out = dir.path().join(name);
        let output = cocoasim(&["run", scenario, "--quiet", "--out", out.to_str().expect("text")]);
        assert!(output.status.success(), "{}", text_of(&output));
        let headline = &summary(&out)["headline"];
        let count = |key: &str| headline[key].as_u64().expect("a count");
        (count("tp") + count("fn"), out)
    };
    let (usual, _) = contacts("restaurant", "usual");
    let (close, out) = contacts(scenario.to_str().expect("text"), "close");
    // Who faces each other sits 1.33 m apart, or 0.93 m.
    assert!(usual > 300 && close > usual * 3 / 2, "{usual} and {close}");
    let manifest: serde_json::Value = serde_json::from_slice(&fs::read(out.join("manifest.json")).expect("a file")).expect("it is JSON");
    assert_eq!((&manifest["inputs"][0]["key"], &manifest["inputs"][0]["path"]), (&"venue.kinds[0]".into(), &"narrow.toml".into()));
    let people = cocoasim::output::read_table(&out, &cocoasim::output::tables::VISITS).expect("a table");
    assert!((0..people.rows()).all(|row| people.text("venue_kind").get(row) == "narrow"));
    let page = fs::read_to_string(out.join("report.html")).expect("a page");
    assert!(page.contains("The floor, its barriers and its people"));
}

/// Three stops, at 8:00, 8:12 and 8:21, and four people in two seats and on 0.18 m2 beside them: one rides all the way, two to the middle, one from there.
/// Their six pairs share 720, 540, 720, 0, 720 and 0 seconds, and no one of them a second more.
#[test]
fn people_of_a_line_share_the_time_that_the_timetable_gives_them() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let kind = "name = \"tram\"\ndescription = \"\"\n[floor]\nwidth_m = 4.0\ndepth_m = 2.0\nenvironment = \"train\"\n\
        [[doors]]\nat_m = [0.0, 1.0]\nwidth_m = 0.8\n[[benches]]\nfirst_m = [1.0, 1.0]\ngrid = { columns = 1, rows = 1, pitch_x_m = 1.0, pitch_y_m = 1.0 }\nseats = 2\npitch_m = 0.6\n\
        facing = \"up\"\n[[standing]]\nlow_m = [1.0, 1.3]\nhigh_m = [1.6, 1.6]\n[[roles]]\nname = \"rider\"\n\
        model = { ride = { on = [\"bench\"], seat_within_m = 1.5, most_per_m2 = 10.0 } }\n";
    fs::write(dir.path().join("tram.toml"), kind).expect("a file");
    let ride = |(from, to): (&str, &str)| format!("{{ role = \"rider\", people = 1, from = \"{from}\", to = \"{to}\" }}");
    let rides = [("A", "C"), ("A", "B"), ("B", "C"), ("A", "B")].map(ride).join(", ");
    let scenario = format!(
        "[run]\nname = \"tram\"\ndescription = \"\"\ndays = 2\n[population]\nworkers = 4\ndepartments = 1\n[authority]\ncases = []\n[venue]\nkinds = [\"tram.toml\"]\n[mobility]\nsource = \"venues\"\n\
         [[mobility.venues]]\nkind = \"tram\"\nnumber = 1\nroles = [{rides}]\n[mobility.venues.line]\n\
         stops = [{{ name = \"A\", at_h = 8.0 }}, {{ name = \"B\", at_h = 8.2 }}, {{ name = \"C\", at_h = 8.35 }}]\n"
    );
    let (file, out) = (dir.path().join("tram-line.toml"), dir.path().join("out"));
    fs::write(&file, scenario).expect("a file");
    let output = cocoasim(&["run", file.to_str().expect("text"), "--quiet", "--out", out.to_str().expect("text")]);
    assert!(output.status.success(), "{}", text_of(&output));
    let people = cocoasim::output::read_table(&out, &cocoasim::output::tables::VISITS).expect("a table");
    let riders: BTreeSet<u32> = (0..people.rows()).map(|row| people.u32("person")[row]).collect();
    let number = |person: u32| riders.iter().position(|rider| *rider == person).expect("a rider");
    let contacts = cocoasim::output::read_table(&out, &cocoasim::output::tables::CONTACTS).expect("a table");
    let shared: BTreeSet<(usize, usize, i64)> = (0..contacts.rows())
        .map(|row| (number(contacts.u32("a")[row]), number(contacts.u32("b")[row]), contacts.f64("within_s")[row].round() as i64))
        .collect();
    assert_eq!((riders.len(), contacts.rows()), (4, 8));
    assert_eq!(shared, [(0, 1, 720), (0, 2, 540), (0, 3, 720), (1, 3, 720)].into());
}

fn text_of(output: &Output) -> String {
    text(&output.stderr)
}

/// Of a kind's file, everything wrong with its roles at once; what has a wrong form hides what would be wrong with it otherwise.
#[test]
fn faults_of_roles_name_file_line_key_and_the_nearest_name() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let said = |changes: &[(&str, &str)]| {
        let mut text = include_str!("../scenarios/venues/restaurant.toml").to_string();
        for (from, to) in changes {
            assert!(text.contains(from), "{from}");
            text = text.replacen(from, to, 1);
        }
        let (kind, figure) = (dir.path().join("mine.toml"), dir.path().join("mine.svg"));
        fs::write(&kind, &text).expect("a file");
        let output = draw(kind.to_str().expect("text"), &figure, &[]);
        assert!(output.status.code() == Some(2) && !figure.exists(), "{}", text_of(&output));
        (text, text_of(&output))
    };
    let line = |text: &str, of: &str| 1 + text.lines().position(|line| line.contains(of)).expect("the line is there");

    let (text, told) = said(&[
        ("model = { queue = {} }", "model = { quueue = {} }"),
        ("model = { post = { at = [2] } }", "model = { post = { on = [2] } }"),
    ]);
    let expected =
        format!("mine.toml:{}: roles[1].model: none of the forms that it may have\n    did you mean queue? write", line(&text, "quueue"));
    assert!(told.contains(&expected), "{told}");
    let expected = format!("mine.toml:{}: roles[3].model.post.on = [2]: unknown key", line(&text, "on = [2]"));
    assert!(told.contains("roles[3].model.post.on") && told.contains(expected.rsplit_once(" = ").expect("it has a value").0), "{told}");

    let (text, told) = said(&[
        ("on = [\"table\"]", "on = [\"bench\"]"),
        ("then = \"waiting\"", "then = \"wating\""),
        (
            "name = \"cashier\"",
            "name = \"cashier\"\ncarriage = { hand = 0, front_pocket = 0, back_pocket = 0, bag = 0, table = 0, ear = 0 }",
        ),
        ("at = [3, 4]", "at = [3, 5]"),
    ]);
    for (of, expected) in [
        ("on = [\"bench\"]", "roles[0].model.seats: the kind has no seats of these uses"),
        ("then = ", "roles[0].then = \"wating\": no role of this name\n    did you mean waiting?"),
        ("carriage = ", "roles[3].carriage: not weights"),
        ("at = [3, 5]", "roles[4].model.post.at: none, or one that the kind does not have"),
    ] {
        let expected = format!("mine.toml:{}: {expected}", line(&text, of));
        assert!(told.contains(&expected), "{expected}\nis not in\n{told}");
    }
    assert!(told.contains("4 faults"), "{told}");

    let (_, told) = said(&[("then = \"waiting\"", "then = \"waiting\"\ncarriage = { hand = 1.0 }")]);
    assert!(
        ["front_pocket", "back_pocket", "bag", "table", "ear"].iter().all(|key| told.contains(&format!("key {key} is missing"))),
        "{told}"
    );
}

/// People sit, stand and work there; the same ones for the same seed.
#[test]
fn a_full_venue_is_drawn_with_its_people() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let place = |name: &str| dir.path().join(name);
    let (ink, full) = ("#1f2933", ["--occupied", "--seed", "3"]);
    let drawn = |name: &str, more: &[&str]| {
        let output = draw("restaurant", &place(name), more);
        assert!(output.status.success(), "{}", text_of(&output));
        (fs::read_to_string(place(name)).expect("a figure"), text_of(&output))
    };
    let (empty, _) = drawn("empty.svg", &["--seed", "3"]);
    let (svg, told) = drawn("full.svg", &full);
    // 42 guests at tables, four in line, five people at their posts, and the dot of the legend.
    assert_eq!((marks(&empty, "circle", ink), marks(&svg, "circle", ink)), (0, 52), "{told}");
    assert!(told.contains("42 seats, 51 people") && svg.contains("person, 0.5 m wide"), "{told}");
    assert_eq!(drawn("again.svg", &full).0, svg);
    assert_ne!(drawn("other.svg", &["--occupied", "--seed", "4"]).0, svg);
    let output = draw("restaurant", &place("full.svg"), &["--occupied", "--seed", "4"]);
    assert_eq!((output.status.code(), text_of(&output).contains("the file is there already")), (Some(2), true));
    assert_eq!(fs::read_to_string(place("full.svg")).expect("a figure"), svg, "it is left as it was");
}

#[test]
fn faults_of_visits_name_their_keys() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let check = |change: (&str, &str), sets: &[&str]| {
        let scenario = dir.path().join("bad.toml");
        let text = include_str!("../scenarios/restaurant.toml").replace(change.0, change.1);
        fs::write(&scenario, &text).expect("a file");
        let output = cocoasim(&[&["check", scenario.to_str().expect("text")], sets].concat());
        assert_eq!(output.status.code(), Some(2));
        text_of(&output)
    };
    for (change, sets, expected) in [
        (
            ("kind = \"restaurant\"", "kind = \"restorant\""),
            &[][..],
            "mobility.venues[0].kind = \"restorant\": no venue kind of this name\n    did you mean restaurant?",
        ),
        (("kind = \"restaurant\"", "kind = \"mine.toml\""), &[], "list the file in venue.kinds and give its name here"),
        (
            ("role = \"waiter\"", "role = \"waitter\""),
            &[],
            "mobility.venues[0].roles[2].role = \"waitter\": the kind restaurant has no such role\n    did you mean waiter?",
        ),
        (("workers = 750", "workers = 20"), &[], "population.workers = 20: the venues have 750 people, and 20 are there to visit them"),
        (("arrives_h = [11.5, 13.0]", "arrives_h = [13.0, 11.5]"), &[], "mobility.venues[0].roles[0].arrives_h: not a span of a day"),
        (
            ("stay_sd_min = 10.0", "stay_sd_min = 30.0"),
            &[],
            "mobility.venues[0].roles[0].stay_sd_min = 30.0: a stay could come to less than a minute",
        ),
        (("group_shares = [0.3, 0.4, 0.1, 0.2]", "group_shares = [0.0]"), &[], "mobility.venues[0].roles[0].group_shares: no shares"),
        (("people = 60", "people = 60000"), &[], "mobility.venues[0].roles: 120005 people in one venue"),
        (("", ""), &["--set", "mobility.venues=[]"], "mobility.venues: no venue is stated"),
        (
            ("stay_min = 660.0", "from = \"A\""),
            &[],
            "mobility.venues[0].roles[2].from = \"A\": a ride without a line\n    add line with its stops",
        ),
        (("stay_min = 660.0", "weekdays_only = true"), &[], "mobility.venues[0].roles[2]: key stay_min is missing\n    state stay_min"),
        (
            ("number = 6", "number = 6\ncongestion = 1.0"),
            &[],
            "mobility.venues[0].congestion = 1.0: without a line\n    add line with its stops",
        ),
    ] {
        let said = check(change, sets);
        assert!(said.contains(expected), "{expected}\nis not in\n{said}");
    }
}

/// Everything that a line can contradict, at once; and what only its kind can.
#[test]
fn faults_of_lines_name_their_keys() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let check = |changes: &[(&str, &str)], sets: &[&str], expected: &[&str]| {
        let scenario = dir.path().join("bad.toml");
        let of_scene = include_str!("../scenarios/train.toml").to_string();
        let text = changes.iter().fold(of_scene, |text, (from, to)| {
            assert!(text.contains(from), "{from}");
            text.replacen(from, to, 1)
        });
        fs::write(&scenario, &text).expect("a file");
        let output = cocoasim(&[&["check", scenario.to_str().expect("text")], sets].concat());
        let said = text_of(&output);
        assert_eq!(output.status.code(), Some(2), "{said}");
        for expected in expected {
            assert!(said.contains(&format!("mobility.venues[0].{expected}")), "{expected}\nis not in\n{said}");
        }
        assert!(said.contains(&format!("\n{} fault", expected.len())), "{said}");
    };
    let changes = [
        ("from = \"A\", to = \"H\"", "from = \"Ab\", to = \"H\""),
        ("from = \"A\", to = \"G\"", "from = \"G\", to = \"G\""),
        ("from = \"A\", to = \"F\"", "from = \"F\", to = \"E\""),
        ("from = \"A\", to = \"D\"", "from = \"A\""),
        ("from = \"B\", to = \"H\"", "from = \"B\", to = \"H\", stay_min = 30.0"),
        ("from = \"B\", to = \"G\"", "from = \"H\", to = \"A\", arrives_h = [8.0, 9.0]"),
        ("name = \"C\"", "name = \"D\""),
        ("at_h = 8.2 ", "at_h = 8.05 "),
    ];
    check(
        &changes,
        &[],
        &[
            "roles[0].from = \"Ab\": the line has no such stop\n    did you mean A? use one of A, B, D, D, E, F, G, H",
            "roles[1].to = \"G\": where they board\n    use one of H\n",
            "roles[2].to = \"E\": before they board\n    use one of G, H\n",
            "roles[3]: key to is missing\n    state to, a stop of the line",
            "roles[4].stay_min = 30.0: on a line people ride from stop to stop\n    use from and to, or take line out",
            "roles[5].arrives_h: on a line people ride from stop to stop",
            "roles[5].to = \"A\": before they board\n    let them board before the last stop",
            "roles[8].from = \"C\": the line has no such stop",
            "roles[9].from = \"C\": the line has no such stop",
            "line.stops[3].name = \"D\": no name, or that of another stop\n    give each stop its own name",
            "line.stops[5].at_h = 8.05: not after \"E\", the stop before it\n    write stops in order of time: more than 8.05",
        ],
    );
    let congestion =
        "congestion = 2.2: 352 people are needed between E and F, and on average at most 320 come\n    have 398 people in the roles";
    check(&[], &["--set", "mobility.venues[0].congestion=2.2"], &[congestion]);
    let unrated = include_str!("../scenarios/venues/train_e233.toml").replace("nominal_people = 160", "# ");
    let file = dir.path().join("my_train.toml");
    fs::write(&file, unrated).expect("a file");
    let listed = format!("venue.kinds=[\"{}\"]", file.display());
    check(&[], &["--set", &listed], &["congestion = 1.07: the kind train_e233 does not say how many people are its nominal load"]);
}

/// Files that are listed are kinds by their names, in place of those of the program; every fault of theirs is told with those of the
/// scenario.
#[test]
fn listed_files_are_kinds_by_name() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let built_in = include_str!("../scenarios/venues/restaurant.toml");
    let scenario = dir.path().join("mine.toml");
    let check = |files: &[(&str, String)], change: (&str, &str)| {
        files.iter().for_each(|(name, text)| fs::write(dir.path().join(name), text).expect("a file"));
        let listed: Vec<String> = files.iter().map(|(name, _)| format!("\"{name}\"")).collect();
        let text = include_str!("../scenarios/restaurant.toml").replace(change.0, change.1);
        fs::write(&scenario, format!("{text}\n[venue]\nkinds = [{}]\n", listed.join(", "))).expect("a file");
        let output = cocoasim(&["check", scenario.to_str().expect("text")]);
        (output.status.code(), text_of(&output))
    };
    // The program's restaurant has guests.
    let (eaters, kept) = (built_in.replace("name = \"guest\"", "name = \"eater\""), ("", ""));
    let (code, said) = check(&[("a.toml", eaters.clone())], kept);
    assert_eq!(code, Some(2));
    assert!(
        said.contains("mobility.venues[0].roles[0].role = \"guest\": the kind restaurant has no such role\n    use one of eater"),
        "{said}"
    );
    assert_eq!(
        check(&[("a.toml", eaters.replace("then = \"guest\"", "then = \"eater\""))], ("role = \"guest\"", "role = \"eater\"")).0,
        Some(0)
    );
    let (_, said) = check(&[("a.toml", built_in.into()), ("b.toml", built_in.into())], kept);
    assert!(said.contains("venue.kinds[1] = \"b.toml\": another of these files has the name \"restaurant\""), "{said}");
    let (_, said) =
        check(&[("a.toml", built_in.replace("chairs_a_side = 2", "chairs_a_side = 9"))], ("stay_sd_min = 10.0", "stay_sd_min = 30.0"));
    let line = 1 + built_in.lines().position(|line| line.starts_with("[[tables]]")).expect("tables");
    assert!(
        said.contains(&format!("a.toml:{line}: tables[0]: two of its seats are")) && said.contains("could come to less than"),
        "{said}"
    );
    let (_, said) = check(&[("a.toml", "name = ".into())], ("workers = 750", "workers = \"many\""));
    assert!(said.contains("a.toml:1: ") && said.contains("population.workers = \"many\": not a number"), "both at once: {said}");
    fs::write(&scenario, "[venue]\nkinds = [\"nowhere.toml\"]\n[run]\nname = \"x\"\n").expect("a file");
    let said = text_of(&cocoasim(&["check", scenario.to_str().expect("text")]));
    assert!(said.contains(":2: venue.kinds[0] = \"nowhere.toml\": cannot be read"), "{said}");
}

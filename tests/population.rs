//! A city's people as a file: written, read back, and refused where it is wrong.

use std::{fs, path::Path};

use assert_cmd::Command;

const CITY: [&str; 4] = ["mobility.source=city", "population.people=400", "authority.cases=[]", "phones.adoption_of_people=0.4"];

fn cocoasim(args: &[&str], sets: &[&str]) -> Command {
    let mut command = Command::cargo_bin("cocoasim").expect("the binary is built");
    command.args(args);
    sets.iter().for_each(|set| {
        command.args(["--set", set]);
    });
    command
}

/// Runs a command that succeeds, and gives what it prints.
fn prints(args: &[&str], sets: &[&str]) -> String {
    let output = cocoasim(args, sets).output().expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

/// What a check says of a file of people; nothing is written.
fn faults_of(file: &Path) -> String {
    let set = format!("population.file={}", file.display());
    let output = cocoasim(&["check", "baseline"], &[&CITY[..], &[&set]].concat()).output().expect("it runs");
    assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stderr).expect("text")
}

/// Every table of a run but the manifest, which names the file.
fn tables(run: &Path) -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    let mut folders = vec![run.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "parquet") {
                all.push((path.strip_prefix(run).expect("below").display().to_string(), fs::read(&path).expect("a file")));
            }
        }
    }
    all.sort();
    all
}

/// Written, loaded and written again: the same bytes; and the run of a file is that of the people drawn, its file noted by content.
#[test]
fn a_population_is_the_same_from_its_file() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let at = |name: &str| dir.path().join(name).display().to_string();
    let (first, second) = (at("people.parquet"), at("again.parquet"));
    let drawn = prints(&["population", "baseline", "--out", &first], &CITY);
    let file = format!("population.file={first}");
    let of_file = [&CITY[..], &[&file]].concat();
    let loaded = prints(&["population", "baseline", "--out", &second], &of_file);
    assert_eq!(drawn, loaded, "the same beside the statistics");
    assert!(fs::read(&first).expect("it was written") == fs::read(&second).expect("it was written"), "the same bytes");
    assert!(drawn.starts_with("400 people in ") && drawn.contains("mean size") && drawn.contains("have the app: "), "{drawn}");

    let days = ["run.days=2", "output.verdicts=false"];
    prints(&["run", "baseline", "--quiet", "--out", &at("drawn")], &[&CITY[..], &days].concat());
    prints(&["run", "baseline", "--quiet", "--out", &at("loaded")], &[&of_file[..], &days].concat());
    let [of_drawn, of_loaded] = ["drawn", "loaded"].map(|run| tables(&dir.path().join(run)));
    assert!(!of_drawn.is_empty() && of_drawn == of_loaded, "the same run");
    let manifest = fs::read_to_string(dir.path().join("loaded/manifest.json")).expect("a manifest");
    assert!(manifest.contains("population.file") && manifest.contains("people.parquet"), "{manifest}");
    let twice = cocoasim(&["population", "baseline", "--out", &first], &CITY).output().expect("it runs");
    assert_eq!(twice.status.code(), Some(2), "it is there already");
}

const HEADER: &str =
    "person,household,age_years,home_x_m,home_y_m,occupation,place,place_kind,place_x_m,place_y_m,group,number,mode,ride_min,teleworks\n";

/// Of another program: text, without phones, people in any order.
#[test]
fn a_file_of_text_is_read() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let file = dir.path().join("people.csv");
    let text = "7,30,40,10.5,-20,full_time,3,office,200,300,0,0,rail,35,true\n2,30,8,10.5,-20,primary,9,primary_school,50,60,1,0,walk,9,false\n\
                5,1,70,100,0,at_home,,,,,,0,walk,10,false\n";
    fs::write(&file, format!("# made by hand\n{HEADER}{text}")).expect("a file");
    let out = dir.path().join("people.parquet").display().to_string();
    let set = format!("population.file={}", file.display());
    let printed = prints(&["population", "baseline", "--out", &out], &[&CITY[..], &[&set]].concat());
    assert!(printed.starts_with("3 people in 2 households; 2 schools and workplaces"), "{printed}");
    let people = cocoasim::output::read_file(Path::new(&out), &cocoasim::output::tables::POPULATION).expect("the file");
    assert_eq!((people.u32("person"), people.u32("household")), (&[2, 5, 7][..], &[0, 1, 0][..]), "in order, households by first member");
    assert_eq!((people.text("occupation").get(0), people.text("place_kind").get(2)), ("primary", "office"));
    assert_eq!((people.is_null("place", 1), people.bools("teleworks")), (true, &[false, false, true][..]));
}

/// Every kind of fault with its line, the first 20, and then how many more.
#[test]
fn a_file_that_is_wrong_is_refused_line_by_line() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let file = dir.path().join("people.csv");
    let says = |rows: &[&str]| {
        fs::write(&file, format!("{HEADER}{}\n", rows.join("\n"))).expect("a file");
        faults_of(&file)
    };
    let fine = "1,1,40,10,20,full_time,3,office,200,300,0,0,rail,35,true";
    for (rows, said) in [
        (&[fine, "2,2,40,,,at_home,,,,,,0,walk,5,false"][..], "people.csv:3: the home is nowhere\n    give home_x_m and home_y_m"),
        (&[fine, "1,2,40,1,1,at_home,,,,,,0,walk,5,false"], "people.csv:3: person 1 is in line 2 too"),
        (&["1,1,480,10,20,at_home,,,,,,0,walk,5,false"], "people.csv:2: column age_years: 480 is not a whole number from 0 to 120"),
        (&["1,1,40,1e7,20,at_home,,,,,,0,walk,5,false"], "people.csv:2: the home at 10000000, 20 m, out of the plane"),
        (&["1,1,40,10,20,retired,,,,,,0,walk,5,false"], "people.csv:2: column occupation: nothing is named \"retired\"\n    use one of"),
        (
            &["1,1,40,10,20,full_time,3,ofice,1,1,0,0,walk,5,false"],
            "column place_kind: nothing is named \"ofice\"\n    did you mean office?",
        ),
        (&["1,1,8,10,20,primary,3,office,1,1,0,0,walk,5,false"], "column place: primary in a place that is office"),
        (&["1,1,8,10,20,primary,3,primary_school,1,1,,0,walk,5,false"], "column group: a pupil without a class"),
        (&[fine, "2,2,40,1,1,full_time,3,shop,200,300,0,1,walk,5,false"], "place 3 is shop at 200, 300 m, and another in line 2"),
        (&[fine, "2,1,40,1,1,at_home,,,,,,0,walk,5,false"], "household 1 lives at 1, 1 m, and elsewhere in line 2"),
        (&["1,1,40,10,20,full_time,3,office,200,300,0,0,rail,2100,true"], "column ride_min: 2100 is not a whole number from 0 to 240"),
        (&["x,1,40,10,20,at_home,,,,,,0,walk,5,false"], "people.csv:2: column person: \"x\" is not one\n    give a number"),
        (&[",1,40,10,20,at_home,,,,,,0,walk,5,false"], "people.csv:2: column person: nothing"),
        (&["1,1"], "people.csv:2: 2 fields, the header names 15"),
        (&[], "people.csv: nobody is in it"),
    ] {
        let faults = says(rows);
        assert!(faults.contains(said), "{said}\nis not in\n{faults}");
        assert_eq!(faults.matches("people.csv").count(), 1, "that fault alone:\n{faults}");
    }
    let degrees: Vec<String> = (0..30).map(|i| format!("{i},{i},40,139.{},35.6{i},at_home,,,,,,0,walk,5,false", 700 + i)).collect();
    let faults = says(&degrees.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(faults.contains("30 homes within 0.03 by ") && faults.contains("these may be degrees"), "{faults}");
    let many: Vec<String> = (0..50).map(|i| format!("{i},{i},200,{i}0,20,at_home,,,,,,0,walk,5,false")).collect();
    let faults = says(&many.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(
        faults.contains("people.csv:21: ") && !faults.contains("people.csv:22: ") && faults.contains("people.csv: 30 more faults"),
        "{faults}"
    );
    fs::write(&file, "person,household\n1,1\n").expect("a file");
    assert!(faults_of(&file).contains("people.csv:1: no column age_years, home_x_m"), "{}", faults_of(&file));
    fs::write(&file, b"PAR1 and no more").expect("a file");
    assert!(faults_of(&file).contains("not a readable Parquet file"), "{}", faults_of(&file));
    let missing = dir.path().join("none.parquet");
    assert!(faults_of(&missing).contains("population.file") && faults_of(&missing).contains("cannot be read"));
}

/// Phones that a file gives are those of the run, and what of them cannot be is refused.
#[test]
fn phones_of_a_file_are_taken() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let file = dir.path().join("people.csv");
    let header = HEADER.trim_end();
    let row = |i: u32, phone: &str| format!("{i},{i},40,{i}0,20,at_home,,,,,,0,walk,5,false,{phone}\n");
    fs::write(&file, format!("{header},phone_model,has_app\n{}{}{}", row(1, "Pixel 4,true"), row(2, ",false"), row(3, "iPhone XR,false")))
        .expect("a file");
    let out = dir.path().join("people.parquet").display().to_string();
    let set = format!("population.file={}", file.display());
    prints(&["population", "baseline", "--out", &out], &[&CITY[..], &[&set]].concat());
    let people = cocoasim::output::read_file(Path::new(&out), &cocoasim::output::tables::POPULATION).expect("the file");
    let models: Vec<&str> = (0..3).map(|i| people.text("phone_model").get(i)).collect();
    assert_eq!((models, people.bools("has_app")), (vec!["Pixel 4", "", "iPhone XR"], &[true, false, false][..]));
    assert_eq!([0, 1, 2].map(|i| people.text("os").get(i)), ["android", "", "ios"]);
    fs::write(&file, format!("{header},phone_model,has_app\n{}{}", row(1, "Pixel 40,true"), row(2, ",true"))).expect("a file");
    let faults = faults_of(&file);
    assert!(faults.contains("people.csv:2: column phone_model: no phone of the scenario is \"Pixel 40\""), "{faults}");
    assert!(faults.contains("people.csv:3: person 2 has the app and no smartphone"), "{faults}");
}

/// Two shares stated, a share that cannot be reached, a file or command without a city.
#[test]
fn what_cannot_be_is_refused() {
    let refused = |args: &[&str], sets: &[&str]| {
        let output = cocoasim(args, sets).output().expect("it runs");
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stderr).expect("text")
    };
    let two = refused(&["check", "office"], &["phones.adoption_of_people=0.1"]);
    assert!(two.contains("phones.adoption is stated too") && two.contains("--set phones.adoption=derived"), "{two}");
    let two = refused(&["check", "baseline"], &["phones.adoption_of_people=0.1", "phones.adoption_of_adults=0.1"]);
    assert!(two.contains("phones.adoption_of_adults is stated too"), "{two}");
    let none = refused(&["check", "baseline"], &["phones.adoption=derived"]);
    assert!(none.contains("nothing says how many have the app"), "{none}");
    let more = refused(&["check", "baseline"], &["phones.adoption_of_people=0.9"]);
    assert!(more.contains("phones.adoption_of_people") && more.contains("would have the app"), "{more}");
    let no_city = refused(&["population", "office"], &[]);
    assert!(no_city.contains("about no city") && no_city.contains("mobility.source=city"), "{no_city}");
    let nobody = refused(&["check", "baseline"], &["mobility.source=city"]);
    assert!(nobody.contains("population.people=10000"), "{nobody}");
    let file = refused(&["check", "baseline"], &["population.file=people.parquet"]);
    assert!(file.contains("population.file") && file.contains("mobility.source=city"), "{file}");
    cocoasim(&["check", "office"], &["phones.adoption=derived", "phones.adoption_of_people=0.1"]).assert().success();
    cocoasim(&["check", "baseline"], &["phones.adoption_of_adults=0.129"]).assert().success();
}

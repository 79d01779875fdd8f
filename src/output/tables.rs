//! Every table of a run. Names and columns are a contract: notebooks and other programs read them.

use super::ColumnType::{Bool, Date, Fixed, Float32, Float64, Int32, Int64, UInt32, Utf8};
use super::{Column, TableSpec};

const SECONDS: &str = "s";
const METRES: &str = "m";
const UNIX_S: &str = "s since 1970-01-01T00:00:00Z";
const COUNT: &str = "1";

const fn id(name: &'static str, meaning: &'static str) -> Column {
    Column::new(name, UInt32, meaning)
}
const fn text(name: &'static str, meaning: &'static str) -> Column {
    Column::new(name, Utf8, meaning)
}
const fn flag(name: &'static str, meaning: &'static str) -> Column {
    Column::new(name, Bool, meaning)
}
const fn day(name: &'static str, meaning: &'static str) -> Column {
    Column::new(name, Date, meaning)
}
const fn number(name: &'static str, unit: &'static str, meaning: &'static str) -> Column {
    Column::new(name, Float64, meaning).unit(unit)
}
const fn count(name: &'static str, meaning: &'static str) -> Column {
    Column::new(name, Int64, meaning).unit(COUNT)
}
const fn moment(name: &'static str, meaning: &'static str) -> Column {
    Column::new(name, Int64, meaning).unit(UNIX_S)
}
const fn rate(name: &'static str, meaning: &'static str) -> Column {
    Column::new(name, Float64, meaning).unit(COUNT).or_null()
}

const STRATUM: &str = "what the pairs are split by, with the place in its name; all = not split, home and elsewhere together; headline = \
    pairs outside the home, UTC days simulated in part left out; beside_headline = the same days at home; headline_os_pair = the pairs of \
    the headline by operating systems; venue_kind = each kind of venue apart; os_pair, distance_m, duration, carriage and barrier = pairs \
    outside the home, all days; KIND/STRATUM, as in office/barrier or home/distance_m, = the same of pairs in that kind of venue alone";
const WARM_UP: &str = "whether it lies before the first day of a run that has run.warm_up_days: nothing of that is counted in accuracy";
const LOW: &str = "lower end of the interval of accuracy.confidence";
const HIGH: &str = "upper end of the interval of accuracy.confidence";

/// Columns, and after them every rate with its interval.
macro_rules! with_rates {
    ($($column:expr),* $(,)?) => {
        &[
            $($column,)*
            rate("sensitivity", "tp / (tp + fn)"),
            rate("sensitivity_lo", LOW),
            rate("sensitivity_hi", HIGH),
            rate("specificity", "tn / (tn + fp)"),
            rate("specificity_lo", LOW),
            rate("specificity_hi", HIGH),
            rate("ppv", "tp / (tp + fp), positive predictive value"),
            rate("ppv_lo", LOW),
            rate("ppv_hi", HIGH),
            rate("npv", "tn / (tn + fn), negative predictive value"),
            rate("npv_lo", LOW),
            rate("npv_hi", HIGH),
            rate("f1", "2 tp / (2 tp + fp + fn)"),
            rate("f1_lo", LOW),
            rate("f1_hi", HIGH),
            rate("mcc", "Matthews correlation coefficient, -1 to 1"),
            rate("mcc_lo", LOW),
            rate("mcc_hi", HIGH),
        ]
    };
}

/// A person.
pub static PEOPLE: TableSpec = TableSpec {
    name: "people",
    row_is: "a person",
    day_parts: false,
    columns: &[
        id("person", "the person"),
        id("household", "household the person lives in"),
        Column::new("age", UInt32, "age").unit("years"),
        text("work", "kind of the scenario's common place, if the person works or learns there; null = does not").or_null(),
        text("department", "group at work that sits together; null = none").or_null(),
        text("phone_model", "model of the phone; null = no phone").or_null(),
        text("os", "ios or android; null = no phone").or_null(),
        text("app_version", "release of the app on the phone on the first day; null = not installed then").or_null(),
        text("os_version", "version of the system where the scenario states some; null = a recent one, or no phone").or_null(),
        day("installed_day", "the JST day of the app's first installation; null = never installed").or_null(),
        text(
            "consent",
            "yes; without_notifications; not_again (after a change of terms or policy, by the last day); or the step of the first start at which the owner stopped: introduction, terms, privacy_policy, \
             system_permission, guardian; or system_too_old; null = never installed",
        )
        .or_null(),
        flag("bluetooth_on", "whether Bluetooth is on"),
        flag("phone_runs", "whether the phone that the person carries takes part on the last UTC day: app in use then, Bluetooth on"),
    ],
};

/// The file of a city's people that `cocoasim population` writes and `population.file` takes; no table of a run.
pub static POPULATION: TableSpec = TableSpec {
    name: "population",
    row_is: "a person of a city",
    columns: &[
        id("person", "the person's number"),
        id("household", "number of the household"),
        Column::new("age_years", UInt32, "age").unit("years"),
        Column::new("home_x_m", Float32, "where the household lives, east of the city's middle").unit(METRES),
        Column::new("home_y_m", Float32, "the same north of it").unit(METRES),
        text("occupation", "at_home, nursery, primary, lower_secondary, upper_secondary, higher_education, full_time, part_time or shift"),
        id("place", "number of the place of work or school; null = none").or_null(),
        text("place_kind", "what it is: a trade, or a stage of school").or_null(),
        Column::new("place_x_m", Float32, "where it is, east of the city's middle").unit(METRES).or_null(),
        Column::new("place_y_m", Float32, "the same north of it").unit(METRES).or_null(),
        id("group", "class within a school, also of who teaches there; team within a workplace; null = none").or_null(),
        id("number", "number among the workers of the place or, taught there, among those of the class"),
        flag("is_staff", "works at a school or a hospital (not read back: occupation and place_kind say it)"),
        text("mode", "how the person goes there, or would: walk, bike, car or rail"),
        Column::new("ride_min", UInt32, "in the train by rail, else from door to door, one way").unit("min"),
        flag("teleworks", "works from home where the work allows it"),
        text("os", "system of the phone; null = no smartphone").or_null(),
        text("phone_model", "model of the phone; null = no smartphone").or_null(),
        flag("has_app", "COCOA is ever installed"),
        flag("bluetooth_on", "Bluetooth is on"),
    ],
    day_parts: false,
};

/// A stay of a person in a venue.
pub static VISITS: TableSpec = TableSpec {
    name: "visits",
    row_is: "a stay of a person in a venue, in the part of the JST day on which it ends",
    day_parts: true,
    columns: &[
        id("person", "who stays"),
        id("venue", "where"),
        text("venue_kind", "kind of the venue: home, office, …"),
        moment("start_s", "when the stay begins"),
        moment("end_s", "when the stay ends"),
        id(
            "group",
            "the group of the venue that the person belongs to for the stay, as a party at a table or a team of an office; null = none",
        )
        .or_null(),
        flag("is_warm_up", WARM_UP),
    ],
};

/// Where everybody was. Written on request.
pub static STANCES: TableSpec = TableSpec {
    name: "stances",
    row_is: "a pose of a person, held or walked in a straight line",
    day_parts: true,
    columns: &[
        id("person", "who"),
        id("venue", "where"),
        moment("start_s", "when the pose begins"),
        moment("end_s", "when the pose ends"),
        number("x0_m", METRES, "body centre at the beginning, to the right"),
        number("y0_m", METRES, "body centre at the beginning, up the page"),
        number("x1_m", METRES, "body centre at the end, to the right; as at the beginning where the pose is held"),
        number("y1_m", METRES, "body centre at the end, up the page"),
        number("facing_deg", "deg", "direction faced, counter-clockwise from the x axis"),
        text("carriage", "how the phone is carried"),
        id("room", "number of the room in the venue's plan; null = in none (a corridor)").or_null(),
        id("place", "names the spot: the same whenever this person takes this very pose again"),
        id("episode", "names the carriage episode of this person: the phone stays as it is carried"),
        flag("is_warm_up", WARM_UP),
    ],
};

/// An unordered pair of people and JST day that came near each other.
pub static CONTACTS: TableSpec = TableSpec {
    name: "contacts",
    row_is: "an unordered pair (a < b) and JST day that came within output.contacts_within_m",
    day_parts: true,
    columns: &[
        day("day_jst", "day in Japan, 00:00 to 24:00 JST"),
        id("a", "the person with the lower number"),
        id("b", "the person with the higher number"),
        text("venue_kind", "kind of the venue where they were longest near at a stretch (within output.contacts_within_m)"),
        text("barrier", "what stood between them then; none = nothing"),
        number("within_s", SECONDS, "time within the contact radius, without what walls separate (truth.walls_separate)"),
        number("within_before_0900_s", SECONDS, "of within_s, before 09:00 JST: the UTC day that ends then"),
        number("within_after_0900_s", SECONDS, "of within_s, from 09:00 JST on: the UTC day that begins then"),
        number("within_ignoring_walls_s", SECONDS, "time within the contact radius as if walls did not separate"),
        number("longest_run_s", SECONDS, "longest unbroken time within the radius that begins this day"),
        number(
            "gap_run_s",
            SECONDS,
            "longest time within the radius, interruptions up to the scenario's gap forgiven, that begins this day",
        ),
        number("near_s", SECONDS, "time within output.contacts_within_m, whatever stood between"),
        number("min_distance_m", METRES, "smallest distance of the day"),
        flag("is_contact_cumulative_jst", "contact by seconds summed over the JST day"),
        flag("is_contact_run", "contact by one unbroken run"),
        flag("is_contact_gap", "contact by a run with short interruptions"),
        flag("is_contact_cumulative_utc", "contact by seconds summed over either UTC day that the JST day touches"),
        flag("is_warm_up", WARM_UP),
    ],
};

/// What one Bluetooth scan stored. Written on request.
pub static SIGHTINGS: TableSpec = TableSpec {
    name: "sightings",
    row_is: "what one scan of one phone stored of one other phone, in the part of the UTC day",
    day_parts: true,
    columns: &[
        id("observer", "the person whose phone scanned"),
        moment("t_s", "when it scanned"),
        Column::new("rpi", Fixed(16), "rolling proximity identifier received"),
        Column::new("aem", Fixed(4), "associated encrypted metadata received"),
        Column::new("rssi_dbm", Int32, "received signal strength").unit("dBm"),
        moment("previous_scan_s", "when the phone's previous scan stopped (iPhones: started); 0 = unknown"),
        flag("is_warm_up", WARM_UP),
    ],
};

/// Columns of slots. Not named by units: other programs read records of badges by these names.
const SLOT: &[Column] = &[
    Column::new("t", Int64, "end of the slot, of which it covers the 20 s before; t // 86400 is the day of the run, 0 the first")
        .unit("s since 00:00 JST of run.first_day"),
    id("i", "the person with the lower number"),
    id("j", "the person with the higher number"),
    text("venue_kind", "kind of the venue where they were"),
];

/// Slots of 20 s in which two faced each other. Written on request.
pub static TIJ: TableSpec = TableSpec {
    name: "tij",
    row_is: "an unordered pair (i < j) and 20 s, for 3 s of which the two were within output.tij.radius_m, each in the cone of the other, and \
        nothing between; in the part of the UTC day",
    day_parts: true,
    columns: SLOT,
};

/// Slots of 20 s in which two were near and did not face each other. Written on request.
pub static TIJ_UNFACED: TableSpec = TableSpec {
    name: "tij_unfaced",
    row_is: "an unordered pair (i < j) and 20 s, for 3 s of which the two were within output.tij.radius_m and no wall between, and that is not in \
        tij: without the condition of facing, a pair's slots are those of both tables; in the part of the UTC day",
    day_parts: true,
    columns: SLOT,
};

/// What a rule said of an ordered pair on a UTC day, and what was true.
pub static VERDICTS: TableSpec = TableSpec {
    name: "verdicts",
    row_is: "an ordered pair of the device universe, UTC day and rule",
    day_parts: true,
    columns: &[
        day("day_utc", "UTC day, 09:00 JST to 09:00 JST of the next day"),
        flag("day_is_partial", "whether the run holds a part of that day only: the first 9 hours of a run, or its last 15"),
        id("observer", "whose phone would report it"),
        id("transmitter", "who is taken to be confirmed positive"),
        text("venue_kind", "kind of the venue where they were longest near at a stretch (within output.contacts_within_m)"),
        text("rule", "the rule; installed = that of the release on the observer's phone"),
        number("score", COUNT, "the rule's score, in its own unit; 0 = nothing heard, or all under the minimum score of version 1"),
        number("duration_s", SECONDS, "seconds that a firing rests on; 0 = the rule did not fire"),
        flag("detected", "whether the rule fired"),
        number("within_s", SECONDS, "true time within the contact radius on that UTC day"),
        flag("is_contact", "whether that was a contact by seconds summed over the UTC day"),
        flag("is_warm_up", WARM_UP),
    ],
};

/// Confusion counts and rates.
pub static ACCURACY: TableSpec = TableSpec {
    name: "accuracy",
    row_is: "seed, mode, universe, rule, truth definition, stratum and level that have pairs",
    day_parts: false,
    columns: with_rates![
        Column::new(
            "seed",
            Int64,
            "seed of the world; null = over all worlds of a folder of several: counts summed, rates the mean of the worlds' rates, \
             intervals over worlds by Student's t",
        )
        .or_null(),
        text(
            "mode",
            "as_if = as if the other had been confirmed; end_to_end = real confirmed cases, on the days on which their contacts count",
        ),
        text(
            "universe",
            "device = pairs of running phones within accuracy.universe_within_m; population = pairs of all people within \
             output.contacts_within_m; both with the pairs of running phones on which the rule fired",
        ),
        text("rule", "the rule; installed = that of the release on the observer's phone"),
        text("truth", "the truth definition: cumulative_jst, run, gap_run, cumulative_utc; of end_to_end the last alone"),
        text("stratum", STRATUM),
        text(
            "level",
            "value of the stratum; of os_pair and headline_os_pair the transmitter's > the observer's; of carriage the observer's, a hyphen, \
             the transmitter's; of distance_m the least distance of the day (over-20, beyond the universe's distance, holds firings alone)"
        ),
        count("tp", "contacts detected"),
        count("fp", "detections without contact"),
        count("fn", "contacts not detected"),
        count("tn", "neither contact nor detection"),
    ],
};

/// Why contacts were missed and why rules fired without contact.
pub static CAUSES: TableSpec = TableSpec {
    name: "causes",
    row_is: "universe, rule, truth definition, outcome, operating systems and cause, of the headline's pairs: outside the home, whole UTC \
             days",
    day_parts: false,
    columns: &[
        text("universe", "device or population"),
        text("rule", "the rule: that of the headline"),
        text("truth", "the truth definition"),
        text("outcome", "missed or false_alarm"),
        text("os_pair", "operating systems, the transmitter's > the observer's; null = one of the two has no smartphone").or_null(),
        text(
            "cause",
            "the first cause in the order of the chain. Missed: ... has no smartphone, has no app, has Bluetooth off = the observer's or the \
             other's phone could take no part; never heard = no scan heard the other's key, of which a phone stopped that day = one of the \
             two stopped advertising or scanning; heard, but the rule never fires = no scans make it fire; heard for too few minutes = all \
             scans that heard the key last less than the rule asks; never under the threshold = no scan was at or under the rule's \
             attenuation; too few minutes under the threshold = scans at or under it last less than the rule asks; and where they last long \
             enough: mean of the whole run over the threshold = version 1 averages attenuation over a run of sightings, and a run was long \
             enough but too faint on average; minutes under the threshold split into short runs = gaps of more than 10 minutes cut the run; \
             minutes under the threshold not at a stretch = a scan over it, or a gap, lies between; weighted score of the day too low = \
             version 2 weighs minutes by attenuation. False alarms: a wall or pane stood between = within the radius for long enough if \
             walls did not count; within the radius, but not for long enough; up to, or further than, twice the radius away = by the least \
             distance of the day",
        ),
        count("pairs", "ordered pairs and days"),
    ],
};

/// Confusion counts and rates as the attenuation threshold moves.
pub static ROC: TableSpec = TableSpec {
    name: "roc",
    row_is: "truth definition, stratum, level and attenuation threshold, of the device universe",
    day_parts: false,
    columns: with_rates![
        text("truth", "the truth definition"),
        text(
            "stratum",
            "all = home and elsewhere together; headline = pairs outside the home, UTC days simulated in part left out; beside_headline = \
             the same days at home; venue_kind = each kind of venue apart, all days",
        ),
        text("level", "value of the stratum"),
        number("threshold_db", "dB", "attenuation at or below which a scan counts as near"),
        count("tp", "contacts detected"),
        count("fp", "detections without contact"),
        count("fn", "contacts not detected"),
        count("tn", "neither contact nor detection"),
    ],
};

/// What scans heard, by distance.
pub static ATTENUATION: TableSpec = TableSpec {
    name: "attenuation",
    row_is: "venue kind, barrier, carriage, distance bin and attenuation in whole dB",
    day_parts: false,
    columns: &[
        text("venue_kind", "kind of the venue"),
        text("barrier", "what the line of sight crossed; none = nothing"),
        text("carriage", "how the two phones were carried: the observer's, a hyphen, the transmitter's"),
        number("distance_from_m", METRES, "lower end of the distance bin"),
        number("distance_to_m", METRES, "upper end of the distance bin; infinite for the last"),
        Column::new("attenuation_db", Int32, "attenuation; null = in reach but not heard").unit("dB").or_null(),
        count("scans", "scans of one phone against one transmitter"),
    ],
};

/// Shapes of the floor plans.
pub static PLAN: TableSpec = TableSpec {
    name: "plan",
    row_is: "a shape of the floor plan of a venue of the table snapshot; where that has none, of the scenario's common place",
    day_parts: false,
    columns: &[
        text("venue_kind", "kind of the venue"),
        id("venue", "the venue"),
        text("shape", "room, wall, screen, desk or seat"),
        text("name", "name of a room, number of a seat; null = none").or_null(),
        text("material", "what a wall or screen is made of; null = not a barrier").or_null(),
        number("x0_m", METRES, "first corner or end, to the right"),
        number("y0_m", METRES, "first corner or end, up the page"),
        number("x1_m", METRES, "opposite corner or other end, to the right"),
        number("y1_m", METRES, "opposite corner or other end, up the page"),
    ],
};

/// Where everyone in some venues is at one moment.
pub static SNAPSHOT: TableSpec = TableSpec {
    name: "snapshot",
    row_is: "a person in venue 0, the scenario's common place, at 10:40 JST of the first day on which anybody is there then; in a city in the \
             train at 08:00, the classroom at 10:00 and the izakaya at 20:00 that most are in then",
    day_parts: false,
    columns: &[
        moment("t_s", "the moment"),
        id("venue", "the venue"),
        id("person", "the person"),
        number("x_m", METRES, "place, to the right"),
        number("y_m", METRES, "place, up the page"),
        number("facing_rad", "rad", "direction the person faces, counter-clockwise from the x axis"),
        text("carriage", "how the phone is carried"),
        flag("phone_runs", "whether the person's phone takes part"),
    ],
};

/// The way of a confirmed case from infection to upload.
pub static UPLOADS: TableSpec = TableSpec {
    name: "uploads",
    row_is: "a case of the scenario, confirmed within the run or not",
    day_parts: false,
    columns: &[
        id("case", "number of the case"),
        id("person", "who it is"),
        moment("infected_s", "infected; null = after the run").or_null(),
        moment("onset_s", "symptoms began; null = after the run").or_null(),
        moment("tested_s", "tested; null = after the run").or_null(),
        moment("result_s", "result known; null = after the run").or_null(),
        moment("asked_s", "processing number asked for, by the health centre or the person; null = nobody did").or_null(),
        moment(
            "number_issued_s",
            "processing number issued: to who has the app and asks or is asked, from December 2021 to everybody; null = none was",
        )
        .or_null(),
        moment("number_delivered_s", "processing number arrived; null = none did").or_null(),
        moment("number_entered_s", "processing number entered in the app; null = none was").or_null(),
        moment("uploaded_s", "keys accepted by the server; null = none were").or_null(),
        text("release", "release of the app in which the number was entered; null = none was").or_null(),
        Column::new("keys", UInt32, "daily keys that the server stored; null = none").unit(COUNT).or_null(),
        text("outcome", "uploaded, or why not (of the last try), or what it waited for when the run ended"),
        text("fault", "named fault of the app or system that ended it; null = none").or_null(),
    ],
};

/// Registrations, try by try.
pub static REGISTRATIONS: TableSpec = TableSpec {
    name: "registrations",
    row_is: "a try of a case to register, or numbers that somebody guesses one after the other, in order of time",
    day_parts: false,
    columns: &[
        id("person", "whose phone"),
        moment("t_s", "when"),
        text("release", "release of the app"),
        text("api", "interface that the release registers with: v1 = PUT /diagnosis, v2 = PUT /v2/diagnosis"),
        Column::new("try", UInt32, "which try of the person it is, from 1").unit(COUNT),
        text(
            "typed",
            "right = the number that was sent; mistyped = another, or one digit too few; empty = nothing; not asked = it did not come to that; \
             guessed = numbers at random, until one is valid",
        ),
        flag("sent", "whether a request went to the server"),
        Column::new("requests", UInt32, "how many did: more than one where numbers are guessed").unit(COUNT),
        Column::new("bytes", UInt32, "length of the body of the last request; null = none was sent").unit("B").or_null(),
        Column::new("status", Int32, "HTTP status of its answer; null = none was sent").or_null(),
        text("answer", "what the phone told, in the English of the release; null = no screen").or_null(),
        Column::new("keys", UInt32, "daily keys that the server stored").unit(COUNT),
        flag("number_kept_app", "whether the number stays in the app after it was checked (app.keeps_number)"),
        flag("number_kept_server", "whether it stays on the server, with the keys"),
        flag("is_warm_up", WARM_UP),
    ],
};

/// What phones fetched.
pub static TRAFFIC: TableSpec = TableSpec {
    name: "traffic",
    row_is: "a JST day of the run",
    day_parts: false,
    columns: &[
        day("day_jst", "day in Japan"),
        Column::new("phones", UInt32, "phones with the app").unit(COUNT),
        count("list_fetches", "fetches of the index list.json that succeeded, most of which found nothing new"),
        Column::new("list_bytes", Int64, "bytes of the index over these fetches").unit("B"),
        Column::new("zip_bytes", Int64, "bytes of export files fetched").unit("B"),
        number("mean_bytes", "B", "both together, per phone; null = no phone has the app").or_null(),
        flag("is_warm_up", WARM_UP),
    ],
};

/// Export files published by the server.
pub static EXPORTS: TableSpec = TableSpec {
    name: "exports",
    row_is: "an export file, which holds keys of one UTC day",
    day_parts: false,
    columns: &[
        id("export", "number of the export file"),
        text("file", "name of the file in the run's folder published"),
        moment("created_s", "when the file was made"),
        text("region", "region the file is for"),
        day("key_day", "UTC day the keys were in use"),
        Column::new("keys", UInt32, "daily keys in the file").unit(COUNT),
        moment("first_uploaded_s", "earliest upload among them"),
        flag("is_warm_up", WARM_UP),
    ],
};

/// What phones found when they checked exported keys.
pub static NOTIFICATIONS: TableSpec = TableSpec {
    name: "notifications",
    row_is: "a check of exported keys by a phone that matched something, and UTC day of the contacts shown",
    day_parts: false,
    columns: &[
        id("person", "whose phone"),
        moment("checked_s", "when it checked"),
        moment("shown_s", "when the app had that day's contacts to show: at the check; null = it shows none").or_null(),
        text("release", "release of the app"),
        text("rule", "the rule the release applied"),
        Column::new("matched_keys", UInt32, "daily keys that matched in the whole check").unit(COUNT),
        day("day_utc", "UTC day of the contacts shown; null = the app shows none").or_null(),
        Column::new("exposures", UInt32, "exposures of this check that the screen of 1.x counts for the day; null for 2.x")
            .unit(COUNT)
            .or_null(),
        Column::new("minutes", UInt32, "minutes that the screen of 2.x shows for the day: all stored windows; null for 1.x")
            .unit("min")
            .or_null(),
        number(
            "duration_s",
            SECONDS,
            "what the check brought for the day: durations of the exposures shown (1.x), seconds of its windows (2.x); null = none",
        )
        .or_null(),
        text(
            "outcome",
            "of the whole check: notified and shown, notified with nothing shown, shown without notification, or matched under the rule",
        ),
        text("fault", "named fault without which the person would have been shown something else; null = none").or_null(),
        flag("is_warm_up", WARM_UP),
    ],
};

/// How many got from infection to notification, and where the others were lost.
pub static FUNNEL: TableSpec = TableSpec {
    name: "funnel",
    row_is: "a step of cases, keys, phones or people from infection to notification, JST day and reason of a loss",
    day_parts: false,
    columns: &[
        day("day_jst", "day in Japan on which the step was reached or the loss became known; of people, the day of their first contact"),
        text("unit", "what is counted: cases, keys, phones or people, each once a step"),
        Column::new("step", UInt32, "place of the step, from 1; the steps of a unit follow each other").unit(COUNT),
        text("name", "name of the step"),
        count("count", "how many reached it; 0 in rows of losses"),
        count("lost", "how many that reached the unit's step before did not; over the run, count + lost = count of that step"),
        text("why", "reason of the loss; null = nothing lost").or_null(),
        flag("is_warm_up", WARM_UP),
    ],
};

/// What was in force when.
pub static TIMELINE: TableSpec = TableSpec {
    name: "timeline",
    row_is: "a release, a setting's value or a known fault at work, that holds within the run (but for its warm-up)",
    day_parts: false,
    columns: &[
        text("kind", "release, setting or fault"),
        text("name", "version, name of the setting, or mechanism of the fault"),
        text("value", "value of a setting, number of a fault; null = a release").or_null(),
        text("system", "ios or android; null = around the phones").or_null(),
        moment("from_s", "from when it holds; null = since before the run").or_null(),
        moment("until_s", "until when; null = to the end of the run and beyond").or_null(),
    ],
};

/// Why people were not warned in time.
pub static REASONS: TableSpec = TableSpec {
    name: "reasons",
    row_is: "a true contact of somebody with a case whose result was known in the run, on a UTC day that counts",
    day_parts: false,
    columns: &[
        day("day_utc", "UTC day of the contact"),
        id("observer", "who was in contact"),
        id("case", "with which case"),
        moment("shown_s", "when the app first showed that contact; null = it did not").or_null(),
        Column::new(
            "place",
            UInt32,
            "where on the way a warning in time (`accuracy.in_time_days`) was lost, from 1; the last = it was not",
        )
        .unit(COUNT),
        text("reason", "the first reason, in the order of the way"),
        Column::new("place_14_days", UInt32, "the same within 14 days").unit(COUNT),
        text("reason_14_days", "the first reason within 14 days"),
    ],
};

/// What people saw who opened the app.
pub static SCREENS: TableSpec = TableSpec {
    name: "screens",
    row_is: "an opening of the app by somebody whose phone has matched a key, and day on the screen",
    day_parts: false,
    columns: &[
        id("person", "who opened it"),
        moment("opened_s", "when"),
        text("because", "notification, or habit: none that it answers"),
        text("release", "release of the app"),
        text("text", "what the screen says first"),
        day("day_utc", "UTC day of the line; null = the screen has none").or_null(),
        Column::new("contacts", UInt32, "contacts of the day that 1.x counts: one person once a day; null = minutes instead")
            .unit(COUNT)
            .or_null(),
        Column::new("minutes", UInt32, "minutes of the day that 2.x shows, of all persons; null = contacts instead").unit("min").or_null(),
        Column::new("hidden_days", UInt32, "days that the app keeps and no longer shows").unit(COUNT),
        Column::new("system_matches", UInt32, "matched keys in the list of checks of the system's own settings, 14 days").unit(COUNT),
        flag("is_warm_up", WARM_UP),
    ],
};

/// What people did who saw a contact on the app's screen.
pub static RESPONSES: TableSpec = TableSpec {
    name: "responses",
    row_is: "a person who saw a contact on the app's screen, the first time",
    day_parts: false,
    columns: &[
        id("person", "who"),
        moment("seen_s", "when the person saw it"),
        text("turned", "how the person turned to the centre: symptom form or call; null = not at all within the run").or_null(),
        moment("turned_s", "when; null = not").or_null(),
        flag("is_offered_test", "whether a free test was offered; null = nobody was asked").or_null(),
        moment("tested_s", "when it was taken; null = none was").or_null(),
        moment("result_s", "when its result was known; null = none was").or_null(),
        flag("is_positive", "what it said; null = none was").or_null(),
        number("gained_days", "d", "days by which a positive result came before the one without the app; null = no positive one").or_null(),
        flag("is_warm_up", WARM_UP),
    ],
};

/// How long each step took.
pub static DELAYS: TableSpec = TableSpec {
    name: "delays",
    row_is: "a step between two events of a case, a key, a contact or a person, both within the run",
    day_parts: false,
    columns: &[
        Column::new("stage", UInt32, "place of the stage, from 1").unit(COUNT),
        text("name", "what lies at its ends"),
        text("unit", "whose delay it is: cases, keys, contacts or people"),
        number("delay_h", "h", "how long it took; negative: the second came first"),
    ],
};

/// Known faults of the run's days.
pub static REPAIRS: TableSpec = TableSpec {
    name: "repairs",
    row_is: "a known fault that was at work on days of the run, or struck an older release",
    day_parts: false,
    columns: &[
        text("fault", "its number"),
        text("name", "its mechanism"),
        text("class", "mechanism, or imposed: at a rate that the scenario states"),
        text("symptom", "releases, what happens, and what mended it"),
        moment("from_s", "from when it was at work"),
        moment("reported_s", "when it was first told of; null = the day is not known").or_null(),
        moment("confirmed_s", "when it was confirmed; null = the day is not known").or_null(),
        moment("mended_s", "from when on no new release, or the system, has it; null = never").or_null(),
        moment("first_s", "when it first struck in this run; null = it did not").or_null(),
        Column::new("phones", UInt32, "phones that it kept from checking, or had tell their owners something else").unit(COUNT),
        Column::new("registrations", UInt32, "registrations that it ended, or called done").unit(COUNT),
    ],
};

/// Every table, in the order of the documentation.
pub static ALL: &[&TableSpec] = &[
    &PEOPLE,
    &VISITS,
    &STANCES,
    &CONTACTS,
    &SIGHTINGS,
    &TIJ,
    &TIJ_UNFACED,
    &VERDICTS,
    &ACCURACY,
    &CAUSES,
    &ROC,
    &ATTENUATION,
    &PLAN,
    &SNAPSHOT,
    &UPLOADS,
    &REGISTRATIONS,
    &EXPORTS,
    &TRAFFIC,
    &NOTIFICATIONS,
    &FUNNEL,
    &REASONS,
    &SCREENS,
    &RESPONSES,
    &DELAYS,
    &REPAIRS,
    &TIMELINE,
];

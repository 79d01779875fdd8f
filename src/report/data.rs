//! A run's files in memory, and the choices every figure shares.

use std::borrow::Cow;

use crate::drawing::format::number;
use crate::output::{Batch, IoError, RunFolder, TableSpec, read_parts, tables};
use crate::time::DayJst;

use super::{ReportError, RuleFigures, Summary, person_day::PersonDay, splits::Splits};

/// The truth definition the report is about: what GAEN's day could at best know.
pub const TRUTH: &str = "cumulative_utc";
/// The verdicts the report is about.
pub const AS_IF: &str = "as_if";
/// The stratum of the headline, and its level: pairs met outside the home.
pub const HEADLINE: (&str, &str) = ("headline", "outside_home");
/// What stands beside it: the same days at home.
pub const BESIDE: (&str, &str) = ("beside_headline", "home");

/// So long two are near each other on a day who do not just pass, s: figures of people's days tell of those.
pub const LEAST_S: f64 = 20.0;
/// The columns of `contacts` that say whether a pair was in contact, one a definition.
const IS_CONTACT: [&str; 4] = ["is_contact_cumulative_jst", "is_contact_cumulative_utc", "is_contact_gap", "is_contact_run"];

/// Everything the report reads.
pub struct RunData {
    pub summary: Summary,
    pub manifest: serde_json::Value,
    pub people: Batch,
    /// Those within the radius for [`LEAST_S`] or more, or in contact by any definition: of a city most only pass.
    pub contacts: Batch,
    /// Of a city: whom the headline's rule finds by age and relation.
    pub splits: Splits,
    /// Of the run's one world, or over all of a folder of several.
    pub accuracy: Vec<Accuracy>,
    /// Of a folder of several worlds: each one's rows of the headline's rule.
    pub worlds: Vec<Accuracy>,
    pub causes: Batch,
    pub roc: Batch,
    pub attenuation: Batch,
    pub plan: Batch,
    pub snapshot: Batch,
    pub funnel: Batch,
    /// Of a run's one world.
    pub reasons: Batch,
    pub delays: Batch,
    pub responses: Batch,
    pub repairs: Batch,
    pub timeline: Batch,
    /// One person's first day, in a city.
    pub person_day: Option<PersonDay>,
}

/// A rate with its interval; NaN where there is none.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    /// The rate.
    pub value: f64,
    /// Lower end.
    pub lo: f64,
    /// Upper end.
    pub hi: f64,
}

/// A row of the table `accuracy` about the truth of the report; its columns are documented there.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the table's columns say what they are")]
pub struct Accuracy {
    pub seed: Option<i64>,
    pub mode: String,
    pub universe: String,
    pub rule: String,
    pub stratum: String,
    pub level: String,
    pub tp: i64,
    pub fp: i64,
    pub fn_: i64,
    pub tn: i64,
    pub sensitivity: Rate,
    pub specificity: Rate,
    pub ppv: Rate,
    pub npv: Rate,
}

impl Accuracy {
    /// Pairs and days that were a contact.
    pub fn contacts(&self) -> i64 {
        self.tp + self.fn_
    }

    /// Pairs and days on which the rule fired.
    pub fn alarms(&self) -> i64 {
        self.tp + self.fp
    }

    /// All pairs and days.
    pub fn all(&self) -> i64 {
        self.contacts() + self.fp + self.tn
    }

    /// Share of contacts among all pairs and days; NaN if there are none.
    pub fn prevalence(&self) -> f64 {
        self.contacts() as f64 / self.all() as f64
    }

    /// Counts and rates with their intervals, to be compared bit by bit.
    pub fn figures(&self) -> impl PartialEq + use<> {
        let rates = [self.sensitivity, self.specificity, self.ppv, self.npv];
        ([self.tp, self.fp, self.fn_, self.tn], rates.map(|r| [r.value, r.lo, r.hi].map(f64::to_bits)))
    }

    /// Whether this is about what the app showed of real cases, in a universe, a stratum and its level.
    pub fn is_end_to_end(&self, universe: &str, stratum_and_level: (&str, &str)) -> bool {
        self.mode != AS_IF && self.universe == universe && (self.stratum.as_str(), self.level.as_str()) == stratum_and_level
    }

    /// Whether this is about the headline's verdicts and stratum.
    pub fn is_headline(&self) -> bool {
        self.is_of("device", HEADLINE) || self.is_of("population", HEADLINE)
    }

    /// Whether this is about the headline's verdicts, in a universe, a stratum and its level.
    pub fn is_of(&self, universe: &str, stratum_and_level: (&str, &str)) -> bool {
        self.mode == AS_IF && self.universe == universe && (self.stratum.as_str(), self.level.as_str()) == stratum_and_level
    }
}

impl RunData {
    /// Reads a run. Missing tables are empty.
    pub fn load(run: &RunFolder) -> Result<Self, ReportError> {
        let summary = match run.read_summary()? {
            Some(value) => serde_json::from_value(value).map_err(|source| ReportError::Summary { source })?,
            None => Summary::default(),
        };
        let ((accuracy, causes), (roc, contacts)) = rayon::join(
            || (read(run, &tables::ACCURACY).map(|table| split(accuracy_rows(&table))), read(run, &tables::CAUSES)),
            || (read(run, &tables::ROC), read_contacts(run)),
        );
        let ((accuracy, worlds), contacts) = (accuracy?, contacts?);
        let (manifest, people) = (run.read_manifest()?.unwrap_or_default(), read(run, &tables::PEOPLE)?);
        let days = summary.first_day_jst.as_deref().and_then(DayJst::parse).zip(summary.days).filter(|_| is_of_city(&manifest));
        let person_day = days.map_or(Ok(None), |days| PersonDay::load(run, &people, days))?;
        let rule = summary.headline.as_ref().map(|headline| headline.rule.as_str()).filter(|_| is_of_city(&manifest));
        let splits = rule.map_or_else(|| Ok(Splits::default()), |rule| Splits::load(run, &people, rule))?;
        Ok(Self {
            summary,
            splits,
            worlds,
            manifest,
            people,
            contacts,
            person_day,
            accuracy,
            causes: causes?,
            roc: roc?,
            attenuation: read(run, &tables::ATTENUATION)?,
            plan: read(run, &tables::PLAN)?,
            snapshot: read(run, &tables::SNAPSHOT)?,
            funnel: read(run, &tables::FUNNEL)?,
            reasons: read(run, &tables::REASONS)?,
            delays: read(run, &tables::DELAYS)?,
            responses: read(run, &tables::RESPONSES)?,
            repairs: read(run, &tables::REPAIRS)?,
            timeline: read(run, &tables::TIMELINE)?,
        })
    }

    /// Whether the run is of a city, whose people's days are whole.
    pub fn is_city(&self) -> bool {
        is_of_city(&self.manifest)
    }

    /// The rule of the headline: the summary's, or else the first of the table.
    pub fn headline_rule(&self) -> Option<&str> {
        let wanted = self.summary.headline.as_ref().map(|headline| headline.rule.as_str()).filter(|rule| !rule.is_empty());
        wanted.or_else(|| self.accuracy.first().map(|row| row.rule.as_str()))
    }

    /// The row of the headline.
    pub fn headline(&self) -> Option<&Accuracy> {
        self.of_rule(self.headline_rule()?)
    }

    /// The headline's row of a rule.
    fn of_rule(&self, rule: &str) -> Option<&Accuracy> {
        self.accuracy.iter().find(|row| row.is_of("device", HEADLINE) && row.rule == rule)
    }

    /// What a rule is called and asks for, as the summary has it; its name alone where that has none.
    pub fn words<'a>(&'a self, rule: &str) -> Cow<'a, RuleFigures> {
        let all = self.summary.headline.iter().chain(&self.summary.rules);
        let known = all.filter(|known| known.rule == rule).max_by_key(|known| !known.title.is_empty());
        known.map_or_else(|| Cow::Owned(RuleFigures { rule: rule.into(), ..RuleFigures::default() }), Cow::Borrowed)
    }

    /// The row of the other reading of the headline's rule, where it has two.
    pub fn other_reading(&self) -> Option<&Accuracy> {
        let headline = self.summary.headline.as_ref()?;
        self.of_rule(&headline.bracket.as_ref()?.rule)
    }

    /// Over how many worlds the figures are.
    pub fn number_of_worlds(&self) -> u32 {
        self.summary.headline.as_ref().map_or(1, |headline| headline.worlds.max(1))
    }

    /// One row a rule: the headline's truth and stratum in a universe.
    pub fn rules<'a>(&'a self, universe: &'a str) -> impl Iterator<Item = &'a Accuracy> {
        self.accuracy.iter().filter(move |row| row.is_headline() && row.universe == universe)
    }

    /// What a contact is, in words.
    pub fn contact_means(&self) -> String {
        let (radius_m, minutes) = self.summary.contact.as_ref().map_or((1.0, 15.0), |c| (c.radius_m, c.minutes));
        format!("within {} m for {} minutes or more", number(radius_m, 2), number(minutes, 1))
    }
}

fn is_of_city(manifest: &serde_json::Value) -> bool {
    manifest.pointer("/scenario/mobility/source").is_some_and(|source| source == "city")
}

fn read(run: &RunFolder, spec: &'static TableSpec) -> Result<Batch, IoError> {
    match run.read(spec) {
        Err(IoError::MissingTable { .. }) => Ok(Batch::new(spec)),
        other => other,
    }
}

/// Part by part: what is not kept of one is forgotten before the next.
fn read_contacts(run: &RunFolder) -> Result<Batch, IoError> {
    let mut all = Batch::new(&tables::CONTACTS);
    let parts = match read_parts(run.path(), &tables::CONTACTS) {
        Err(IoError::MissingTable { .. }) => return Ok(all),
        parts => parts?,
    };
    for part in parts {
        let mut part = part?;
        let (within_s, is_contact) = (part.f64("within_s"), IS_CONTACT.map(|column| part.bools(column)));
        let kept: Vec<bool> = (0..part.rows()).map(|row| within_s[row] >= LEAST_S || is_contact.iter().any(|column| column[row])).collect();
        part.keep(&kept);
        all.append(&part);
    }
    Ok(all)
}

/// A rate of a table and its interval, row by row.
pub fn rate<'b>(batch: &'b Batch, column: &str) -> impl Fn(usize) -> Rate + use<'b> {
    let [value, lo, hi] = ["", "_lo", "_hi"].map(|end| batch.f64(&format!("{column}{end}")));
    move |row| Rate { value: value[row], lo: lo[row], hi: hi[row] }
}

/// The rows that figures are made from, those over all worlds where there are several, and apart from them each world's.
fn split(rows: Vec<Accuracy>) -> (Vec<Accuracy>, Vec<Accuracy>) {
    let (over_all, each): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.seed.is_none());
    if over_all.is_empty() { (each, over_all) } else { (over_all, each) }
}

/// The rows of a table `accuracy` about the truth of the report and all of its worlds: of a run, its own.
pub fn over_all(batch: &Batch) -> Vec<Accuracy> {
    split(accuracy_rows(batch)).0
}

fn accuracy_rows(batch: &Batch) -> Vec<Accuracy> {
    let text = |column: &str, row: usize| batch.text(column).get(row).to_owned();
    let count = |column: &str, row: usize| batch.i64(column)[row];
    let [sensitivity, specificity, ppv, npv] = ["sensitivity", "specificity", "ppv", "npv"].map(|column| rate(batch, column));
    let truth = batch.text("truth");
    (0..batch.rows())
        .filter(|row| truth.get(*row) == TRUTH)
        .map(|row| Accuracy {
            seed: (!batch.is_null("seed", row)).then(|| batch.i64("seed")[row]),
            mode: text("mode", row),
            universe: text("universe", row),
            rule: text("rule", row),
            stratum: text("stratum", row),
            level: text("level", row),
            tp: count("tp", row),
            fp: count("fp", row),
            fn_: count("fn", row),
            tn: count("tn", row),
            sensitivity: sensitivity(row),
            specificity: specificity(row),
            ppv: ppv(row),
            npv: npv(row),
        })
        .collect()
}

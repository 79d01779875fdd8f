//! `cocoasim validate radio` and `cocoasim calibrate radio`.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    path::{Path, PathBuf},
};

use rayon::prelude::*;
use serde_json::json;

use crate::{
    drawing::{AgreementBin, AgreementPanel, agreement_figure},
    faults::{Faults, counted, use_one_of},
    inputs::{Inputs, is_dash, name_of},
    laboratory::{
        Agreement, Counted, Judgement, Matched, MeasuredScenario, Replica, Verdict, compare, fit, matched, read_measured, simulate,
    },
    mobility::{Carriage, PerCarriage},
    radio::{CalibrationTable, EnvironmentConfig, RadioModel},
    random::Seed,
    scenario::{Loaded, SourceArgs, open},
};

use super::{
    Failure,
    args::MeasuredArgs,
    files::{Outputs, one_standard_input, read_text},
    say,
};

/// Everything that the two commands start from.
struct Setting {
    loaded: Loaded,
    table: CalibrationTable,
    scenarios: Vec<MeasuredScenario>,
    /// Environment of each scenario.
    environments: Vec<String>,
    carriage: Option<Carriage>,
}

fn setting(args: &MeasuredArgs) -> Result<Setting, Failure> {
    let named = args.calibration.as_deref();
    one_standard_input([args.data.as_path(), Path::new(&args.environment), Path::new(&args.model), Path::new(named.unwrap_or(""))])?;
    let loaded = open(&SourceArgs { scenario: args.model.clone(), sets: args.sets.clone(), seed: None })?;
    let mut faults = Faults::default();
    let of_model = || (loaded.scenario.radio.calibration.as_str(), loaded.base_dir("radio.calibration"));
    let (table, folder) = named.map_or_else(of_model, |named| (named, PathBuf::new()));
    let table = CalibrationTable::open(table, &folder, &mut Inputs::default(), &mut faults);
    let mut scenarios = if faults.is_empty() { read_measured(&args.data, &table, &mut faults) } else { Vec::new() };
    if let Some(name) = &args.scenario {
        let remedy = use_one_of(name, scenarios.iter().map(|s| s.name.as_str()));
        scenarios.retain(|s| s.name == *name);
        if scenarios.is_empty() && faults.is_empty() {
            faults.push("--scenario", format!("the file has no scenario \"{name}\""), remedy);
        }
    }
    let carriage = args.carriage.as_ref().and_then(|name| {
        let found = Carriage::ALL.into_iter().find(|c| c.name() == name);
        if found.is_none() {
            let remedy = use_one_of(name, Carriage::ALL.iter().map(|c| c.name()));
            faults.push("--carriage", format!("no carriage \"{name}\""), remedy);
        }
        found
    });
    let known = &loaded.scenario.radio.environments;
    let by_file = environments_file(&args.environment, &mut faults);
    let mut environments = Vec::new();
    for scenario in &scenarios {
        let name = match &by_file {
            Some(map) => match map.get(&scenario.name) {
                Some(name) => name.clone(),
                None => {
                    faults.push("--environment", format!("no line for scenario \"{}\"", scenario.name), "add SCENARIO = \"ENVIRONMENT\"");
                    continue;
                }
            },
            None => args.environment.clone(),
        };
        if !known.contains_key(&name) {
            let problem = if name.ends_with(".toml") { format!("no file \"{name}\"") } else { format!("no environment \"{name}\"") };
            let remedy = use_one_of(&name, known.keys().map(String::as_str));
            if !faults.0.iter().any(|f| f.problem == problem) {
                faults.push("--environment", problem, remedy);
            }
        }
        environments.push(name);
    }
    if !faults.is_empty() {
        return Err(Failure::of_options(&faults));
    }
    Ok(Setting { loaded, table, scenarios, environments, carriage })
}

/// Largest file of environments by scenario, bytes.
const MAX_ENVIRONMENTS_BYTES: u64 = 1 << 20;

/// A TOML file of environments by scenario, if the argument names a file.
fn environments_file(argument: &str, faults: &mut Faults) -> Option<BTreeMap<String, String>> {
    let path = Path::new(argument);
    if !path.is_file() && !is_dash(path) {
        return None;
    }
    let text = read_text(path, MAX_ENVIRONMENTS_BYTES).map_err(|failure| failure.to_string());
    match text.and_then(|t| toml::from_str(&t).map_err(|e| e.to_string())) {
        Ok(map) => Some(map),
        Err(error) => {
            faults.push(argument, format!("cannot be read: {}", error.trim()), "write lines SCENARIO = \"ENVIRONMENT\"");
            Some(BTreeMap::new())
        }
    }
}

fn mix(setting: &Setting, environment: &EnvironmentConfig) -> PerCarriage<f32> {
    let only = |c: Carriage| if setting.carriage == Some(c) { 1.0 } else { 0.0 };
    match setting.carriage {
        None => environment.carriage_mix.clone(),
        Some(_) => PerCarriage {
            hand: only(Carriage::Hand),
            front_pocket: only(Carriage::FrontPocket),
            back_pocket: only(Carriage::BackPocket),
            bag: only(Carriage::Bag),
            table: only(Carriage::Table),
            ear: only(Carriage::Ear),
        },
    }
}

fn replica<'a>(setting: &'a Setting, model: &'a RadioModel, environment: &str) -> Replica<'a> {
    let environment = model.environment_named(environment).expect("the setting has checked every name");
    Replica { model, table: &setting.table, environment, carriage: mix(setting, &environment.config) }
}

/// How an agreement is shown.
#[derive(Clone, Copy)]
pub(super) enum Shown {
    Json,
    Text {
        /// With the minutes of each directed pair.
        pairs: bool,
    },
}

pub(super) fn validate(
    args: &MeasuredArgs,
    (runs, seed): (u64, u64),
    shown: Shown,
    figure: Option<&Path>,
    overwrite: bool,
) -> Result<(), Failure> {
    let outputs = Outputs::new(figure, overwrite, matches!(shown, Shown::Json))?;
    let setting = setting(args)?;
    let model = RadioModel::new(&setting.loaded.scenario.radio, Seed(seed));
    let agreements: Vec<Agreement> = setting
        .scenarios
        .iter()
        .zip(&setting.environments)
        .map(|(scenario, name)| {
            let replica = replica(&setting, &model, name);
            let runs: Vec<Vec<Option<f32>>> = (0..runs)
                .into_par_iter()
                .map(|k| simulate(&replica, scenario, Seed(seed.wrapping_mul(1_000_003).wrapping_add(k))))
                .collect();
            compare(scenario, name, &runs)
        })
        .collect();
    if let Some(path) = figure {
        outputs.write_and_say(path, agreement_figure(&panels(&agreements)).as_bytes())?;
    }
    outputs.answer(&match shown {
        Shown::Json => format!("{:#}\n", {
            let mut answer = json!(together(&agreements));
            answer["scenarios"] = json!(agreements);
            answer
        }),
        Shown::Text { pairs } => text(&agreements, pairs),
    })
}

fn panels(agreements: &[Agreement]) -> Vec<AgreementPanel> {
    let panel = |a: &Agreement| AgreementPanel {
        title: format!("{} as {}", a.name, a.environment),
        bins: a
            .bins
            .iter()
            .map(|b| AgreementBin {
                from_m: f64::from(b.from_m),
                to_m: f64::from(b.to_m),
                measured: (b.observed.heard, b.observed.quantiles()),
                simulated: (b.simulated.heard, b.simulated.quantiles()),
            })
            .collect(),
        roc: a.roc.iter().map(|r| [r.observed, r.simulated].map(|o| Some((o.fpr?, o.tpr?)))).collect(),
    };
    agreements.iter().map(panel).collect()
}

fn text(agreements: &[Agreement], pairs: bool) -> String {
    let mut out = String::new();
    let number = |v: Option<f64>, digits: usize| v.map_or_else(|| "-".into(), |v| format!("{v:.digits$}"));
    for a in agreements {
        let _ = writeln!(out, "{} as {}: measured, then simulated (5-95 % of single runs)", a.name, a.environment);
        let _ = writeln!(
            out,
            "{:>9} {:>6}  {:<10} {:>6} {:>6} {:>6} {:>6} {:>6} {:>6} {:>13}",
            "m", "scans", "", "heard", "q05", "q25", "q50", "q75", "q95", "without late"
        );
        for b in &a.bins {
            let line = |c: &Counted| {
                let mut row = format!("{:>6}", number(c.heard, 2));
                c.quantiles().iter().for_each(|q| row += &format!(" {:>6}", number(*q, 1)));
                row + &format!(" {:>13}", number(c.heard_without_late, 2))
            };
            let _ = writeln!(out, "{:>9} {:>6}  {:<10} {}", format!("{}-{}", b.from_m, b.to_m), b.scans, "measured", line(&b.observed));
            let _ = writeln!(out, "{:>9} {:>6}  {:<10} {}", "", "", "simulated", line(&b.simulated));
            let edge = |side: usize| {
                let mut row = String::new();
                b.run_interval.iter().enumerate().for_each(|(i, e)| {
                    row += &format!("{}{:>6}", if i == 0 { "" } else { " " }, number(e.map(|e| e[side]), if i == 0 { 2 } else { 1 }));
                });
                row
            };
            let _ = writeln!(out, "{:>9} {:>6}  {:<10} {}", "", "", "  from", edge(0));
            let _ = writeln!(out, "{:>9} {:>6}  {:<10} {}", "", "", "  to", edge(1));
        }
        for auc in &a.auc {
            let _ = writeln!(
                out,
                "AUC within {} m, scans heard: {} measured, {} simulated",
                auc.within_m,
                number(auc.observed, 3),
                number(auc.simulated, 3)
            );
        }
        for row in &a.dynamics.autocorrelation {
            let _ = writeln!(
                out,
                "autocorrelation of a pair after {} s: {} measured, {} simulated",
                row.lag_s,
                number(row.observed, 2),
                number(row.simulated, 2)
            );
        }
        let _ = writeln!(
            out,
            "reciprocity within 30 s: {} measured, {} simulated",
            number(a.dynamics.reciprocity_observed, 2),
            number(a.dynamics.reciprocity_simulated, 2)
        );
        let late = &a.late_starters;
        if a.silent_scans > 0 {
            let phones = [("later", &late.late), ("never", &late.never_heard)].into_iter().filter(|(_, phones)| !phones.is_empty());
            let phones: Vec<String> = phones.map(|(when, phones)| format!("{when} {}", phones.join(", "))).collect();
            let _ = writeln!(
                out,
                "{} of phones that had not begun to advertise ({}): unheard in both",
                counted(a.silent_scans, "scan"),
                phones.join("; ")
            );
        }
        for (which, share) in [("with", late.heard_with), ("without", late.heard_without)] {
            let _ = writeln!(
                out,
                "share heard at known distances, {which} late starters: {} measured, {} simulated",
                number(share.observed, 3),
                number(share.simulated, 3)
            );
        }
        let _ = writeln!(
            out,
            "{:>6} dB {:>9} {:>9} {:>7} {:>7}   {:>7} {:>7}  (15 min within 2 m, directed pairs)",
            "rule", "contacts", "others", "TPR", "sim.", "FPR", "sim."
        );
        for r in &a.pair_rules {
            let _ = writeln!(
                out,
                "{:>6}    {:>9} {:>9} {:>7} {:>7}   {:>7} {:>7}",
                r.rule,
                r.positives,
                r.negatives,
                number(r.observed.tpr, 2),
                number(r.simulated.tpr, 2),
                number(r.observed.fpr, 2),
                number(r.simulated.fpr, 2)
            );
        }
        let judgement = &a.judgement;
        if judgement.lists_heard_only {
            let _ =
                writeln!(out, "the file lists nothing unheard: neither levels, shares heard nor minutes are judged, but spread and time");
        }
        let _ = writeln!(out, "{}", sentence(&judgement.verdict));
        for o in &judgement.figures_outside {
            let digits = if o.tolerance < 1.0 { 2 } else { 1 };
            let chance = o.runs_outside.map_or_else(String::new, |share| format!("; so are {:.0} % of single runs", 100.0 * share));
            let _ = writeln!(
                out,
                "  {}: {:.digits$} measured, {:.digits$} simulated, tolerance {}{chance}",
                o.figure, o.observed, o.simulated, o.tolerance
            );
        }
        if pairs {
            let _ = writeln!(out, "minutes at or under          50     55     60     63     70     73 dB  (measured / simulated)");
        }
        for p in a.pairs.iter().filter(|_| pairs) {
            let _ = write!(out, "{} hears {}, {:.0} within 2 m:", p.receiver, p.transmitter, p.within_2m_min);
            for (observed, simulated) in p.observed_min.iter().zip(&p.simulated_min) {
                let _ = write!(out, "  {observed:.1}/{simulated:.1}");
            }
            out.push('\n');
        }
        out.push('\n');
    }
    if agreements.len() > 1 {
        let _ = writeln!(out, "all scenarios: {}", sentence(&together(agreements)));
    }
    out
}

fn together(agreements: &[Agreement]) -> Verdict {
    Judgement::together(agreements.iter().map(|a| &a.judgement))
}

fn sentence(verdict: &Verdict) -> String {
    let Verdict { judged, outside, .. } = verdict;
    let counted = format!("{outside} of {judged} judged figures outside their tolerance");
    match (verdict.passes, verdict.chance_p99, verdict.chance_mean) {
        (Some(passes), Some(p99), Some(mean)) => format!(
            "{}: {counted}; of sets drawn from the model itself 99 % have {p99} or fewer ({mean:.1} on average){}",
            if passes { "passes" } else { "fails" },
            if p99 >= *judged { ": so few figures decide nothing" } else { "" }
        ),
        _ => format!("{counted}; with 20 runs or more it is judged whether chance allows that"),
    }
}

/// Numbers to four decimals, as somebody would write them.
fn rounded(value: serde_json::Value) -> serde_json::Value {
    match value {
        serde_json::Value::Object(map) => map.into_iter().map(|(key, value)| (key, rounded(value))).collect(),
        serde_json::Value::Number(n) if n.is_f64() => json!((n.as_f64().unwrap_or_default() * 1e4).round() / 1e4),
        other => other,
    }
}

/// Largest distance of a link that is measured, m.
const MOST_WITHIN_M: f32 = 1000.0;

pub(super) fn calibrate(args: &MeasuredArgs, within_m: f32, out: Option<&Path>, overwrite: bool, as_json: bool) -> Result<(), Failure> {
    if !(within_m > 0.0 && within_m <= MOST_WITHIN_M) {
        let problem = "not a distance of measured links";
        return Err(Failure::fault("--within", problem, format!("give a distance above 0 m, up to {MOST_WITHIN_M} m")));
    }
    let outputs = Outputs::new(out, overwrite, as_json)?;
    let setting = setting(args)?;
    let model = RadioModel::new(&setting.loaded.scenario.radio, Seed(1));
    let mut rows = Vec::new();
    let mut toml_text = String::new();
    let mut shown = String::new();
    for (scenario, name) in setting.scenarios.iter().zip(&setting.environments) {
        let replica = replica(&setting, &model, name);
        let found = fit(&replica, scenario, within_m)
            .map_err(|why| Failure::fault(format!("{}: {}", name_of(&args.data), scenario.name), why, ""))?;
        say(format_args!("{}: looking for the environment that gives these estimates back", scenario.name));
        let matched = matched(&replica, scenario, &found, within_m, Seed(1));
        let Matched { environment, scatter, lacks } = &matched;
        let _ = writeln!(
            shown,
            "{}: {} of {}, log likelihood {:.1}",
            scenario.name,
            counted(found.scans, "scan"),
            counted(found.pairs, "directed pair"),
            found.log_likelihood
        );
        let estimates = [
            ("level_at_1m_db", "level at 1 m, as carried", found.level_at_1m_db, "dB"),
            ("exponent", "exponent", found.exponent, ""),
            ("between_pairs_sd_db", "spread between pairs", found.between_pairs_sd_db, "dB"),
            ("within_pairs_sd_db", "spread from scan to scan", found.within_pairs_sd_db, "dB"),
            ("scan_miss", "share of scans missed", found.scan_miss, ""),
        ];
        let _ = writeln!(shown, "  {:<26} {:>7}   {:<6} {:>18}", "", "", "", "experiments scatter");
        let mut not_given_back = Vec::new();
        for (i, ((_, what, (value, error), unit), scatter)) in estimates.iter().zip(scatter).enumerate() {
            if !matched.gives_back(i) {
                let what = if i == 0 { "level at 2 m" } else { what };
                not_given_back.push(format!("{what} (off by {:.2}{}{unit})", -lacks[i], if unit.is_empty() { "" } else { " " }));
            }
            let error = if error.is_nan() {
                say(format_args!(
                    "warning: {}: {what}: these data do not determine it (at its bound, or a flat likelihood)",
                    scenario.name
                ));
                "undetermined".into()
            } else {
                format!("± {error:.2} {unit}")
            };
            let _ = writeln!(shown, "  {what:<26} {value:>7.2} {error:<12} {scatter:>14.2} {unit}");
        }
        let _ = writeln!(
            shown,
            "  as an environment: level {:.1} dB, exponent {:.2}, pair offset {:.1} dB, shadowing {:.1} dB, miss {:.2}",
            environment.level_at_1m_db,
            environment.exponent,
            environment.pair_offset_sd_db,
            environment.both_shadowings_sd_db(),
            environment.scan_miss
        );
        let key = format!("{}-fitted", scenario.name);
        let nested = json!({ "radio": { "environments": { (key.as_str()): rounded(json!(environment)) } } });
        let body = toml::to_string(&nested).expect("an environment is plain data");
        let _ = write!(
            toml_text,
            "# Fitted by `cocoasim calibrate radio` to scenario {}, {}, carried as {}: scans simulated with it give the estimates of\n\
             # the measured ones{}. What is not fitted is {name}'s.\n{body}\n",
            scenario.name,
            counted(found.scans, "scan"),
            args.carriage.as_deref().unwrap_or("the environment's mix"),
            if not_given_back.is_empty() { String::new() } else { format!(" but for {}", not_given_back.join(", ")) }
        );
        if !not_given_back.is_empty() {
            say(format_args!(
                "warning: {}: simulated scans do not give back: {} (a parameter at its bound, or more than the model can follow)",
                scenario.name,
                not_given_back.join(", ")
            ));
        }
        let mut row = json!({
            "name": scenario.name,
            "scans": found.scans,
            "pairs": found.pairs,
            "log_likelihood": found.log_likelihood,
            "environment": environment,
        });
        for (i, ((key, _, (value, error), _), scatter)) in estimates.iter().zip(scatter).enumerate() {
            row[*key] = json!({
                "value": value, "standard_error": error, "experiments_scatter": scatter, "given_back": matched.gives_back(i)
            });
        }
        rows.push(row);
    }
    if let Some(path) = out {
        outputs.write(path, toml_text.as_bytes())?;
        say(format_args!(
            "{}: put these tables into a scenario; there name them in a room of a venue kind (key environment), and hold them \
             against data with `validate radio --model SCENARIO.toml --environment NAME-fitted`",
            if is_dash(path) { "standard output".into() } else { path.display().to_string() }
        ));
    }
    outputs.answer(&if as_json { format!("{:#}\n", json!({ "scenarios": rows })) } else { shown })
}

//! `cocoasim validate contacts`.

use std::fmt::Write as _;

use crate::{
    faults::{Faults, counted},
    meetings::{CONFIDENCE, Comparison, JUDGED, Line, MeetingsError, Reference, Validation, Verdict, named, read_references, validate},
};

use super::{Failure, args::ContactsArgs, files::Outputs};

/// Figures of a kind of venue that the terminal shows; `--json` has all.
const SHOWN: [&str; 22] = [
    "people",
    "days",
    "person_days",
    "events",
    "ev_mean_s",
    "ev_share_20s",
    "ev_cv2",
    "ev_tail_alpha",
    "ev_tail_xmin_s",
    "ev_alpha_xmin60",
    "pair_days",
    "pd_cum_median_s",
    "pd_cum_mean_s",
    "pd_ge15_share",
    "time_share_in_ge15_pairs",
    "deg_mean",
    "deg_cv",
    "k15_mean",
    "persons_with_k15_ge1",
    "contact_min_per_person_day",
    "ict_pair_median_s",
    "ict_pair_mean_s",
];

pub(super) fn contacts(args: &ContactsArgs) -> Result<(), Failure> {
    let outputs = Outputs::new([], false, args.json)?;
    let references = references(args)?;
    let validation = validate(&args.run_dir, &references, args.venue_kind.as_deref()).map_err(of_meetings)?;
    outputs.answer(&match args.json {
        true => format!("{:#}\n", serde_json::json!(validation)),
        false => text(&validation),
    })
}

/// The data sets that are compared.
fn references(args: &ContactsArgs) -> Result<Vec<Reference>, Failure> {
    let Some(path) = &args.reference else { return Ok(Vec::new()) };
    let mut faults = Faults::default();
    let mut references = read_references(path, &mut faults);
    if let Some(name) = args.dataset.as_deref().filter(|_| faults.is_empty()) {
        references = named(&references, name, &mut faults).cloned().into_iter().collect();
    }
    if faults.is_empty() { Ok(references) } else { Err(Failure::of_options(&faults)) }
}

fn of_meetings(error: MeetingsError) -> Failure {
    match error {
        MeetingsError::Io(io) if !io.is_wrong_input() => Failure::machine(io),
        wrong => Failure::wrong_input(wrong),
    }
}

fn number(value: Option<f64>) -> String {
    value.map_or_else(|| "-".into(), |v| if v == v.round() && v.abs() < 1e9 { format!("{v}") } else { format!("{v:.3}") })
}

fn text(validation: &Validation) -> String {
    let mut out = String::new();
    let slots = validation.slots;
    let _ = writeln!(
        out,
        "slots of 20 s within {} m; facing: each within {} degrees of the direction that the other faces, nothing between; near: whichever \
         way they face, walls alone between",
        slots.radius_m, slots.cone_deg
    );
    for kind in &validation.kinds {
        let _ = writeln!(out, "\n{}\n{:<28} {:>12} {:>12}", kind.venue_kind, "", "facing", "near");
        for name in SHOWN {
            let of = |figures: &std::collections::BTreeMap<&'static str, Option<f64>>| number(figures.get(name).copied().flatten());
            let _ = writeln!(out, "{name:<28} {:>12} {:>12}", of(&kind.facing), of(&kind.near));
        }
    }
    for comparison in &validation.comparisons {
        compared(comparison, &mut out);
    }
    let _ = writeln!(
        out,
        "\n{:<62} {:>10} {:>21} {:>13}  {:<10} n",
        "what is known of people",
        "run",
        format!("{:.0} % by chance", CONFIDENCE * 100.0),
        "band",
        ""
    );
    for line in &validation.lines {
        let _ = writeln!(
            out,
            "{:<62} {:>10} {:>21} {:>13}  {:<10} {} {}",
            line.line,
            number(line.value),
            range([line.low, line.high]),
            band(line),
            verdict(line.verdict),
            line.n,
            line.of
        );
        if let Some(why) = &line.why {
            let _ = writeln!(out, "    {why}");
        }
    }
    let _ = writeln!(out, "\n{}", sentence(validation));
    out
}

fn compared(comparison: &Comparison, out: &mut String) {
    let Comparison { dataset, venue_kind, people, person_days, .. } = comparison;
    let _ = writeln!(out, "\n{venue_kind} beside {dataset}: {people} people, {person_days} person-days, facing");
    let _ = writeln!(out, "{:<38} {:>12} {:>12} {:>23}", "", "run", "measured", "allowed by chance");
    for f in comparison.figures.iter().filter(|f| SHOWN.contains(&f.figure) || JUDGED.contains(&f.figure)) {
        let allowed = range([f.low, f.high]);
        let _ = writeln!(
            out,
            "{:<38} {:>12} {:>12} {:>23}  {}",
            f.figure,
            number(f.run),
            number(f.reference),
            allowed,
            if f.verdict == Verdict::Printed { "" } else { verdict(f.verdict) }
        );
    }
    let _ = match comparison.passes {
        None => writeln!(out, "nothing was judged: 20 people or more are needed, and figures of both"),
        Some(passes) => writeln!(
            out,
            "{}: {} of {} outside; if the model is exactly right, none is with a chance of {CONFIDENCE} or more",
            if passes { "passes" } else { "fails" },
            comparison.outside,
            counted(comparison.judged, "judged figure")
        ),
    };
}

fn range([low, high]: [Option<f64>; 2]) -> String {
    low.zip(high).map_or_else(String::new, |(low, high)| format!("{low:.3} to {high:.3}"))
}

fn band(line: &Line) -> String {
    match line.band {
        [Some(from), Some(to)] if from == to => format!("{from}"),
        [Some(from), Some(to)] => format!("{from:.2}-{to:.2}"),
        [Some(from), None] => format!(">= {from}"),
        [None, Some(to)] => format!("<= {to}"),
        [None, None] => String::new(),
    }
}

fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "pass",
        Verdict::Fail => "fail",
        Verdict::Fitted => "not judged",
        Verdict::TooFew => "too few",
        Verdict::Printed => "printed",
        Verdict::NotInThisRun => "not in this run",
    }
}

fn sentence(validation: &Validation) -> String {
    match validation.passes {
        None => "nothing was judged".into(),
        Some(passes) => format!(
            "{}: {} of {} comparisons and lines fail; if the model is exactly right, none does with a chance of {:.2} or more",
            if passes { "passes" } else { "fails" },
            validation.outside,
            validation.judged,
            validation.chance_at_least
        ),
    }
}

//! What a scenario's comparison says: rows of figures, measured beside simulated, and how they were judged.

use serde::Serialize;

use super::dynamics::Dynamics;

/// Figures of one set of scans in one bin. `None` where there are none.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Counted {
    /// Share of scans in view that heard something.
    pub heard: Option<f64>,
    /// The same without scans of phones that had not begun to advertise, see [`MeasuredScenario::silent`](super::MeasuredScenario::silent).
    pub heard_without_late: Option<f64>,
    /// Quantiles of typical attenuation of scans that heard something, dB.
    pub q05: Option<f64>,
    /// See `q05`.
    pub q25: Option<f64>,
    /// See `q05`.
    pub q50: Option<f64>,
    /// See `q05`.
    pub q75: Option<f64>,
    /// See `q05`.
    pub q95: Option<f64>,
}

impl Counted {
    /// The five quantiles.
    pub fn quantiles(&self) -> [Option<f64>; 5] {
        [self.q05, self.q25, self.q50, self.q75, self.q95]
    }
}

/// A distance bin.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BinRow {
    /// From, m.
    pub from_m: f32,
    /// To (not included), m.
    pub to_m: f32,
    /// Scans in view.
    pub scans: usize,
    /// Measured.
    pub observed: Counted,
    /// Simulated, all runs together.
    pub simulated: Counted,
    /// 5 and 95 % of single runs, for heard and the five quantiles: what a data set of this size scatters by.
    pub run_interval: Vec<Option<[f64; 2]>>,
}

/// How well typical attenuation orders scans by distance.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AucRow {
    /// Near means within this, m.
    pub within_m: f32,
    /// Measured.
    pub observed: Option<f64>,
    /// Simulated, mean over runs.
    pub simulated: Option<f64>,
}

/// A point of the curve over thresholds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct RocRow {
    /// A scan at or under this counts as near, dB.
    pub threshold_db: f32,
    /// Of measured scans within 2 m (tpr) and beyond (fpr).
    pub observed: Rates,
    /// The same simulated, all runs together.
    pub simulated: Rates,
}

/// True and false positive rates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Rates {
    /// Of pairs in contact.
    pub tpr: Option<f64>,
    /// Of pairs not in contact.
    pub fpr: Option<f64>,
}

/// A rule over directed pairs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PairRule {
    /// "63", or "55/63" where minutes between count half.
    pub rule: String,
    /// Directed pairs in contact.
    pub positives: usize,
    /// Directed pairs not in contact.
    pub negatives: usize,
    /// Measured.
    pub observed: Rates,
    /// Simulated, mean over runs.
    pub simulated: Rates,
}

/// Phones that had not begun to advertise, see [`MeasuredScenario::silent`](super::MeasuredScenario::silent), and the share heard of scans at known distances.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LateStarters {
    /// Phones that began later.
    pub late: Vec<String>,
    /// Phones that never did.
    pub never_heard: Vec<String>,
    /// Share heard of all scans.
    pub heard_with: Share,
    /// Share heard without those of the phones above before they began.
    pub heard_without: Share,
}

/// Measured and simulated, all runs together.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Share {
    /// Measured.
    pub observed: Option<f64>,
    /// Simulated.
    pub simulated: Option<f64>,
}

/// A directed pair's minutes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PairMinutes {
    /// Receiver.
    pub receiver: String,
    /// Transmitter.
    pub transmitter: String,
    /// Minutes within 2 m.
    pub within_2m_min: f64,
    /// Measured minutes at or under 50, 55, 60, 63, 70, 73 dB.
    pub observed_min: Vec<f64>,
    /// The same simulated, mean over runs.
    pub simulated_min: Vec<f64>,
}

/// Everything about one scenario.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Agreement {
    /// The scenario.
    pub name: String,
    /// The environment it was simulated in.
    pub environment: String,
    /// By distance.
    pub bins: Vec<BinRow>,
    /// By ordering.
    pub auc: Vec<AucRow>,
    /// By threshold, scans that heard something.
    pub roc: Vec<RocRow>,
    /// By rule.
    pub pair_rules: Vec<PairRule>,
    /// By time and direction.
    pub dynamics: Dynamics,
    /// Scans of phones that had not begun to advertise, see [`MeasuredScenario::silent`](super::MeasuredScenario::silent).
    pub silent_scans: usize,
    /// Whose they are, and the share heard with and without them.
    pub late_starters: LateStarters,
    /// What lies outside its tolerance, and whether chance allows it.
    #[serde(flatten)]
    pub judgement: Judgement,
    /// By directed pair.
    pub pairs: Vec<PairMinutes>,
}

/// A figure that lies outside its tolerance.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Outside {
    /// Which, such as "3-4 m heard" or "TPR 53/60".
    pub figure: String,
    /// Measured.
    pub observed: f64,
    /// Simulated.
    pub simulated: f64,
    /// How far they may lie apart.
    pub tolerance: f64,
    /// The share of single runs that lie outside it as well: what chance does to this figure in an experiment of this size.
    pub runs_outside: Option<f64>,
}

/// Figures against their tolerances, judged by chance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Verdict {
    /// Figures that are judged.
    pub judged: usize,
    /// Those outside their tolerance.
    pub outside: usize,
    /// So many or fewer lie outside in 99 % of cases when the model is right: the 99th percentile of what its runs give, each
    /// in turn taken for the measurement. `None` of fewer than 20 runs; the largest of all runs where there are fewer than 99.
    pub chance_p99: Option<usize>,
    /// The mean of the same.
    pub chance_mean: Option<f64>,
    /// No more outside than `chance_p99`.
    pub passes: Option<bool>,
}

/// A scenario's figures against their tolerances: share heard 0.06, median and quartiles 2 dB, outer quantiles 3 dB in bins of
/// 50 scans or more; AUC 0.03; TPR 0.08 where 20 directed pairs or more are in contact, FPR 0.04; autocorrelation after 60 and
/// 300 s and reciprocity within 30 s 0.1 each.
///
/// A file without a row where nothing was heard, though some would be in every run of the model, lists what was heard and nothing
/// else. It does not give the share heard, nor minutes, nor how far levels and orderings were cut at the receivers' floor: there
/// the spread from quartile to quartile (2 dB) is judged in bins where the model hears 95 % or more, and what hangs together in time and
/// direction.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Judgement {
    /// How many, and whether chance allows it.
    #[serde(flatten)]
    pub verdict: Verdict,
    /// The file lists nothing that was not heard.
    pub lists_heard_only: bool,
    /// The figures outside.
    pub figures_outside: Vec<Outside>,
    /// Figures outside by run.
    #[serde(skip)]
    pub(super) outside_by_run: Vec<usize>,
}

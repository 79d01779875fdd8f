//! Measured scans: one row for each scan of a receiver and transmitter in view.

use std::{collections::BTreeMap, path::Path};

use crate::{
    columns::{Columns, shown},
    faults::{Faults, short},
    math,
    radio::CalibrationTable,
};

/// One receiver scan of one transmitter in view.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MeasuredScan {
    /// When, s since some moment of the scenario's own (its start, or 1970).
    pub t_s: f64,
    /// Index of the receiver among the scenario's phones.
    pub receiver: usize,
    /// Index of the transmitter.
    pub transmitter: usize,
    /// Distance, m, if known.
    pub distance_m: Option<f32>,
    /// Seconds since the receiver's last scan; 0 if unknown.
    pub seconds: f64,
    /// Mean attenuation of the packets heard, dB; `None` if none was.
    pub typical_db: Option<f32>,
}

/// A measured scenario.
#[derive(Clone, Debug, Default)]
pub struct MeasuredScenario {
    /// Its name.
    pub name: String,
    /// Label and model of each phone.
    pub phones: Vec<(String, String)>,
    /// The scans, in time order.
    pub scans: Vec<MeasuredScan>,
}

impl MeasuredScenario {
    /// The same scans, of which each heard this: typical attenuation, dB.
    pub fn hearing(&self, typical_db: &[Option<f32>]) -> Self {
        let mut other = self.clone();
        other.scans.iter_mut().zip(typical_db).for_each(|(scan, db)| scan.typical_db = *db);
        other
    }

    /// Phones by label, scans by time, receiver and transmitter: the same rows in another order give the same.
    fn put_in_order(&mut self) {
        let mut by_label: Vec<usize> = (0..self.phones.len()).collect();
        by_label.sort_by(|a, b| self.phones[*a].cmp(&self.phones[*b]));
        let mut place = vec![0; by_label.len()];
        by_label.iter().enumerate().for_each(|(new, old)| place[*old] = new);
        self.phones = by_label.iter().map(|old| self.phones[*old].clone()).collect();
        for s in &mut self.scans {
            (s.receiver, s.transmitter) = (place[s.receiver], place[s.transmitter]);
        }
        let key = |s: &MeasuredScan| (s.receiver, s.transmitter);
        self.scans.sort_by(|a, b| a.t_s.total_cmp(&b.t_s).then_with(|| key(a).cmp(&key(b))));
    }

    /// Scans of phones that had not begun to advertise: all before a phone was first heard by anybody, if so many misses in a
    /// row have a chance under 5 %, from what each of the receivers heard of it later (a pair's share as (heard + 1) /
    /// (scans + 2), at most 95 %). Of a phone that nobody ever heard, all: its receivers' shares are then those of the others
    /// whom they had in view as far away or farther on average, each as likely. Who is heard by nobody because it is weak, and
    /// alone in that, is taken for silent.
    ///
    /// Experiments begin while apps are still starting: in DP-3T's queue nearly all misses lie before the phone's first
    /// packet, and hardly any after it. Taken for misses by chance they would come and go, and no far pair would persist.
    pub fn silent(&self) -> Vec<bool> {
        const UNLIKELY: f64 = 0.05;
        let mut first_s = vec![f64::INFINITY; self.phones.len()];
        for s in self.scans.iter().filter(|s| s.typical_db.is_some()) {
            first_s[s.transmitter] = first_s[s.transmitter].min(s.t_s);
        }
        // Of each directed pair, before and after the transmitter's first packet. Scans at an unknown distance are listed only
        // when heard, so they say nothing.
        let (mut before, mut after) = (BTreeMap::<(usize, usize), InView>::new(), BTreeMap::<(usize, usize), InView>::new());
        for s in self.scans.iter().filter(|s| s.t_s != first_s[s.transmitter]) {
            let Some(distance_m) = s.distance_m else { continue };
            let side = if s.t_s < first_s[s.transmitter] { &mut before } else { &mut after };
            let pair = side.entry((s.receiver, s.transmitter)).or_default();
            pair.scans += 1;
            pair.heard += u32::from(s.typical_db.is_some());
            pair.sum_m += f64::from(distance_m);
        }
        let mut chance = vec![1.0; self.phones.len()];
        for ((receiver, transmitter), unheard) in &before {
            let misses = |of: &InView| math::powi(of.miss(), unheard.scans as i32);
            chance[*transmitter] *= if first_s[*transmitter].is_finite() {
                // A receiver that was not in view later says nothing.
                after.get(&(*receiver, *transmitter)).map_or(1.0, misses)
            } else {
                let others = after.range((*receiver, 0)..(*receiver + 1, 0)).map(|(_, of)| of);
                let farther: Vec<f64> = others.filter(|of| of.mean_m() >= unheard.mean_m()).map(misses).collect();
                if farther.is_empty() { 1.0 } else { farther.iter().sum::<f64>() / farther.len() as f64 }
            };
        }
        self.scans.iter().map(|s| chance[s.transmitter] < UNLIKELY && s.t_s < first_s[s.transmitter]).collect()
    }
}

/// What a receiver had in view of a transmitter.
#[derive(Default)]
struct InView {
    scans: u32,
    heard: u32,
    sum_m: f64,
}

impl InView {
    fn miss(&self) -> f64 {
        1.0 - (f64::from(self.heard + 1) / f64::from(self.scans + 2)).min(0.95)
    }

    fn mean_m(&self) -> f64 {
        self.sum_m / f64::from(self.scans)
    }
}

const COLUMNS: [&str; 11] = [
    "scenario",
    "t_s",
    "receiver",
    "transmitter",
    "receiver_model",
    "transmitter_model",
    "distance_m",
    "seconds_since_last_scan",
    "packets",
    "min_db",
    "typical_db",
];

/// Reads measured scans. Models must be in `table`; faults name line and column.
pub fn read_measured(path: &Path, table: &CalibrationTable, faults: &mut Faults) -> Vec<MeasuredScenario> {
    let Some(mut columns) = Columns::open(path, &COLUMNS, faults) else { return Vec::new() };
    let at = COLUMNS.map(|name| columns.position(name).expect("it is required"));
    let mut scenarios: Vec<MeasuredScenario> = Vec::new();
    let mut by_name: BTreeMap<String, usize> = BTreeMap::new();
    let mut phones: BTreeMap<(usize, String), usize> = BTreeMap::new();
    // Line of each scan of each transmitter.
    let mut lines: BTreeMap<(String, u64, [String; 2]), usize> = BTreeMap::new();
    columns.each_line(faults, |line| {
        let mut problems: Vec<(&'static str, String, String)> = Vec::new();
        // A number within a range; an empty field is None where that is allowed.
        let mut number = |i: usize, needed: bool, low: f64, high: f64| -> Option<f64> {
            let remedy = || format!("give a number from {low} to {high}{}", if needed { "" } else { ", or nothing" });
            match line.optional::<f64>(at[i]) {
                Some(Ok(v)) if (low..=high).contains(&v) => Some(v),
                Some(Ok(v)) => {
                    problems.push((COLUMNS[i], format!("{} is out of range", short(v)), remedy()));
                    None
                }
                Some(Err(problem)) => {
                    problems.push((COLUMNS[i], problem, remedy()));
                    None
                }
                None => {
                    if needed {
                        problems.push((COLUMNS[i], "empty".into(), remedy()));
                    }
                    None
                }
            }
        };
        let t_s = number(1, true, -1e12, 1e12);
        let distance_m = number(6, false, 0.0, 1000.0);
        let seconds = number(7, false, 0.0, 36_000.0);
        let packets = number(8, true, 0.0, 100_000.0);
        let min_db = number(9, false, -50.0, 250.0);
        let typical_db = number(10, false, -50.0, 250.0);
        if packets.is_some_and(|n| n > 0.0) && (typical_db.is_none() || min_db.is_none()) && problems.is_empty() {
            problems.push(("typical_db", "packets without dB".into(), "give min_db and typical_db, or packets 0".into()));
        }
        if packets == Some(0.0) && (typical_db.is_some() || min_db.is_some()) {
            problems.push((
                "packets",
                "0, and yet a dB value".into(),
                "give the number of packets, or leave min_db and typical_db empty".into(),
            ));
        }
        for i in [4, 5] {
            let model = line.text(at[i]);
            if !table.identifies(model) {
                let near = table.nearest(model).map_or_else(String::new, |m| format!("did you mean {m}? "));
                problems.push((
                    COLUMNS[i],
                    format!("the calibration table has no model \"{}\"", shown(model)),
                    format!("{near}use --calibration with a table that lists it"),
                ));
            }
        }
        if line.text(at[2]) == line.text(at[3]) {
            problems.push(("transmitter", "a phone that hears itself".into(), "name two phones".into()));
        }
        // What is said of a phone in one line holds in every line of the scenario.
        let known = |label: usize| {
            let s = *by_name.get(line.text(at[0]))?;
            phones.get(&(s, line.text(at[label]).to_string())).map(|phone| &scenarios[s].phones[*phone].1)
        };
        for (label, model) in [(2, 4), (3, 5)] {
            if let Some(before) = known(label).filter(|before| *before != line.text(at[model])) {
                let problem = format!("phone \"{}\" is a \"{before}\" in a line before", shown(line.text(at[label])));
                problems.push((COLUMNS[model], problem, "give each phone of a scenario one model, or two phones two labels".into()));
            }
        }
        let scan = (line.text(at[0]).to_string(), t_s.unwrap_or(0.0).to_bits(), [2, 3].map(|i| line.text(at[i]).to_string()));
        if problems.is_empty()
            && let Some(before) = lines.insert(scan, line.number)
        {
            problems.push(("t_s", format!("the same scan of the same phone as line {before}"), "keep one of the two".into()));
        }
        if problems.is_empty() {
            let name = line.text(at[0]).to_string();
            let s = *by_name.entry(name.clone()).or_insert_with(|| {
                scenarios.push(MeasuredScenario { name, ..MeasuredScenario::default() });
                scenarios.len() - 1
            });
            let mut phone = |label: usize, model: usize| {
                let label = line.text(at[label]).to_string();
                *phones.entry((s, label.clone())).or_insert_with(|| {
                    scenarios[s].phones.push((label, line.text(at[model]).to_string()));
                    scenarios[s].phones.len() - 1
                })
            };
            let (receiver, transmitter) = (phone(2, 4), phone(3, 5));
            let heard = packets.is_some_and(|n| n > 0.0);
            scenarios[s].scans.push(MeasuredScan {
                t_s: t_s.unwrap_or(0.0),
                receiver,
                transmitter,
                distance_m: distance_m.map(|d| d as f32),
                seconds: seconds.unwrap_or(0.0),
                typical_db: typical_db.filter(|_| heard).map(|v| v as f32),
            });
        }
        problems
    });
    scenarios.iter_mut().for_each(MeasuredScenario::put_in_order);
    if scenarios.is_empty() && faults.is_empty() {
        faults.push_line(columns.file(), 1, "no data line", "give measured scans");
    }
    scenarios
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Phones 0 to 4 in a row, a metre between neighbours, scan once a minute for half an hour; `hears` of receiver,
    /// transmitter and minute.
    fn scenario(hears: impl Fn(usize, usize, usize) -> bool) -> MeasuredScenario {
        let mut scans = Vec::new();
        for minute in 0..30 {
            for receiver in 0..5usize {
                for transmitter in (0..5usize).filter(|t| *t != receiver) {
                    scans.push(MeasuredScan {
                        t_s: minute as f64 * 60.0,
                        receiver,
                        transmitter,
                        distance_m: Some(receiver.abs_diff(transmitter) as f32),
                        seconds: 60.0,
                        typical_db: hears(receiver, transmitter, minute).then_some(60.0),
                    });
                }
            }
        }
        MeasuredScenario { name: "row".into(), phones: vec![Default::default(); 5], scans }
    }

    /// Silent scans by transmitter.
    fn silent(scenario: &MeasuredScenario) -> [usize; 5] {
        let mut of = [0; 5];
        scenario.scans.iter().zip(scenario.silent()).for_each(|(s, silent)| of[s.transmitter] += usize::from(silent));
        of
    }

    #[test]
    fn a_phone_that_begins_late_is_silent_until_then() {
        assert_eq!(silent(&scenario(|_, t, minute| t != 2 || minute >= 10)), [0, 0, 40, 0, 0]);
        assert_eq!(silent(&scenario(|_, _, _| true)), [0; 5]);
    }

    #[test]
    fn a_phone_that_nobody_ever_hears_is_silent_where_others_as_far_are_heard() {
        assert_eq!(silent(&scenario(|_, t, _| t != 2)), [0, 0, 120, 0, 0]);
        // By a few, at times: half the scans of everybody else.
        assert_eq!(silent(&scenario(|r, t, minute| t != 2 && (r + t + minute) % 2 == 0)), [0, 0, 120, 0, 0]);
    }

    #[test]
    fn a_phone_farther_than_anybody_heard_or_beside_the_deaf_alone_says_nothing() {
        // 4 lies at the end: nobody has another as far but 0, who hears no farther than 3 m.
        assert_eq!(silent(&scenario(|r, t, _| t != 4 && r.abs_diff(t) == 1)), [0; 5]);
        assert_eq!(silent(&scenario(|_, _, _| false)), [0; 5], "nobody hears anybody");
        // Only 0 hears, and it has nobody farther in view than 4.
        assert_eq!(silent(&scenario(|r, t, _| r == 0 && t != 4)), [0; 5]);
    }
}

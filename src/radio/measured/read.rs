//! Measured scans: one row for each scan of a receiver and transmitter in view.

use std::{collections::BTreeMap, path::Path};

use crate::{
    columns::{Columns, shown},
    faults::Faults,
    radio::calibration::CalibrationTable,
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

    /// Phones by label, scans by time, receiver and transmitter: the same rows in another order tell the same.
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
    /// (scans + 2), at most 95 %).
    ///
    /// Experiments begin while apps are still starting: in DP-3T's queue nearly all misses lie before the phone's first
    /// packet, and hardly any after it. Taken for misses by chance they would come and go, and no far pair would persist.
    pub fn silent(&self) -> Vec<bool> {
        const UNLIKELY: f64 = 0.05;
        let mut first_s = vec![f64::INFINITY; self.phones.len()];
        for s in self.scans.iter().filter(|s| s.typical_db.is_some()) {
            first_s[s.transmitter] = first_s[s.transmitter].min(s.t_s);
        }
        // Of each directed pair: scans heard and scans, after the transmitter's first packet. Scans at an unknown distance are
        // listed only when heard, so they tell nothing.
        let mut after: BTreeMap<(usize, usize), (f64, f64)> = BTreeMap::new();
        for s in self.scans.iter().filter(|s| s.distance_m.is_some() && s.t_s > first_s[s.transmitter]) {
            let (heard, scans) = after.entry((s.receiver, s.transmitter)).or_default();
            *heard += f64::from(u8::from(s.typical_db.is_some()));
            *scans += 1.0;
        }
        let mut chance = vec![1.0; self.phones.len()];
        for s in self.scans.iter().filter(|s| s.distance_m.is_some() && s.t_s < first_s[s.transmitter]) {
            // A receiver that was not in view later tells nothing, as nobody does of a phone that is never heard.
            if let Some((heard, scans)) = after.get(&(s.receiver, s.transmitter)) {
                chance[s.transmitter] *= 1.0 - ((heard + 1.0) / (scans + 2.0)).min(0.95);
            }
        }
        self.scans.iter().map(|s| chance[s.transmitter] < UNLIKELY && s.t_s < first_s[s.transmitter]).collect()
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
    columns.each_line(faults, |line| {
        let mut problems: Vec<(&'static str, String, String)> = Vec::new();
        // A number within a range; an empty field is None where that is allowed.
        let mut number = |i: usize, needed: bool, low: f64, high: f64| -> Option<f64> {
            let remedy = || format!("give a number from {low} to {high}{}", if needed { "" } else { ", or nothing" });
            match line.optional::<f64>(at[i]) {
                Some(Ok(v)) if (low..=high).contains(&v) => Some(v),
                Some(Ok(v)) => {
                    problems.push((COLUMNS[i], format!("{v} is out of range"), remedy()));
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

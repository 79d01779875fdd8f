//! What a run took: the one place for the wall clock.

use std::{
    collections::BTreeMap,
    fs,
    sync::{
        Mutex, MutexGuard,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use serde_json::{Value, json};

/// Ticks a second in which Linux counts a process's CPU time for readers.
const TICKS_A_S: f64 = 100.0;

/// The moment at hand.
#[expect(clippy::disallowed_methods, reason = "timing.json is the one place for the wall clock")]
pub fn now() -> Instant {
    Instant::now()
}

/// What a run does one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Everybody's visits.
    Plan,
    /// Stances of venues, and when phones there scan.
    Inside,
    /// Grids, and who else is in a venue.
    Layout,
    /// Pairs: swept, measured, heard, judged and counted as they stream by.
    Pairs,
    /// Cases, keys, checks and notifications.
    System,
    /// Rows to their parts.
    Tables,
    /// Checkpoints.
    Checkpoint,
    /// Tables of the whole run, the manifest and the report.
    Finish,
}

impl Stage {
    const ALL: [(Self, &'static str); 8] = [
        (Self::Plan, "plan"),
        (Self::Inside, "inside"),
        (Self::Layout, "layout"),
        (Self::Pairs, "pairs"),
        (Self::System, "system"),
        (Self::Tables, "tables"),
        (Self::Checkpoint, "checkpoint"),
        (Self::Finish, "finish"),
    ];
}

/// Where a run's time and memory went. Nothing of it reaches a result.
#[derive(Debug, Default)]
pub struct Timing {
    /// Of each stage. Some run beside others.
    wall_ns: [AtomicU64; Stage::ALL.len()],
    /// CPU time of the system around the phones, in user code and in the kernel.
    system_cpu_ns: AtomicU64,
    /// Its events.
    events: AtomicU64,
    /// What a structure held at its largest.
    bytes: Mutex<BTreeMap<&'static str, usize>>,
    /// How much there was to do.
    work: Mutex<BTreeMap<&'static str, u64>>,
}

impl Timing {
    /// Does some work of a stage and adds what it took.
    pub fn of<T>(&self, stage: Stage, work: impl FnOnce() -> T) -> T {
        let began = now();
        let done = work();
        self.wall_ns[stage as usize].fetch_add(began.elapsed().as_nanos() as u64, Ordering::Relaxed);
        done
    }

    /// Lets events of the system happen, whose number `work` gives beside its result, and adds their CPU time.
    pub fn of_events<T>(&self, work: impl FnOnce() -> (u64, T)) -> T {
        let before_ns = thread_cpu_ns();
        let (events, done) = self.of(Stage::System, work);
        if let Some((before_ns, after_ns)) = before_ns.zip(thread_cpu_ns()) {
            self.system_cpu_ns.fetch_add(after_ns.saturating_sub(before_ns), Ordering::Relaxed);
        }
        self.events.fetch_add(events, Ordering::Relaxed);
        done
    }

    /// Notes what a structure holds now.
    pub fn holds(&self, structure: &'static str, bytes: usize) {
        let mut all = unlocked(&self.bytes);
        let most = all.entry(structure).or_default();
        *most = bytes.max(*most);
    }

    /// Counts what there was to do.
    pub fn counts(&self, what: &'static str, number: u64) {
        *unlocked(&self.work).entry(what).or_default() += number;
    }

    /// The keys of `timing.json` that say where time and memory went.
    pub fn json(&self) -> Value {
        let wall_s = |stage: Stage| self.wall_ns[stage as usize].load(Ordering::Relaxed) as f64 / 1e9;
        let by_stage: Value = Stage::ALL.iter().map(|(stage, name)| (name.to_string(), json!(in_ms(wall_s(*stage))))).collect();
        let (user_s, system_s) = cpu_s().unzip();
        json!({
            "wall_s_by_stage": by_stage,
            "user_cpu_s": user_s,
            "kernel_cpu_s": system_s,
            "system_cpu_s": thread_cpu_ns().map(|_| self.system_cpu_ns.load(Ordering::Relaxed) as f64 / 1e9),
            "events": self.events.load(Ordering::Relaxed),
            "peak_bytes": peak_bytes(),
            "bytes_by_structure": *unlocked(&self.bytes),
            "work": *unlocked(&self.work),
        })
    }
}

fn unlocked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("invariant: nobody panics with it")
}

/// To a thousandth of a second.
fn in_ms(seconds: f64) -> f64 {
    (seconds * 1e3).round() / 1e3
}

/// User and system CPU seconds of this process, of all threads, in hundredths; `None` where the system does not say.
fn cpu_s() -> Option<(f64, f64)> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The name, in parentheses, may hold spaces; user and system time are the 12th and 13th field after it.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let mut seconds = || Some(fields.next()?.parse::<f64>().ok()? / TICKS_A_S);
    Some((seconds()?, seconds()?))
}

/// CPU time of this thread; `None` where the system does not say.
fn thread_cpu_ns() -> Option<u64> {
    fs::read_to_string("/proc/thread-self/schedstat").ok()?.split_whitespace().next()?.parse().ok()
}

/// Most memory that this process had at once; `None` where the system does not say.
fn peak_bytes() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? * 1024)
}

#[cfg(test)]
mod tests {
    use std::hint::black_box;

    use super::*;

    #[test]
    fn stages_are_listed_in_their_order() {
        assert!(Stage::ALL.iter().enumerate().all(|(i, (stage, _))| *stage as usize == i));
    }

    /// A thread that computes takes CPU time, one that waits takes none.
    #[test]
    fn time_and_memory_go_where_they_were_spent() {
        let timing = Timing::default();
        let waits = std::time::Duration::from_millis(60);
        timing.of(Stage::Plan, || std::thread::sleep(waits));
        timing.of(Stage::Pairs, || {
            let from = now();
            while from.elapsed() < 4 * waits {
                black_box(());
            }
        });
        let done = [3, 4].map(|events| {
            timing.of_events(|| {
                let from = now();
                while from.elapsed() < waits {
                    black_box(());
                }
                std::thread::sleep(2 * waits);
                (events, events * 10)
            })
        });
        [("visits", 3), ("visits", 7), ("visits", 5), ("rows", 2)].into_iter().for_each(|(name, bytes)| timing.holds(name, bytes));
        [("visits", 3), ("pairs_in_range", 7), ("visits", 5)].into_iter().for_each(|(name, number)| timing.counts(name, number));
        let found = timing.json();
        assert_eq!(found["work"], json!({ "visits": 8, "pairs_in_range": 7 }));
        assert_eq!(found["bytes_by_structure"], json!({ "visits": 7, "rows": 2 }));
        let wall_s = |stage: &str| found["wall_s_by_stage"][stage].as_f64().expect("a number");
        assert!(wall_s("plan") >= 0.06 && wall_s("pairs") >= 0.24 && wall_s("system") >= 0.36, "{found}");
        assert_eq!((done, &found["events"]), ([30, 40], &json!(7)));
        if cfg!(target_os = "linux") {
            assert!(found["user_cpu_s"].as_f64().expect("a number") > 0.02, "{found}");
            // What waits takes none: of 0.36 s a third was spent at most, on a busy machine less.
            let system_s = found["system_cpu_s"].as_f64().expect("a number");
            assert!(system_s > 0.0 && system_s < 0.3, "{found}");
            assert!(found["peak_bytes"].as_u64().expect("a number") > 1 << 20, "{found}");
        }
    }
}

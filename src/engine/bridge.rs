//! One figure of contacts: from everybody's in the table `contacts` to those that the headline is about, step by step.

use serde::{Deserialize, Serialize};

/// What is known of an unordered pair in contact on a UTC day.
#[derive(Clone, Copy, Debug)]
pub struct Met {
    /// Whether both phones ran.
    pub both_run: bool,
    /// Whether it was outside the home.
    pub outside: bool,
    /// Whether the headline counts the day.
    pub is_headline_day: bool,
    /// How often the headline counts the pair, once each way round: not where it lies beyond the universe's distance.
    pub ordered: u64,
}

/// Contacts, counted from step to step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bridge([u64; STEPS.len()]);

const STEPS: [(&str, &str); 6] = [
    ("jst_days", "pairs and JST days in contact, everybody, at home and elsewhere (table contacts)"),
    ("utc_days", "the same by UTC day, 09:00 to 09:00 JST: over 09:00 a contact may fall below the limit, or be one on two days"),
    ("both_phones_running", "of these, pairs with both phones running"),
    ("outside_home", "of these, outside the home"),
    ("headline_days", "of these, on days of the headline: whole UTC days, where the run has any"),
    ("ordered_pairs", "each pair twice, as each phone judges the other: the contacts of the headline"),
];

impl Bridge {
    /// Counts pairs in contact on a JST day.
    pub fn add_jst(&mut self, pairs: usize) {
        self.0[0] += pairs as u64;
    }

    /// Counts a pair in contact on a UTC day.
    pub fn add_utc(&mut self, met: Met) {
        let steps = [true, met.both_run, met.outside, met.is_headline_day];
        let reached = steps.iter().take_while(|is| **is).count();
        self.0[1..=reached].iter_mut().for_each(|count| *count += 1);
        if reached == steps.len() {
            self.0[5] += met.ordered;
        }
    }

    /// Adds what another thread counted.
    pub fn merge(&mut self, other: &Self) {
        self.0.iter_mut().zip(other.0).for_each(|(sum, count)| *sum += count);
    }

    /// Each step: its name, what it counts in words, and how many.
    pub fn steps(&self) -> impl Iterator<Item = (&'static str, &'static str, u64)> {
        STEPS.iter().zip(self.0).map(|((step, text), count)| (*step, *text, count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contact_is_counted_up_to_the_step_that_leaves_it_out() {
        let met = Met { both_run: true, outside: true, is_headline_day: true, ordered: 2 };
        let mut bridge = Bridge::default();
        bridge.add_jst(6);
        for met in [
            met,
            Met { is_headline_day: false, ..met },
            Met { outside: false, ..met },
            Met { both_run: false, ..met },
            Met { ordered: 1, ..met },
        ] {
            bridge.add_utc(met);
        }
        assert_eq!(bridge.steps().map(|(.., count)| count).collect::<Vec<_>>(), [6, 5, 4, 3, 2, 3]);
    }
}

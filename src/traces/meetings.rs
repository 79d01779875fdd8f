//! From recorded contacts to meetings: a pair's own short gaps are bridged.

use super::read::TraceContact;

/// A pair that stands together without interruption: its records, joined over bridged gaps. Seconds count from 00:00 JST of
/// the first day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Meeting {
    pub a: u32,
    pub b: u32,
    pub start_s: i64,
    pub end_s: i64,
}

/// The contacts of all days in one list, sorted by (a, b, start), joined over midnight.
pub(super) fn over_midnight(days: &[Vec<TraceContact>], day_s: i64) -> Vec<Meeting> {
    let mut all: Vec<Meeting> = (0..)
        .zip(days)
        .flat_map(|(day, contacts)| {
            contacts.iter().map(move |c| Meeting { a: c.a, b: c.b, start_s: day * day_s + c.start_s, end_s: day * day_s + c.end_s })
        })
        .collect();
    all.sort_unstable_by_key(|c| (c.a, c.b, c.start_s));
    all.dedup_by(|next, last| {
        let touches = (next.a, next.b) == (last.a, last.b) && next.start_s <= last.end_s;
        if touches {
            last.end_s = last.end_s.max(next.end_s);
        }
        touches
    });
    all
}

/// Bridges the gaps of up to `gap_s` between a pair's own contacts, moment by moment: not where both have a record with
/// others and none of these is a partner of both, since then they stand apart. Contacts and meetings are sorted by
/// (a, b, start).
pub(super) fn meetings(contacts: &[Meeting], people: usize, gap_s: i64) -> Vec<Meeting> {
    let partners = Partners::new(contacts, people);
    let mut out: Vec<Meeting> = Vec::new();
    for &contact in contacts {
        if let Some(last) = out.last().copied()
            && (last.a, last.b) == (contact.a, contact.b)
            && contact.start_s - last.end_s <= gap_s
        {
            for (from_s, to_s) in partners.together(last, contact.start_s) {
                push(&mut out, Meeting { start_s: from_s, end_s: to_s, ..contact });
            }
        }
        push(&mut out, contact);
    }
    out
}

fn push(out: &mut Vec<Meeting>, next: Meeting) {
    match out.last_mut() {
        Some(last) if (last.a, last.b) == (next.a, next.b) && next.start_s <= last.end_s => last.end_s = last.end_s.max(next.end_s),
        _ => out.push(next),
    }
}

/// Who has a record with whom at a moment.
struct Partners {
    /// Per person: (start, end, partner), sorted.
    of: Vec<Vec<(i64, i64, u32)>>,
    longest_s: i64,
}

impl Partners {
    fn new(contacts: &[Meeting], people: usize) -> Self {
        let mut of = vec![Vec::new(); people];
        for c in contacts {
            of[c.a as usize].push((c.start_s, c.end_s, c.b));
            of[c.b as usize].push((c.start_s, c.end_s, c.a));
        }
        of.iter_mut().for_each(|list| list.sort_unstable());
        Self { of, longest_s: contacts.iter().map(|c| c.end_s - c.start_s).max().unwrap_or(0) }
    }

    /// A person's contacts that touch `(from_s, to_s)`.
    fn during(&self, person: u32, from_s: i64, to_s: i64) -> impl Iterator<Item = &(i64, i64, u32)> {
        let list = &self.of[person as usize];
        let first = list.partition_point(|c| c.0 < from_s - self.longest_s);
        list[first..].iter().take_while(move |c| c.0 < to_s).filter(move |c| c.1 > from_s)
    }

    /// The parts of the gap from the end of `last` to `to_s` in which the pair is taken to stand together.
    fn together(&self, last: Meeting, to_s: i64) -> Vec<(i64, i64)> {
        let from_s = last.end_s;
        let of_both = || self.during(last.a, from_s, to_s).chain(self.during(last.b, from_s, to_s));
        let mut cuts: Vec<i64> = of_both().flat_map(|c| [c.0, c.1]).filter(|t| (from_s..to_s).contains(t)).collect();
        cuts.extend([from_s, to_s]);
        cuts.sort_unstable();
        cuts.dedup();
        let apart = |&(start_s, end_s): &(i64, i64)| {
            let at = |person| self.during(person, start_s, end_s).map(|c| c.2);
            at(last.a).next().is_some() && at(last.b).next().is_some() && !at(last.a).any(|p| at(last.b).any(|q| p == q))
        };
        cuts.windows(2).map(|w| (w[0], w[1])).filter(|span| !apart(span)).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn joined(raw: &[(u32, u32, i64, i64)]) -> Vec<(u32, u32, i64, i64)> {
        let mut contacts: Vec<Meeting> = raw.iter().map(|&(a, b, start_s, end_s)| Meeting { a, b, start_s, end_s }).collect();
        contacts.sort_unstable_by_key(|c| (c.a, c.b, c.start_s));
        meetings(&contacts, 9, 60).iter().map(|m| (m.a, m.b, m.start_s, m.end_s)).collect()
    }

    #[test]
    fn a_pair_bridges_its_own_short_gaps_only() {
        assert_eq!(joined(&[(0, 1, 0, 20), (0, 1, 80, 100)]), [(0, 1, 0, 100)]);
        assert_eq!(joined(&[(0, 1, 0, 20), (0, 1, 81, 100)]), [(0, 1, 0, 20), (0, 1, 81, 100)]);
        // 0 met 1 and then 2: that joins nobody to anybody else.
        assert_eq!(joined(&[(0, 1, 0, 20), (0, 2, 40, 60)]), [(0, 1, 0, 20), (0, 2, 40, 60)]);
    }

    #[test]
    fn a_third_who_comes_is_bridged_and_two_apart_are_not() {
        // One of the two talks to a third: the pair stays together.
        assert_eq!(joined(&[(0, 1, 0, 20), (0, 2, 20, 40), (0, 1, 40, 60)])[0], (0, 1, 0, 60));
        // Both talk to the same third: together.
        assert_eq!(joined(&[(0, 1, 0, 20), (0, 2, 20, 40), (1, 2, 20, 40), (0, 1, 40, 60)])[0], (0, 1, 0, 60));
        // Each talks to somebody else, for a part of the gap: apart for that part.
        let apart = joined(&[(0, 1, 0, 20), (0, 2, 20, 40), (1, 3, 20, 40), (0, 1, 60, 80)]);
        assert_eq!(apart[..2], [(0, 1, 0, 20), (0, 1, 40, 80)]);
    }

    #[test]
    fn contacts_go_on_over_midnight() {
        let contact = |start_s, end_s| TraceContact { a: 0, b: 1, start_s, end_s };
        let days = [vec![contact(86_380, 86_400)], vec![contact(0, 20), contact(60, 80)]];
        let spans: Vec<_> = over_midnight(&days, 86_400).iter().map(|m| (m.start_s, m.end_s)).collect();
        assert_eq!(spans, [(86_380, 86_420), (86_460, 86_480)]);
    }

    proptest! {
        /// Every contact is within a meeting; meetings of a pair neither touch nor reach further than its contacts.
        #[test]
        fn meetings_cover_contacts(raw in prop::collection::vec((0..6u32, 1..6u32, 0..60i64, 1..8i64), 0..40)) {
            let mut days: Vec<TraceContact> = raw
                .into_iter()
                .filter(|(a, d, ..)| (a + d) % 7 != *a)
                .map(|(a, d, start, slots)| TraceContact {
                    a: a.min((a + d) % 7), b: a.max((a + d) % 7), start_s: start * 20, end_s: (start + slots) * 20,
                })
                .collect();
            days.sort_unstable();
            let contacts = over_midnight(&[days], 86_400);
            let found = meetings(&contacts, 7, 60);
            for c in &contacts {
                prop_assert!(found.iter().any(|m| (m.a, m.b) == (c.a, c.b) && m.start_s <= c.start_s && m.end_s >= c.end_s));
            }
            for pair in found.windows(2).filter(|w| (w[0].a, w[0].b) == (w[1].a, w[1].b)) {
                prop_assert!(pair[0].end_s < pair[1].start_s);
            }
            for m in &found {
                prop_assert!(contacts.iter().any(|c| (c.a, c.b) == (m.a, m.b) && c.end_s > m.start_s - 61 && c.start_s < m.end_s + 61));
            }
        }
    }
}

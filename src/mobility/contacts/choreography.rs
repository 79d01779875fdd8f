//! Everybody's way through the whole trace, so that the records hold in geometry.
//!
//! Time is cut where a meeting begins or ends. At such a moment those concerned are laid out twice: as they *come together*, with
//! everybody of the moment before and after, and as they *part*, with those only who go on. Who has no record walks to the first
//! layout beforehand and away after the second; who is in a record shifts in a straight line in the last seconds before and the
//! first after, with all others of the group at once. Then the distance of two whose record goes on is at no moment larger
//! than the larger of its two ends, since a straight path between two offsets stays within the circle that holds both. A whole
//! group may walk over to another in this way; nobody jumps but where the way at 2 m/s takes longer than the time.

use std::collections::BTreeMap;

use rand_distr::{Distribution, Normal};

use crate::random::Keyed;

use super::{
    super::config::ContactsConfig,
    hall::Hall,
    layout::{Group, LARGEST_M, Place, Tie, distance_m},
    meetings::Meeting,
    tracks::{FASTEST_MPS, Track},
};

/// Speed of a shift that has time, m/s.
const SHIFT_MPS: f64 = 1.2;
/// A new group looks for a spot so far from all others, m; crowded floors give less.
const ROOM_AROUND_M: f64 = 3.5;
const SPOTS_TRIED: usize = 1500;
const DIRECTIONS_TRIED: usize = 24;

/// When a person is in the hall.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Presence {
    pub start_s: i64,
    pub end_s: i64,
}

/// What is drawn once a meeting.
#[derive(Clone, Copy, Debug)]
struct Drawn {
    distance_m: f64,
    /// How far each looks past the other, radians.
    turns_rad: [f64; 2],
}

/// Steps of everybody, and whether in each meeting anybody appears.
pub(super) struct Choreography {
    pub tracks: Vec<Track>,
    pub appears: Vec<bool>,
}

/// Lays out the whole trace. `presences` are each person's, in time order; every meeting lies within one of each of its two.
pub(super) fn choreograph(
    meetings: &[Meeting],
    presences: &[Vec<Presence>],
    hall: &Hall,
    place_of: &[usize],
    config: &ContactsConfig,
    keyed: Keyed,
) -> Choreography {
    let tracks = place_of.iter().map(|&rank| Track::new(hall.places[rank], hall.plan.seats[rank].facing_rad.into())).collect();
    let mut floor = Floor {
        meetings,
        drawn: meetings.iter().map(|m| draw(m, config, keyed)).collect(),
        presences,
        hall,
        keyed,
        tracks,
        here: vec![None; place_of.len()],
        meets: vec![Vec::new(); place_of.len()],
        appears: vec![false; meetings.len()],
    };
    let mut moments: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
    for (i, m) in meetings.iter().enumerate() {
        moments.entry(m.start_s).or_default().push(i);
        moments.entry(m.end_s).or_default().push(i);
    }
    for (t_s, changes) in moments {
        floor.moment(t_s, &changes);
    }
    for person in 0..place_of.len() {
        floor.leave(person);
    }
    Choreography { tracks: floor.tracks, appears: floor.appears }
}

fn draw(m: &Meeting, config: &ContactsConfig, keyed: Keyed) -> Drawn {
    let mut rng = keyed.rng(m.a, m.b, m.start_s as u32);
    let distance = Normal::new(config.distance_m, config.distance_sd_m).expect("the spread is finite").sample(&mut rng);
    let turn = Normal::new(0.0, config.facing_sd_deg.to_radians()).expect("the spread is finite");
    Drawn { distance_m: distance.clamp(0.4, LARGEST_M), turns_rad: [turn.sample(&mut rng), turn.sample(&mut rng)] }
}

struct Floor<'a> {
    meetings: &'a [Meeting],
    drawn: Vec<Drawn>,
    presences: &'a [Vec<Presence>],
    hall: &'a Hall,
    keyed: Keyed,
    tracks: Vec<Track>,
    /// The presence each person is in.
    here: Vec<Option<usize>>,
    /// Each person's meetings that go on.
    meets: Vec<Vec<usize>>,
    appears: Vec<bool>,
}

/// The people of one moment who are joined by meetings, and where they stand.
struct Gathering {
    /// Ascending.
    members: Vec<usize>,
    /// Whether each was in a meeting before.
    was_here: Vec<bool>,
    at: Vec<Place>,
}

impl Floor<'_> {
    fn moment(&mut self, t_s: i64, changes: &[usize]) {
        for &m in changes.iter().filter(|m| self.meetings[**m].start_s == t_s) {
            let meeting = &self.meetings[m];
            self.meets[meeting.a as usize].push(m);
            self.meets[meeting.b as usize].push(m);
        }
        let mut seen = std::collections::BTreeSet::new();
        for &m in changes {
            let first = self.meetings[m].a as usize;
            if !seen.contains(&first) {
                let members = self.joined(first);
                seen.extend(members.iter().copied());
                self.gather(t_s, members);
            }
        }
    }

    fn partner(&self, meeting: usize, person: usize) -> usize {
        let m = &self.meetings[meeting];
        (if m.a as usize == person { m.b } else { m.a }) as usize
    }

    /// Everybody joined to `first` by meetings, ascending.
    fn joined(&self, first: usize) -> Vec<usize> {
        let mut members = vec![first];
        let mut next = 0;
        while next < members.len() {
            for &m in &self.meets[members[next]] {
                let other = self.partner(m, members[next]);
                if !members.contains(&other) {
                    members.push(other);
                }
            }
            next += 1;
        }
        members.sort_unstable();
        members
    }

    fn lasts(&self, meeting: usize, t_s: i64) -> bool {
        self.meetings[meeting].end_s > t_s
    }

    fn gather(&mut self, t_s: i64, members: Vec<usize>) {
        let was_here: Vec<bool> = members.iter().map(|&p| self.meets[p].iter().any(|&m| self.meetings[m].start_s < t_s)).collect();
        for (&p, _) in members.iter().zip(&was_here).filter(|(_, was)| **was) {
            self.tracks[p].cut(t_s);
        }
        let at = members.iter().map(|&p| self.tracks[p].at()).collect();
        let mut gathering = Gathering { members, was_here, at };
        let others = self.others(&gathering.members);
        let starts = gathering.members.iter().flat_map(|&p| &self.meets[p]).any(|&m| self.meetings[m].start_s == t_s);
        if starts {
            self.come_together(t_s, &mut gathering, &others);
        }
        self.part(t_s, gathering, &others);
    }

    /// Where everybody in a meeting stands who is not among `members`.
    fn others(&self, members: &[usize]) -> Vec<Place> {
        let meets = (0..self.tracks.len()).filter(|p| self.tracks[*p].meets() && members.binary_search(p).is_err());
        meets.map(|p| self.tracks[p].at()).collect()
    }

    fn group<'o>(&self, t_s: i64, members: &[usize], moves: Vec<f64>, others: &'o [Place], ending: bool) -> Group<'o> {
        let n = members.len();
        let mut ties = vec![Tie::None; n * n];
        let lasting = |p: usize| self.meets[p].iter().filter(|m| self.lasts(**m, t_s)).count();
        for (i, &p) in members.iter().enumerate() {
            for &m in &self.meets[p] {
                let other = self.partner(m, p);
                let Ok(j) = members.binary_search(&other) else { continue };
                if self.lasts(m, t_s) {
                    ties[i * n + j] = Tie::Lasting { distance_m: self.drawn[m].distance_m, alone: lasting(p) == 1 && lasting(other) == 1 };
                } else if ending {
                    ties[i * n + j] = Tie::Ending;
                }
            }
        }
        Group { ties, moves, others, field: self.hall.field }
    }

    fn come_together(&mut self, t_s: i64, gathering: &mut Gathering, others: &[Place]) {
        let before = gathering.at.clone();
        let pieces = self.pieces(t_s, gathering);
        let mut moves = vec![1.0; gathering.members.len()];
        if let Some(anchor) = pieces.first().filter(|piece| gathering.was_here[piece[0]]) {
            for &i in anchor {
                moves[i] = 0.1;
            }
            for &i in pieces[1..].iter().flatten().filter(|i| gathering.was_here[**i]) {
                moves[i] = 0.5;
            }
        }
        let group = self.group(t_s, &gathering.members, moves, others, true);
        self.bring_together(t_s, gathering, &pieces, &group);
        group.settle(&mut gathering.at, self.keyed.rng(gathering.members[0] as u32, u32::MAX, t_s as u32));
        // Who is in a record already walks over with those they are with, all at once.
        for piece in pieces.iter().filter(|piece| gathering.was_here[piece[0]]) {
            let longest_m = piece.iter().map(|&i| distance_m(before[i], gathering.at[i])).fold(0.0, f64::max);
            if longest_m == 0.0 {
                continue;
            }
            let people = piece.iter().map(|&i| gathering.members[i]);
            let time_s = people.clone().map(|p| self.tracks[p].still_s(t_s)).min().unwrap_or(0);
            let takes_s = |speed_mps: f64| (longest_m / speed_mps).ceil() as i64;
            let walk_s = if takes_s(SHIFT_MPS) <= time_s { takes_s(SHIFT_MPS) } else { takes_s(FASTEST_MPS) };
            let appears = walk_s > time_s;
            for &i in piece {
                let person = gathering.members[i];
                if before[i] != gathering.at[i] {
                    self.tracks[person].walk(if appears { t_s } else { t_s - walk_s }, t_s, gathering.at[i]);
                    self.mark(person, t_s, appears);
                }
            }
        }
        for i in 0..gathering.members.len() {
            if !gathering.was_here[i] {
                let person = gathering.members[i];
                self.arrive(person, t_s);
                let facing_rad = self.facing_rad(person, t_s, gathering.at[i], &gathering.members, &gathering.at);
                let appears = self.tracks[person].join(t_s, gathering.at[i], facing_rad);
                self.mark(person, t_s, appears);
            }
        }
    }

    fn mark(&mut self, person: usize, t_s: i64, appears: bool) {
        if appears {
            for i in 0..self.meets[person].len() {
                let m = self.meets[person][i];
                if self.lasts(m, t_s) {
                    self.appears[m] = true;
                }
            }
        }
    }

    /// Indices of members who were in meetings with each other before, the largest piece first, then each who comes.
    fn pieces(&self, t_s: i64, gathering: &Gathering) -> Vec<Vec<usize>> {
        let mut pieces: Vec<Vec<usize>> = Vec::new();
        let mut of = vec![usize::MAX; gathering.members.len()];
        for first in 0..of.len() {
            if of[first] != usize::MAX {
                continue;
            }
            let mut piece = vec![first];
            of[first] = pieces.len();
            let mut next = 0;
            while next < piece.len() {
                let person = gathering.members[piece[next]];
                for &m in self.meets[person].iter().filter(|m| self.meetings[**m].start_s < t_s) {
                    let at = gathering.members.binary_search(&self.partner(m, person)).expect("a gathering is whole");
                    if of[at] == usize::MAX {
                        of[at] = pieces.len();
                        piece.push(at);
                    }
                }
                next += 1;
            }
            pieces.push(piece);
        }
        pieces.sort_by_key(|piece| (!gathering.was_here[piece[0]], usize::MAX - piece.len(), piece[0]));
        pieces
    }

    /// First places: the largest piece stays, others come to it one after another, each so that a new record of theirs is at
    /// its distance, in the direction that disturbs least.
    fn bring_together(&self, t_s: i64, gathering: &mut Gathering, pieces: &[Vec<usize>], group: &Group<'_>) {
        let n = gathering.members.len();
        let mut placed = vec![false; n];
        let mut waiting: Vec<&Vec<usize>> = pieces.iter().collect();
        let anchor = waiting.remove(0);
        if !gathering.was_here[anchor[0]] {
            gathering.at[anchor[0]] = self.free_spot(gathering, group.others);
        }
        anchor.iter().for_each(|&i| placed[i] = true);
        let first_rad = self.keyed.uniform(gathering.members[0] as u32, u32::MAX - 1, t_s as u32) * std::f64::consts::TAU;
        while !waiting.is_empty() {
            let tied = |piece: &Vec<usize>| {
                let ties = piece.iter().flat_map(|&y| (0..n).map(move |x| (x, y))).filter(|&(x, _)| placed[x]);
                ties.filter_map(|(x, y)| match group.ties[x * n + y] {
                    Tie::Lasting { distance_m, .. } => Some((x, y, distance_m)),
                    _ => None,
                })
                .next()
            };
            let (next, (x, y, wanted_m)) = waiting
                .iter()
                .enumerate()
                .find_map(|(k, piece)| tied(piece).map(|tie| (k, tie)))
                .expect("new records join the pieces of a gathering");
            let piece = waiting.remove(next);
            let shift = |k: usize| -> Place {
                let bearing_rad = first_rad + k as f64 * std::f64::consts::TAU / DIRECTIONS_TRIED as f64;
                let to = [gathering.at[x][0] + wanted_m * bearing_rad.cos(), gathering.at[x][1] + wanted_m * bearing_rad.sin()];
                [to[0] - gathering.at[y][0], to[1] - gathering.at[y][1]]
            };
            let disturbs = |k: usize| -> f64 {
                let by = shift(k);
                let moved = |i: usize| [gathering.at[i][0] + by[0], gathering.at[i][1] + by[1]];
                let within = |p: Place, q: Place, range_m: f64| (range_m - distance_m(p, q)).max(0.0);
                let mut cost = 0.001 * by[0].hypot(by[1]);
                for &i in piece {
                    let p = moved(i);
                    cost += group.others.iter().map(|&q| within(p, q, 2.0)).sum::<f64>();
                    cost += distance_m(p, self.hall.field.clamp(p));
                    for j in (0..n).filter(|j| placed[*j]) {
                        cost += match group.ties[i * n + j] {
                            Tie::None => within(p, gathering.at[j], 1.6),
                            _ => (distance_m(p, gathering.at[j]) - LARGEST_M).max(0.0),
                        };
                    }
                }
                cost
            };
            let best = (0..DIRECTIONS_TRIED).min_by(|a, b| disturbs(*a).total_cmp(&disturbs(*b))).expect("there are directions");
            let by = shift(best);
            for &i in piece {
                gathering.at[i] = [gathering.at[i][0] + by[0], gathering.at[i][1] + by[1]];
                placed[i] = true;
            }
        }
    }

    /// A spot for a new group near the people who come, with room around it.
    fn free_spot(&self, gathering: &Gathering, others: &[Place]) -> Place {
        let n = gathering.members.len() as f64;
        let sum = gathering.members.iter().fold([0.0, 0.0], |sum, &p| {
            let own = self.tracks[p].own();
            [sum[0] + own[0], sum[1] + own[1]]
        });
        let radius_m = 0.5 * n.sqrt();
        let inner = |p: Place| -> Place {
            let p = self.hall.field.clamp(p);
            let (low, high) = (self.hall.field.low, self.hall.field.high);
            let keep = |v: f64, low: f32, high: f32| {
                v.clamp(f64::from(low) + radius_m, (f64::from(high) - radius_m).max(f64::from(low) + radius_m))
            };
            [keep(p[0], low.x_m, high.x_m), keep(p[1], low.y_m, high.y_m)]
        };
        let target = inner([sum[0] / n, sum[1] / n]);
        let mut best = (f64::MIN, target);
        for k in 0..SPOTS_TRIED {
            // Vogel's spiral: even cover of a growing disc.
            let (r_m, turn_rad) = (0.9 * (k as f64).sqrt(), k as f64 * 2.399_963);
            let spot = inner([target[0] + r_m * turn_rad.cos(), target[1] + r_m * turn_rad.sin()]);
            let clear_m = others.iter().map(|&o| distance_m(o, spot)).fold(f64::MAX, f64::min) - radius_m;
            if clear_m >= ROOM_AROUND_M {
                return spot;
            }
            if clear_m > best.0 {
                best = (clear_m, spot);
            }
        }
        best.1
    }

    /// Those whose last record has ended go, the others step apart from whom they have no more to do with.
    fn part(&mut self, t_s: i64, gathering: Gathering, others: &[Place]) {
        let Gathering { members, mut at, .. } = gathering;
        let any_ends = members.iter().flat_map(|&p| &self.meets[p]).any(|&m| !self.lasts(m, t_s));
        for &p in &members {
            let meetings = self.meetings;
            self.meets[p].retain(|&m| meetings[m].end_s > t_s);
        }
        let stays: Vec<bool> = members.iter().map(|&p| !self.meets[p].is_empty()).collect();
        let left: Vec<usize> = members.iter().zip(&stays).filter(|(_, stays)| **stays).map(|(p, _)| *p).collect();
        let mut kept = stays.iter();
        at.retain(|_| *kept.next().unwrap_or(&false));
        for (&p, _) in members.iter().zip(&stays).filter(|(_, stays)| !**stays) {
            self.tracks[p].part(t_s);
        }
        let before = at.clone();
        if any_ends && !left.is_empty() {
            let group = self.group(t_s, &left, vec![1.0; left.len()], others, false);
            group.settle(&mut at, self.keyed.rng(left[0] as u32, u32::MAX - 2, t_s as u32));
        }
        let longest_m = before.iter().zip(&at).map(|(a, b)| distance_m(*a, *b)).fold(0.0, f64::max);
        let shift_s = ((longest_m / SHIFT_MPS).ceil() as i64).min((longest_m / FASTEST_MPS).ceil() as i64 + 1);
        for (i, &p) in left.iter().enumerate() {
            let facing_rad = self.facing_rad(p, t_s, at[i], &left, &at);
            self.tracks[p].turn(t_s, facing_rad);
            if before[i] != at[i] {
                self.tracks[p].walk(t_s, t_s + shift_s, at[i]);
            }
        }
    }

    /// Towards the partners of the records that go on, past them by what was drawn.
    fn facing_rad(&self, person: usize, t_s: i64, from: Place, members: &[usize], at: &[Place]) -> f64 {
        let mut sum = [0.0, 0.0];
        let mut first = None;
        for &m in self.meets[person].iter().filter(|m| self.lasts(**m, t_s)) {
            let Ok(j) = members.binary_search(&self.partner(m, person)) else { continue };
            let bearing_rad = (at[j][1] - from[1]).atan2(at[j][0] - from[0]);
            sum = [sum[0] + bearing_rad.cos(), sum[1] + bearing_rad.sin()];
            let turn_rad = self.drawn[m].turns_rad[usize::from(self.meetings[m].b as usize == person)];
            first.get_or_insert((bearing_rad, turn_rad));
        }
        let (first_rad, turn_rad) = first.unwrap_or((0.0, 0.0));
        // Between two on opposite sides nobody faces both: the one of the longer record.
        let bearing_rad = if sum[0].hypot(sum[1]) > 0.3 { sum[1].atan2(sum[0]) } else { first_rad };
        bearing_rad + turn_rad
    }

    fn arrive(&mut self, person: usize, t_s: i64) {
        let spans = &self.presences[person];
        let now = spans.partition_point(|p| p.end_s < t_s);
        if self.here[person] != Some(now) {
            self.leave(person);
            self.tracks[person].enter(spans[now].start_s);
            self.here[person] = Some(now);
        }
    }

    fn leave(&mut self, person: usize) {
        if let Some(last) = self.here[person].take() {
            self.tracks[person].leave(self.presences[person][last].end_s);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{
        super::{
            layout::CONTACT_RANGE_M,
            replay::tests::config,
            tracks::{Leg, Step},
        },
        *,
    };
    use crate::random::{Seed, Stream};

    struct Played {
        meetings: Vec<Meeting>,
        steps: Vec<Vec<Step>>,
        appears: Vec<bool>,
        drawn: Vec<Drawn>,
    }

    /// Plays meetings `(a, b, start_s, end_s)` of people who are in the hall from 0 to 5000 s.
    fn play(people: usize, meetings: &[(u32, u32, i64, i64)]) -> Played {
        let keyed = Keyed::new(Seed(3), Stream::Replay);
        let mut meetings: Vec<Meeting> = meetings.iter().map(|&(a, b, start_s, end_s)| Meeting { a, b, start_s, end_s }).collect();
        meetings.sort_unstable_by_key(|m| (m.start_s, m.a, m.b));
        let hall = Hall::new(people, people, 2.0, "office", Vec::new());
        let place_of: Vec<usize> = (0..people).collect();
        let presences = vec![vec![Presence { start_s: 0, end_s: 5000 }]; people];
        let Choreography { tracks, appears } = choreograph(&meetings, &presences, &hall, &place_of, &config(), keyed);
        let drawn = meetings.iter().map(|m| draw(m, &config(), keyed)).collect();
        Played { meetings, steps: tracks.into_iter().map(|t| t.steps).collect(), appears, drawn }
    }

    impl Played {
        fn step(&self, person: u32, t_s: f64) -> &Step {
            self.steps[person as usize].iter().find(|s| s.start_s as f64 <= t_s && t_s < s.end_s as f64).expect("somebody present")
        }

        fn apart_m(&self, a: u32, b: u32, t_s: f64) -> f64 {
            distance_m(self.step(a, t_s).at(t_s), self.step(b, t_s).at(t_s))
        }

        /// Whether a pair has a meeting at a moment.
        fn meets(&self, a: u32, b: u32, t_s: f64) -> bool {
            self.meetings.iter().any(|m| (m.a, m.b) == (a.min(b), a.max(b)) && m.start_s as f64 <= t_s && t_s < m.end_s as f64)
        }
    }

    #[test]
    fn drawn_distances_keep_to_the_range() {
        let keyed = Keyed::new(Seed(1), Stream::Replay);
        let drawn = (0..2000).map(|start_s| draw(&Meeting { a: 1, b: 2, start_s, end_s: start_s + 20 }, &config(), keyed).distance_m);
        let (low, sum, high) = drawn.fold((f64::MAX, 0.0, 0.0f64), |(low, sum, high), d| (d.min(low), sum + d, d.max(high)));
        assert!(low >= 0.4 && high < 1.5 && (sum / 2000.0 - 0.9).abs() < 0.02, "{low} {sum} {high}");
    }

    #[test]
    fn two_alone_stand_at_one_drawn_distance_face_to_face_for_the_whole_record() {
        let played = play(4, &[(0, 1, 1000, 1900), (0, 1, 2000, 2300)]);
        for (m, drawn) in played.meetings.iter().zip(&played.drawn) {
            for t_s in m.start_s..m.end_s {
                let t_s = t_s as f64 + 0.5;
                assert!((played.apart_m(0, 1, t_s) - drawn.distance_m).abs() < 1e-6);
                let (a, b) = (played.step(0, t_s), played.step(1, t_s));
                assert!(a.is_still() && b.is_still());
                for (from, to) in [(a, b), (b, a)] {
                    let (p, q) = (from.at(t_s), to.at(t_s));
                    let off_rad = (q[1] - p[1]).atan2(q[0] - p[0]) - from.facing_rad;
                    assert!(off_rad.cos() > 0.0, "each faces the other, 20 degrees of spread allowed");
                }
            }
        }
        assert!(played.drawn[0].distance_m != played.drawn[1].distance_m, "one draw a meeting");
        // Who alternates with longer gaps moves: each at the own place meanwhile.
        assert_eq!((played.step(0, 1950.0).leg, played.step(1, 1950.0).leg), (Leg::Own, Leg::Own));
        assert!(played.apart_m(0, 1, 1950.0) >= 2.0);
    }

    #[test]
    fn a_chain_that_has_passed_leaves_nobody_on_its_circle() {
        // Neighbours link all of 30 for a moment; afterwards pairs of another order meet.
        let mut meetings: Vec<(u32, u32, i64, i64)> =
            (0..29).map(|i| (i, i + 1, 20 * i64::from(i) + 100, 20 * i64::from(i) + 140)).collect();
        meetings.extend((0..15).map(|i| (i, i + 15, 900, 2100)));
        let played = play(30, &meetings);
        for i in 0..15 {
            let index = played.meetings.iter().position(|m| (m.a, m.b, m.start_s) == (i, i + 15, 900)).expect("it is there");
            assert!((played.apart_m(i, i + 15, 1000.0) - played.drawn[index].distance_m).abs() < 1e-6);
        }
    }

    #[test]
    fn a_third_comes_to_a_pair_and_stands_apart_from_whom_it_has_no_record_with() {
        let played = play(5, &[(0, 1, 1000, 1600), (0, 2, 1200, 1400)]);
        for t_s in 1000..1600 {
            let t_s = f64::from(t_s) + 0.5;
            assert!(played.apart_m(0, 1, t_s) <= CONTACT_RANGE_M);
            if (1200.0..1400.0).contains(&t_s) {
                assert!(played.apart_m(0, 2, t_s) <= CONTACT_RANGE_M && played.apart_m(1, 2, t_s) > CONTACT_RANGE_M, "at {t_s}");
            }
        }
    }

    #[test]
    fn two_pairs_who_join_walk_together_and_nobody_appears() {
        let played = play(6, &[(0, 2, 1000, 1600), (1, 3, 1000, 1600), (0, 1, 1300, 1320)]);
        assert!(played.appears.iter().all(|appears| !appears));
        for t_s in 1000..1600 {
            let t_s = f64::from(t_s) + 0.5;
            assert!(played.apart_m(0, 2, t_s) <= CONTACT_RANGE_M && played.apart_m(1, 3, t_s) <= CONTACT_RANGE_M);
            assert!(!(1300.0..1320.0).contains(&t_s) || played.apart_m(0, 1, t_s) <= CONTACT_RANGE_M);
        }
        assert!(played.apart_m(0, 1, 1200.0) > CONTACT_RANGE_M && played.apart_m(0, 1, 1500.0) > CONTACT_RANGE_M);
    }

    #[test]
    fn who_has_no_time_for_the_way_appears_and_is_counted() {
        let played = play(40, &[(0, 20, 100, 101), (10, 30, 100, 101), (0, 10, 101, 121), (5, 6, 300, 400)]);
        let index = |a, b| played.meetings.iter().position(|m| (m.a, m.b) == (a, b)).expect("it is there");
        assert!(played.appears[index(0, 10)] && !played.appears[index(5, 6)]);
        assert!(played.apart_m(0, 10, 110.0) <= CONTACT_RANGE_M);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

        /// However wild the records: everybody is somewhere at every moment, walks no faster than 2 m/s, jumps only where it
        /// is counted, and stands within range of whom they have a record with, but where a dense group cannot.
        #[test]
        fn records_hold_and_nobody_runs(raw in prop::collection::vec((0..8u32, 1..8u32, 10..120i64, 1..12i64), 0..60)) {
            let mut slots = std::collections::BTreeSet::new();
            for (a, d, start, length) in raw {
                let b = (a + d) % 9;
                if a != b {
                    slots.extend((start..start + length).map(|k| (a.min(b), a.max(b), k)));
                }
            }
            let mut meetings: Vec<(u32, u32, i64, i64)> = Vec::new();
            for (a, b, k) in slots {
                match meetings.last_mut() {
                    Some(m) if (m.0, m.1, m.3) == (a, b, 20 * k) => m.3 += 20,
                    _ => meetings.push((a, b, 20 * k, 20 * k + 20)),
                }
            }
            let played = play(9, &meetings);
            for (person, steps) in (0u32..).zip(&played.steps) {
                let mut at_s = None;
                for (last, next) in steps.iter().zip(steps.iter().skip(1)) {
                    prop_assert_eq!(last.end_s, next.start_s);
                    if distance_m(last.to, next.from) > 1e-6 {
                        let t_s = next.start_s as f64;
                        let counted = played.meetings.iter().zip(&played.appears).any(|(m, appears)| {
                            *appears && (m.a == person || m.b == person) && m.start_s as f64 <= t_s && t_s < m.end_s as f64
                        });
                        prop_assert!(counted, "{person} jumps at {t_s}");
                    }
                }
                for s in steps {
                    at_s.get_or_insert(s.start_s);
                    prop_assert!(s.start_s < s.end_s && distance_m(s.from, s.to) <= 2.0 * (s.end_s - s.start_s) as f64 + 1e-6);
                }
                prop_assert!(steps.is_empty() || (at_s, steps[steps.len() - 1].end_s) == (Some(0), 5000));
            }
            let (mut all, mut kept) = (0, 0);
            for &(a, b, start_s, end_s) in &meetings {
                for t_s in start_s..end_s {
                    all += 1;
                    kept += i32::from(played.apart_m(a, b, t_s as f64 + 0.5) <= CONTACT_RANGE_M);
                }
            }
            prop_assert!(f64::from(kept) >= 0.97 * f64::from(all), "{kept} of {all}");
        }
    }

    #[test]
    fn those_alone_keep_their_distance_from_everybody_who_stands() {
        let mut meetings = vec![(0, 1, 1000, 1600), (2, 3, 1000, 1300), (1, 2, 1200, 1400), (4, 5, 1100, 1200)];
        meetings.extend((6..13).map(|a| (a, a + 7, 4000, 4100)));
        let played = play(20, &meetings);
        for t_s in (0..5000).step_by(7) {
            let t_s = f64::from(t_s) + 0.5;
            for a in 0..20 {
                for b in 0..a {
                    let both_still = played.step(a, t_s).is_still() && played.step(b, t_s).is_still();
                    if both_still && (played.step(a, t_s).leg == Leg::Own || played.step(b, t_s).leg == Leg::Own) {
                        assert!(played.apart_m(a, b, t_s) >= 2.0 && !played.meets(a, b, t_s));
                    }
                }
            }
        }
    }
}

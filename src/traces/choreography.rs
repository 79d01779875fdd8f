//! Everybody's way through the whole trace, so that the records hold in geometry.
//!
//! Time is cut where a meeting begins or ends. At such a moment those concerned are laid out twice: as they *come together*, with
//! everybody of the moment before and after, and as they *part*, with those only who go on. Who has no record walks to the first
//! layout beforehand and away after the second; who is in a record shifts in a straight line in the last seconds before and the
//! first after, with all others of the group at once. Then the distance of two whose record goes on is at no moment larger
//! than the larger of its two ends, since a straight path between two offsets stays within the circle that holds both. A whole
//! group may walk over to another in this way; nobody jumps but where the way at 2 m/s takes longer than the time.

use std::collections::BTreeMap;

use crate::{math, mobility::ContactsConfig, random::Keyed};

use super::{
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
    let distance = config.distance_m + config.distance_sd_m * rng.normal();
    let mut turn = || config.facing_sd_deg.to_radians() * rng.normal();
    Drawn { distance_m: distance.clamp(0.4, LARGEST_M), turns_rad: [turn(), turn()] }
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
                let to = [gathering.at[x][0] + wanted_m * math::cos(bearing_rad), gathering.at[x][1] + wanted_m * math::sin(bearing_rad)];
                [to[0] - gathering.at[y][0], to[1] - gathering.at[y][1]]
            };
            let disturbs = |k: usize| -> f64 {
                let by = shift(k);
                let moved = |i: usize| [gathering.at[i][0] + by[0], gathering.at[i][1] + by[1]];
                let within = |p: Place, q: Place, range_m: f64| (range_m - distance_m(p, q)).max(0.0);
                let mut cost = 0.001 * math::hypot(by[0], by[1]);
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
            let spot = inner([target[0] + r_m * math::cos(turn_rad), target[1] + r_m * math::sin(turn_rad)]);
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
            let bearing_rad = math::atan2(at[j][1] - from[1], at[j][0] - from[0]);
            sum = [sum[0] + math::cos(bearing_rad), sum[1] + math::sin(bearing_rad)];
            let turn_rad = self.drawn[m].turns_rad[usize::from(self.meetings[m].b as usize == person)];
            first.get_or_insert((bearing_rad, turn_rad));
        }
        let (first_rad, turn_rad) = first.unwrap_or((0.0, 0.0));
        // Between two on opposite sides nobody faces both: the one of the longer record.
        let bearing_rad = if math::hypot(sum[0], sum[1]) > 0.3 { math::atan2(sum[1], sum[0]) } else { first_rad };
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
mod tests;

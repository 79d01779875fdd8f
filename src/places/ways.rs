//! Walks: straight, or along the aisles around what is in the way.

use std::{
    cell::{OnceCell, RefCell},
    rc::Rc,
};

use crate::{
    units::Point,
    venue::{Table, kind::Layout},
};

use super::ground::Ground;

/// Ends of aisles as near as this to another aisle lead onto it, m.
const MEET_M: f32 = 0.3;
/// What a line touches it does not cross, m.
const TOUCH_M: f32 = 0.01;

/// Who stands beside an aisle steps onto it, and aside again, within so much of it, m (assumption).
const STEP_ASIDE_M: f32 = 0.5;

/// Lengths that differ by less may be the same, m.
const ROUNDING_M: f32 = 1e-3;

/// A place beside an aisle, seen from it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Beside {
    /// The aisle's number.
    pub aisle: u32,
    /// From the aisle's first end, m.
    pub along_m: f32,
}

/// A place on an aisle where one may turn.
#[derive(Clone, Copy, Debug)]
struct Node {
    aisle: usize,
    at: Point,
    /// From the aisle's first end, m.
    along_m: f32,
}

/// An aisle, with what follows from its ends.
#[derive(Clone, Copy, Debug)]
struct Aisle {
    from: Point,
    to: Point,
    length_m: f32,
}

/// The network of aisles, and what stands in the way.
#[derive(Clone, Debug)]
pub(super) struct Network {
    aisles: Vec<Aisle>,
    /// No way is longer than this, m: where none leads along aisles one goes straight.
    longest_m: f32,
    nodes: Vec<Node>,
    /// Of each aisle its first node, and of a last one their number.
    first_node: Vec<usize>,
    /// From each node to each the length of the shortest way, m, and the first node on it, row by row.
    shortest: Vec<(f32, u32)>,
    /// Walls to the ceiling, from end to end.
    walls: Vec<(Point, Point)>,
}

/// Ways on a floor. Who walks about asks again and again from where they are: where one gets onto aisles from there is remembered.
#[derive(Debug)]
pub(super) struct Ways<'a> {
    layout: &'a Layout,
    network: &'a Network,
    accesses: Known<Point, Access>,
    /// Who has found where to go next walks there.
    paths: Known<(Point, Point), Point>,
    corners: RefCell<Vec<Point>>,
}

/// Lists by what they were asked for, each at the place where that leads.
type Known<Asked, T> = RefCell<Vec<Option<(Asked, Rc<[T]>)>>>;

/// So many places, and so many ways, are remembered, each where the bits of its coordinates lead.
const KNOWN_PLACES: usize = 256;
const KNOWN_WAYS: usize = 4096;

fn bits(p: Point) -> u32 {
    (p.x_m.to_bits() ^ p.y_m.to_bits().rotate_left(16)).wrapping_mul(0x9E37_79B1) >> 8
}

/// Where somebody gets onto an aisle, if nothing is in the way.
#[derive(Clone, Debug)]
struct Access {
    aisle: usize,
    at: Point,
    along_m: f32,
    /// How far they have come, m.
    walked_m: f32,
    /// The aisle's nodes before and behind.
    beside: [Option<usize>; 2],
    /// Whether they get there straight; found when it matters.
    is_clear: OnceCell<bool>,
}

/// A way along aisles: which accesses, and between which nodes; straight along one aisle without any.
#[derive(Clone, Copy, Debug)]
struct Via {
    start: usize,
    end: usize,
    nodes: Option<(usize, usize)>,
}

impl Network {
    pub fn new(layout: &Layout) -> Self {
        let walls = layout.plan.barriers.iter().filter(|wall| wall.reaches_ceiling).map(|wall| (wall.from, wall.to)).collect();
        let aisles: Vec<Aisle> = layout.aisles.iter().map(|&(from, to)| Aisle { from, to, length_m: from.distance_m(to) }).collect();
        let mut network = Self { aisles: Vec::new(), longest_m: 0.0, nodes: Vec::new(), first_node: vec![0], shortest: Vec::new(), walls };
        for (aisle, &Aisle { from, to, length_m }) in aisles.iter().enumerate() {
            let mut places = vec![0.0, length_m];
            let others = aisles.iter().enumerate().filter(|(other, _)| *other != aisle);
            for (_, other) in others {
                places.extend(crossing_m((from, to), (other.from, other.to)));
                let ends = [other.from, other.to].into_iter().map(|end| aisles[aisle].nearest(aisle, end));
                places.extend(ends.filter(|access| access.walked_m <= MEET_M).map(|access| access.along_m));
            }
            places.sort_by(f32::total_cmp);
            places.dedup_by(|a, b| (*a - *b).abs() < TOUCH_M);
            let node = |along_m: f32| Node { aisle, at: aisles[aisle].at_m(along_m), along_m };
            network.nodes.extend(places.into_iter().map(node));
            network.first_node.push(network.nodes.len());
        }
        network.link(layout);
        let (width_m, depth_m) = layout.floor_m;
        // From anywhere on the floor to an aisle, along it to a node, and the same at the other end.
        let ends_m = 2.0 * (width_m + depth_m + aisles.iter().map(|aisle| aisle.length_m).fold(0.0, f32::max));
        network.longest_m = network.shortest.iter().map(|(length_m, _)| *length_m).filter(|m| m.is_finite()).fold(0.0, f32::max) + ends_m;
        network.aisles = aisles;
        network
    }

    /// Floyd and Warshall's shortest ways between all nodes.
    fn link(&mut self, layout: &Layout) {
        let n = self.nodes.len();
        let length_m = |a: &Node, b: &Node| {
            let apart_m = a.at.distance_m(b.at);
            let is_linked = a.aisle == b.aisle || (apart_m <= MEET_M && self.is_clear(layout, a.at, b.at));
            if is_linked { apart_m } else { f32::INFINITY }
        };
        let mut shortest: Vec<(f32, u32)> =
            self.nodes.iter().flat_map(|a| self.nodes.iter().zip(0..).map(move |(b, k)| (length_m(a, b), k))).collect();
        for k in 0..n {
            for i in 0..n {
                for j in 0..n {
                    let through_m = shortest[i * n + k].0 + shortest[k * n + j].0;
                    if through_m < shortest[i * n + j].0 {
                        shortest[i * n + j] = (through_m, shortest[i * n + k].1);
                    }
                }
            }
        }
        self.shortest = shortest;
    }

    /// Whether a straight line crosses neither furniture nor a wall; of what somebody is in themself, as a bed, one gets out.
    fn is_clear(&self, layout: &Layout, a: Point, b: Point) -> bool {
        // Most is far from the line, which costs least to see.
        let (low, high) = (Point::new(a.x_m.min(b.x_m), a.y_m.min(b.y_m)), Point::new(a.x_m.max(b.x_m), a.y_m.max(b.y_m)));
        let is_near = |top: &&Table| low.x_m < top.high.x_m && low.y_m < top.high.y_m && top.low.x_m < high.x_m && top.low.y_m < high.y_m;
        let mut furniture =
            layout.plan.tables.iter().filter(is_near).filter(|top| !holds(top.low, top.high, a) && !holds(top.low, top.high, b));
        furniture.all(|top| !goes_through((a, b), (top.low, top.high))) && self.walls.iter().all(|wall| crossing_m((a, b), *wall).is_none())
    }

    fn shortest_m(&self, from: usize, to: usize) -> (f32, u32) {
        self.shortest[from * self.nodes.len() + to]
    }

    /// The nodes of an aisle before and behind a place on it.
    fn beside(&self, aisle: usize, along_m: f32) -> [Option<usize>; 2] {
        let (first, end) = (self.first_node[aisle], self.first_node[aisle + 1]);
        let of_aisle = self.nodes[first..end].iter();
        let before = of_aisle.clone().take_while(|node| node.along_m <= along_m + TOUCH_M).count().checked_sub(1);
        let behind = of_aisle.clone().position(|node| node.along_m >= along_m - TOUCH_M);
        [before, behind].map(|number| number.map(|number| first + number))
    }
}

impl<'a> Ways<'a> {
    pub fn new(ground: &'a Ground) -> Self {
        Self {
            layout: ground.layout(),
            network: ground.network(),
            accesses: RefCell::new(vec![None; KNOWN_PLACES]),
            paths: RefCell::default(),
            corners: RefCell::default(),
        }
    }

    /// Whether a straight line is free, see [`Network::is_clear`].
    pub fn is_clear(&self, a: Point, b: Point) -> bool {
        self.network.is_clear(self.layout, a, b)
    }

    /// The corners of the way from one place to another, both among them.
    pub fn path(&self, from: Point, to: Point) -> Rc<[Point]> {
        let place = (bits(from) ^ bits(to).rotate_left(8)) as usize % KNOWN_WAYS;
        let mut paths = self.paths.borrow_mut();
        if paths.is_empty() {
            paths.resize(KNOWN_WAYS, None);
        }
        match &paths[place] {
            Some((ends, known)) if *ends == (from, to) => known.clone(),
            _ => {
                let mut corners = self.corners.borrow_mut();
                self.find_path(from, to, &mut corners);
                let path: Rc<[Point]> = Rc::from(corners.as_slice());
                paths[place] = Some(((from, to), path.clone()));
                path
            }
        }
    }

    /// Writes the corners of the way along aisles from beside one to beside another, both ends among them, so far to the left of their middle;
    /// says whether one leads there.
    pub fn path_along(&self, (from, start): (Point, Beside), (to, end): (Point, Beside), left_m: f32, corners: &mut Vec<Point>) -> bool {
        let network = self.network;
        let of = |beside: Beside| (&network.aisles[beside.aisle as usize], beside.along_m);
        let ((aisle, start_m), (other, end_m)) = (of(start), of(end));
        // Where who stands beside an aisle is on it, on the way to another place of it.
        let step = |(aisle, at_m, at): (&Aisle, f32, Point), toward_m: f32| {
            let is_needed = (toward_m - at_m).abs() > STEP_ASIDE_M && aisle.at_m(at_m).distance_m(at) > TOUCH_M;
            is_needed.then(|| aisle.at_m(at_m + STEP_ASIDE_M.copysign(toward_m - at_m)))
        };
        corners.clear();
        corners.push(from);
        if start.aisle == end.aisle {
            // A step or two away one goes straight.
            if (start_m - end_m).abs() > 2.0 * STEP_ASIDE_M {
                corners.extend(step((aisle, start_m, from), end_m));
                corners.extend(step((aisle, end_m, to), start_m));
            }
        } else {
            let mut best: Option<(f32, usize, usize)> = None;
            for i in network.beside(start.aisle as usize, start_m).into_iter().flatten() {
                for j in network.beside(end.aisle as usize, end_m).into_iter().flatten() {
                    let ends_m = (network.nodes[i].along_m - start_m).abs() + (network.nodes[j].along_m - end_m).abs();
                    let length_m = ends_m + network.shortest_m(i, j).0;
                    if length_m.is_finite() && best.is_none_or(|(best_m, ..)| length_m < best_m) {
                        best = Some((length_m, i, j));
                    }
                }
            }
            let Some((_, i, j)) = best else { return false };
            corners.extend(step((aisle, start_m, from), network.nodes[i].along_m));
            self.between(i, j, corners);
            corners.extend(step((other, end_m, to), network.nodes[j].along_m));
        }
        corners.push(to);
        corners.dedup_by(|a, b| a.distance_m(*b) < TOUCH_M);
        if corners.len() < 2 {
            corners.push(to);
        }
        if left_m > 0.0 {
            keep_left(corners, left_m);
        }
        true
    }

    fn find_path(&self, from: Point, to: Point, corners: &mut Vec<Point>) {
        corners.clear();
        corners.push(from);
        if !self.is_clear(from, to) {
            let (starts, ends) = (self.accesses(from), self.accesses(to));
            if let Some(Via { start, end, nodes }) = self.shortest_between((from, &starts), (to, &ends)) {
                corners.push(starts[start].at);
                nodes.into_iter().for_each(|(i, j)| self.between(i, j, corners));
                corners.push(ends[end].at);
            }
        }
        corners.push(to);
        corners.dedup_by(|a, b| a.distance_m(*b) < TOUCH_M);
        if corners.len() < 2 {
            corners.clear();
            corners.extend([from, to]);
        }
    }

    /// No way is longer than this, m.
    pub fn longest_m(&self) -> f32 {
        self.network.longest_m
    }

    /// The shortest of all ways from one of these accesses to one of those, of equal ones the first; `None` if no way leads there.
    fn shortest_between(&self, (from, starts): (Point, &[Access]), (to, ends): (Point, &[Access])) -> Option<Via> {
        let mut best: Option<(f32, Via)> = None;
        // The way by the nearest aisles is near the shortest: what is longer than that even as the crow flies is not looked at.
        let mut within_m = match (self.nearest(from, starts), self.nearest(to, ends)) {
            (Some(start), Some(end)) => self.lengths_m(start, end).map(|(length_m, _)| length_m).fold(f32::INFINITY, f32::min),
            _ => return None,
        };
        for (s, start) in starts.iter().enumerate() {
            if start.walked_m + start.at.distance_m(to) > within_m + ROUNDING_M {
                continue;
            }
            for (e, end) in ends.iter().enumerate() {
                let is_near = || start.walked_m + end.walked_m + start.at.distance_m(end.at) <= within_m + ROUNDING_M;
                if !(start.walked_m + end.walked_m <= within_m && is_near() && self.is_open(from, start) && self.is_open(to, end)) {
                    continue;
                }
                for (length_m, nodes) in self.lengths_m(start, end) {
                    if length_m.is_finite() && best.as_ref().is_none_or(|(best_m, _)| length_m < *best_m) {
                        best = Some((length_m, Via { start: s, end: e, nodes }));
                        within_m = within_m.min(length_m);
                    }
                }
            }
        }
        best.map(|(_, via)| via)
    }

    /// The lengths of the ways from one access to another, m, and between which nodes they lead.
    fn lengths_m(&self, start: &Access, end: &Access) -> impl Iterator<Item = (f32, Option<(usize, usize)>)> {
        let own_m = start.walked_m + end.walked_m;
        let straight = (start.aisle == end.aisle).then(|| (own_m + (start.along_m - end.along_m).abs(), None));
        let (start_m, end_m) = (start.along_m, end.along_m);
        let ends = end.beside;
        let by_nodes = start.beside.into_iter().flatten().flat_map(move |i| {
            ends.into_iter().flatten().map(move |j| {
                let nodes = &self.network.nodes;
                let ends_m = (nodes[i].along_m - start_m).abs() + (nodes[j].along_m - end_m).abs();
                (own_m + ends_m + self.network.shortest_m(i, j).0, Some((i, j)))
            })
        });
        straight.into_iter().chain(by_nodes)
    }

    /// The access that is nearest, of those to which the way is free.
    fn nearest<'b>(&self, from: Point, accesses: &'b [Access]) -> Option<&'b Access> {
        let nearest = accesses.iter().min_by(|a, b| a.walked_m.total_cmp(&b.walked_m)).filter(|access| self.is_open(from, access));
        nearest.or_else(|| {
            let open = accesses.iter().filter(|access| self.is_open(from, access));
            open.min_by(|a, b| a.walked_m.total_cmp(&b.walked_m))
        })
    }

    fn is_open(&self, from: Point, access: &Access) -> bool {
        *access.is_clear.get_or_init(|| self.is_clear(from, access.at))
    }

    fn between(&self, i: usize, j: usize, corners: &mut Vec<Point>) {
        let mut at = i;
        corners.push(self.network.nodes[i].at);
        while at != j {
            at = self.network.shortest_m(at, j).1 as usize;
            corners.push(self.network.nodes[at].at);
        }
    }

    /// Where one may get straight onto aisles.
    fn accesses(&self, from: Point) -> Rc<[Access]> {
        let place = bits(from) as usize % KNOWN_PLACES;
        if let Some((at, known)) = &self.accesses.borrow()[place]
            && *at == from
        {
            return known.clone();
        }
        let all = self.network.aisles.iter().enumerate().map(|(number, aisle)| aisle.nearest(number, from));
        let accesses: Rc<[Access]> =
            all.map(|access| Access { beside: self.network.beside(access.aisle, access.along_m), ..access }).collect();
        self.accesses.borrow_mut()[place] = Some((from, accesses.clone()));
        accesses
    }
}

impl Aisle {
    /// The nearest place of the aisle, which has a number.
    fn nearest(&self, number: usize, p: Point) -> Access {
        let Self { from, to, length_m } = *self;
        let (dx, dy) = (to.x_m - from.x_m, to.y_m - from.y_m);
        let along_m = (((p.x_m - from.x_m) * dx + (p.y_m - from.y_m) * dy) / length_m.max(TOUCH_M)).clamp(0.0, length_m);
        let at = self.at_m(along_m);
        Access { aisle: number, at, along_m, walked_m: at.distance_m(p), beside: [None; 2], is_clear: OnceCell::new() }
    }

    fn at_m(&self, along_m: f32) -> Point {
        self.from.towards(self.to, along_m / self.length_m.max(TOUCH_M))
    }
}

pub(super) fn at_m(from: Point, to: Point, along_m: f32) -> Point {
    from.towards(to, along_m / from.distance_m(to).max(TOUCH_M))
}

fn holds(low: Point, high: Point, p: Point) -> bool {
    p.x_m > low.x_m && p.x_m < high.x_m && p.y_m > low.y_m && p.y_m < high.y_m
}

/// How far along the first line the second crosses it, m.
fn crossing_m((a, b): (Point, Point), (c, d): (Point, Point)) -> Option<f32> {
    let ((rx, ry), (sx, sy)) = ((b.x_m - a.x_m, b.y_m - a.y_m), (d.x_m - c.x_m, d.y_m - c.y_m));
    let cross = rx * sy - ry * sx;
    if cross == 0.0 {
        return None;
    }
    let (qx, qy) = (c.x_m - a.x_m, c.y_m - a.y_m);
    let (t, u) = ((qx * sy - qy * sx) / cross, (qx * ry - qy * rx) / cross);
    ((0.0..=1.0).contains(&t) && (0.0..=1.0).contains(&u)).then(|| t * a.distance_m(b))
}

/// Whether a line goes through a rectangle (Liang and Barsky).
fn goes_through((a, b): (Point, Point), (low, high): (Point, Point)) -> bool {
    let (mut enters, mut leaves) = (0.0f32, 1.0f32);
    for (from, way, low, high) in [(a.x_m, b.x_m - a.x_m, low.x_m, high.x_m), (a.y_m, b.y_m - a.y_m, low.y_m, high.y_m)] {
        let (low, high) = (low + TOUCH_M, high - TOUCH_M);
        if way == 0.0 {
            if from <= low || from >= high {
                return false;
            }
        } else {
            let (one, other) = ((low - from) / way, (high - from) / way);
            enters = enters.max(one.min(other));
            leaves = leaves.min(one.max(other));
        }
    }
    enters < leaves
}

/// Moves the corners between the ends of a way to its left; aisles have to be wide enough for it.
fn keep_left(corners: &mut [Point], left_m: f32) {
    let Some((mut before, mut here)) = corners.first().copied().zip(corners.get(1).copied()) else { return };
    for i in 1..corners.len() - 1 {
        let next = corners[i + 1];
        let [(ax, ay), (bx, by)] = [(before, here), (here, next)].map(|(p, q)| {
            let far_m = p.distance_m(q).max(TOUCH_M);
            ((q.x_m - p.x_m) / far_m, (q.y_m - p.y_m) / far_m)
        });
        // Where the lines to the left of both parts meet; of a turn back, which has no such place, left of the way there.
        let both = 1.0 + ax * bx + ay * by;
        let (x, y) = if both > 0.5 { ((-ay - by) / both, (ax + bx) / both) } else { (-ay, ax) };
        corners[i] = Point::new(here.x_m + x * left_m, here.y_m + y * left_m);
        (before, here) = (here, next);
    }
}

/// Where one is on a way after so many metres, at most at its end.
pub(super) fn point_at(path: &[Point], walked_m: f32) -> Point {
    let mut left_m = walked_m.min(length_m(path));
    for two in path.windows(2) {
        let part_m = two[0].distance_m(two[1]);
        if left_m <= part_m {
            return at_m(two[0], two[1], left_m);
        }
        left_m -= part_m;
    }
    path[path.len() - 1]
}

/// Places on a line with corners, so far apart, from its first end on.
pub(super) fn along(path: &[Point], step_m: f32) -> impl Iterator<Item = Point> {
    (0..=(length_m(path) / step_m + 1e-3) as usize).map(move |i| point_at(path, i as f32 * step_m))
}

/// Length of a way with corners, m.
pub(super) fn length_m(path: &[Point]) -> f32 {
    path.windows(2).map(|two| two[0].distance_m(two[1])).sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{random::Seed, venue::kind::KindConfig};

    /// Shelves between aisles, crossed at both ends and in the middle, and one aisle that leads nowhere.
    const SHELVES: &str = "
name = \"test\"
description = \"\"
floor = { width_m = 20.0, depth_m = 16.0, environment = \"office\" }
blocks = [
  { low_m = [2.0, 2.0], high_m = [4.0, 7.0] }, { low_m = [6.0, 2.0], high_m = [8.0, 7.0] }, { low_m = [10.0, 2.0], high_m = [12.0, 7.0] },
  { low_m = [2.0, 9.0], high_m = [4.0, 14.0] }, { low_m = [6.0, 9.0], high_m = [8.0, 14.0] }, { low_m = [10.0, 9.0], high_m = [12.0, 14.0] },
]
aisles = [
  { from_m = [1.0, 1.0], to_m = [1.0, 15.0] }, { from_m = [5.0, 1.0], to_m = [5.0, 15.0] }, { from_m = [9.0, 1.0], to_m = [9.0, 15.0] },
  { from_m = [1.0, 1.0], to_m = [13.0, 1.0] }, { from_m = [1.0, 8.0], to_m = [13.0, 8.0] }, { from_m = [1.0, 15.0], to_m = [13.0, 15.0] },
  { from_m = [16.0, 3.0], to_m = [19.0, 3.0] },
]
roles = [{ name = \"customer\", model = { aisles = { speed_mps = 0.7, stop_mean_s = 20.0 } } }]
";

    fn ground() -> Ground {
        let kind: KindConfig = toml::from_str(SHELVES).expect("a kind");
        let layout = kind.lay_out(&[], Seed(1), 0);
        Ground::new(&kind, layout)
    }

    /// The length of the shortest way, looked for from every aisle that can be reached to every other; straight where there is none.
    fn shortest_m(ways: &Ways<'_>, from: Point, to: Point) -> f32 {
        if ways.is_clear(from, to) {
            return from.distance_m(to);
        }
        let (starts, ends) = (ways.accesses(from), ways.accesses(to));
        let open = |p: Point| move |access: &&Access| ways.is_clear(p, access.at);
        let pairs = starts.iter().filter(open(from)).flat_map(|start| ends.iter().filter(open(to)).map(move |end| (start, end)));
        let shortest_m = pairs.flat_map(|(start, end)| ways.lengths_m(start, end)).map(|(m, _)| m).fold(f32::INFINITY, f32::min);
        if shortest_m.is_finite() { shortest_m } else { from.distance_m(to) }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        /// However much is passed over unseen, and asked for again or not, a way is as short as any, and none is longer than the longest.
        #[test]
        fn a_way_is_the_shortest_of_all(ends in prop::collection::vec(((0.1..19.9f32, 0.1..15.9f32), (0.1..19.9f32, 0.1..15.9f32)), 1..8)) {
            let ground = ground();
            let ways = Ways::new(&ground);
            for ((x0, y0), (x1, y1)) in ends.iter().chain(&ends) {
                let (from, to) = (Point::new(*x0, *y0), Point::new(*x1, *y1));
                let path = ways.path(from, to);
                let (found_m, least_m) = (length_m(&path), shortest_m(&ways, from, to));
                // Corners that touch are one, also the last.
                prop_assert!(path[0] == from && path[path.len() - 1].distance_m(to) <= TOUCH_M, "{path:?}");
                prop_assert!((found_m - least_m).abs() < 0.1, "{path:?}: {found_m} m, not {least_m}");
                prop_assert!(found_m <= ways.longest_m());
            }
        }
    }
}

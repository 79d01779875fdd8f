//! What stands between two people and what it costs a link: slabs by ITU-R P.2040-1, edges by ITU-R P.526-15 (docs of the wall law in
//! the code: a barrier covers a part of the wave front; what comes past its edges is a knife edge's share).

use std::f64::consts::{PI, TAU};

use cocoasim::{math, units::Point};

use super::world::{Barrier, World};

const WAVELENGTH_M: f64 = 0.122_77;
const FREQUENCY_GHZ: f64 = 2.442;
/// Barriers farther off than this, in v, cost nothing; from the first to the second their cost fades in.
const FAR_V: f64 = 2.0;
const LIT_V: f64 = 0.78;

/// What lies on the straight line from `a` to `b`, and the loss of everything on it or beside it.
pub struct Between<'w> {
    pub loss_db: f32,
    /// Of what is crossed, the one that costs most; `None` = nothing.
    pub material: Option<&'w str>,
    /// Whether something crossed reaches the ceiling.
    pub separates: bool,
}

pub fn between(world: &World, venue: u32, a: Point, b: Point) -> Between<'_> {
    let barriers = &world.venue(venue).barriers;
    let crossed: Vec<&Barrier> = barriers.iter().filter(|w| meet(a, b, w.from, w.to)).collect();
    let mut most_db = f32::NEG_INFINITY;
    let mut material = None;
    for barrier in &crossed {
        let slab_db = slab_db(world, &barrier.material, cos_incidence(a, b, barrier));
        (most_db, material) = if slab_db > most_db { (slab_db, Some(barrier.material.as_str())) } else { (most_db, material) };
    }
    let screens: Vec<(f64, Vec<(f64, f64)>)> = barriers.iter().filter_map(|barrier| covered(world, a, b, barrier)).collect();
    Between { loss_db: front_db(&screens), material, separates: crossed.iter().any(|w| w.reaches_ceiling) }
}

type Vector = (f64, f64);

fn vector(p: Point) -> Vector {
    (f64::from(p.x_m), f64::from(p.y_m))
}

fn minus(p: Vector, q: Vector) -> Vector {
    (p.0 - q.0, p.1 - q.1)
}

fn dot(p: Vector, q: Vector) -> f64 {
    p.0 * q.0 + p.1 * q.1
}

fn cross(p: Vector, q: Vector) -> f64 {
    p.0 * q.1 - p.1 * q.0
}

/// Whether two pieces of straight line have a point in common.
fn meet(a: Point, b: Point, c: Point, d: Point) -> bool {
    let [a, b, c, d] = [a, b, c, d].map(vector);
    let apart = |p: Vector, q: Vector, r: Vector, s: Vector| cross(minus(q, p), minus(r, p)) * cross(minus(q, p), minus(s, p)) > 0.0;
    let beside = |p: f64, q: f64, r: f64, s: f64| p.max(q) < r.min(s) || r.max(s) < p.min(q);
    !(apart(a, b, c, d) || apart(c, d, a, b) || beside(a.0, b.0, c.0, d.0) || beside(a.1, b.1, c.1, d.1))
}

/// Cosine of the angle between a line and the normal of a barrier.
fn cos_incidence(a: Point, b: Point, barrier: &Barrier) -> f32 {
    let (line, wall) = (minus(vector(b), vector(a)), minus(vector(barrier.to), vector(barrier.from)));
    let (length_m, wall_m) = (dot(line, line).sqrt(), dot(wall, wall).sqrt());
    (cross(wall, line).abs() / wall_m / length_m.max(1e-6)).min(1.0) as f32
}

/// A barrier as the wave front from `a` to `b` meets it: its loss, dB, and what it covers, in v; `None` if it is too far off.
fn covered(world: &World, a: Point, b: Point, barrier: &Barrier) -> Option<(f64, Vec<(f64, f64)>)> {
    let [from, to, c, d] = [a, b, barrier.from, barrier.to].map(vector);
    let (line, wall) = (minus(to, from), minus(d, c));
    let (length_m, wall_m) = (dot(line, line).sqrt(), dot(wall, wall).sqrt());
    let far = |p: Vector| {
        let way_m: f64 = [from, to].iter().map(|end| dot(minus(p, *end), minus(p, *end)).sqrt()).sum();
        2.0 * ((way_m - length_m).max(0.0) / WAVELENGTH_M).sqrt()
    };
    let on_wall = |share: f64| (c.0 + share * wall.0, c.1 + share * wall.1);
    // Both ends seen from the wall: how far off, and where along it.
    let [off_a, off_b] = [from, to].map(|end| cross(wall, minus(end, c)) / wall_m);
    let [foot_a, foot_b] = [from, to].map(|end| dot(wall, minus(end, c)) / (wall_m * wall_m));
    let off = off_a.abs() + off_b.abs();
    let shortest = if off > 0.0 { (foot_a * off_b.abs() + foot_b * off_a.abs()) / off } else { (foot_a + foot_b) / 2.0 };
    let nearest = shortest.clamp(0.0, 1.0);
    let nearest_v = far(on_wall(nearest));
    if nearest_v >= FAR_V {
        return None;
    }
    let slab_db = slab_db(world, &barrier.material, cos_incidence(a, b, barrier));
    let loss_db = f64::from(slab_db) * ((FAR_V - nearest_v) / (FAR_V - LIT_V)).min(1.0);
    // Left or right of the line; in the wall's own plane, before or behind the middle.
    let side = |p: Vector| match cross(line, minus(p, from)) {
        0.0 => dot(line, line) / 2.0 - dot(line, minus(p, from)),
        off => off,
    };
    let (side_c, side_d, far_c, far_d) = (side(c), side(d), far(c), far(d));
    let on = |side: f64, near_v: f64, far_v: f64| if side < 0.0 { (-far_v, -near_v) } else { (near_v, far_v) };
    let covers = if side_c * side_d >= 0.0 {
        vec![on(side_c + side_d, nearest_v, far_c.max(far_d))]
    } else if off_a * off_b <= 0.0 && nearest == shortest {
        vec![if side_c < 0.0 { (-far_c, far_d) } else { (-far_d, far_c) }]
    } else {
        let behind = side_c / (side_c - side_d);
        let behind_v = far(on_wall(behind));
        let (near_c, near_d) = if nearest <= behind { (nearest_v, behind_v) } else { (behind_v, nearest_v) };
        vec![on(side_c, near_c, far_c.max(behind_v)), on(side_d, near_d, far_d.max(behind_v))]
    };
    Some((loss_db, covers))
}

/// Loss of all barriers of a wave front, dB: the front is cut at every edge; each piece lets through the product of what its barriers do.
fn front_db(screens: &[(f64, Vec<(f64, f64)>)]) -> f32 {
    let mut cuts: Vec<f64> = screens.iter().flat_map(|(_, covers)| covers.iter().flat_map(|(from, to)| [*from, *to])).collect();
    cuts.extend([-1e9, 1e9]);
    cuts.sort_by(f64::total_cmp);
    cuts.dedup();
    let share = |from: f64, to: f64| {
        let is_over = |covers: &[(f64, f64)]| covers.iter().filter(|(low, high)| *low <= from && to <= *high).count() as f64;
        let db: f64 = screens.iter().map(|(loss_db, covers)| loss_db * is_over(covers)).sum();
        math::powf(10f64, -db.min(1000.0) / 20.0)
    };
    let pieces: Vec<(f64, f64, f64)> = cuts.windows(2).map(|w| (w[0], w[1], share(w[0], w[1]))).collect();
    (-20.0 * math::log10(amplitude(&pieces, 0.0))).max(0.0) as f32
}

/// Amplitude through pieces that adjoin, over and above a share: the least share comes through all of it; of what comes through better
/// parts besides, no more than if all of it were as good as the best.
fn amplitude(pieces: &[(f64, f64, f64)], above: f64) -> f64 {
    let whole = through(pieces[0].0, pieces[pieces.len() - 1].1);
    let least = pieces.iter().map(|p| p.2).fold(f64::MAX, f64::min);
    let most = pieces.iter().map(|p| p.2).fold(0.0, f64::max);
    let better: f64 =
        pieces.chunk_by(|p, q| p.2 > least && q.2 > least).filter(|run| run[0].2 > least).map(|run| amplitude(run, least)).sum();
    (least - above) * whole + better.min((most - least) * whole)
}

/// Share of the amplitude through a window of the front from one v to another.
fn through(from_v: f64, to_v: f64) -> f64 {
    if from_v < 0.0 && to_v > 0.0 {
        (beyond(from_v) + beyond(-to_v) - 1.0).max(0.0)
    } else {
        (beyond(from_v) - beyond(to_v)).max(beyond(-to_v) - beyond(-from_v))
    }
}

/// Share of the amplitude that comes past an edge at v: J(v) of P.526-15 section 4.1, fading to nothing from v = 4 to 8.
fn beyond(v: f64) -> f64 {
    let knife_edge = 0.451_86 / (((v - 0.1) * (v - 0.1) + 1.0).sqrt() + v - 0.1);
    knife_edge.min(1.0) * ((8.0 - v) / 4.0).clamp(0.0, 1.0)
}

/// Loss of a material at an angle, dB: read between the middles of 64 classes of the cosine; angles over 80 degrees cost as 80 do.
fn slab_db(world: &World, material: &str, cos_incidence: f32) -> f32 {
    let m = &world.scenario.venue.materials[material];
    if let Some(loss_db) = m.loss_db {
        return loss_db;
    }
    let or_0 = |v: Option<f64>| v.unwrap_or(0.0);
    let of_class = |class: usize| {
        let cos = ((class as f64 + 0.5) / 64.0).max(math::cos(80.0 * PI / 180.0));
        let eta = Complex(
            or_0(m.a) * math::powf(FREQUENCY_GHZ, or_0(m.b)),
            -17.98 * or_0(m.c) * math::powf(FREQUENCY_GHZ, or_0(m.d)) / FREQUENCY_GHZ,
        );
        let power = transmitted(eta, cos, or_0(m.thickness_mm) / 1000.0);
        (-10.0 * math::log10(power) * f64::from(m.layers.unwrap_or(1))).min(100.0) as f32
    };
    let place = (cos_incidence * 64.0 - 0.5).clamp(0.0, 63.0);
    let below = (place as usize).min(62);
    of_class(below) + (place - below as f32) * (of_class(below + 1) - of_class(below))
}

#[derive(Clone, Copy)]
struct Complex(f64, f64);

impl Complex {
    fn plus(self, o: Self) -> Self {
        Self(self.0 + o.0, self.1 + o.1)
    }
    fn times(self, o: Self) -> Self {
        Self(self.0 * o.0 - self.1 * o.1, self.0 * o.1 + self.1 * o.0)
    }
    fn scaled(self, by: f64) -> Self {
        Self(self.0 * by, self.1 * by)
    }
    fn power(self) -> f64 {
        self.0 * self.0 + self.1 * self.1
    }
    fn over(self, o: Self) -> Self {
        self.times(Self(o.0, -o.1)).scaled(1.0 / o.power())
    }
}

/// Power through a slab of complex permittivity `eta`, the mean of both polarisations: `T = (1 - R²) e^(-jq) / (1 - R² e^(-2jq))`.
fn transmitted(eta: Complex, cos: f64, thickness_m: f64) -> f64 {
    let under = eta.plus(Complex(cos * cos - 1.0, 0.0));
    let (length, angle) = (under.power().sqrt().sqrt(), math::atan2(under.1, under.0) / 2.0);
    let root = Complex(length * math::cos(angle), length * math::sin(angle));
    let q = root.scaled(TAU * thickness_m * FREQUENCY_GHZ / 0.299_792_458);
    let through = Complex(math::cos(q.0), -math::sin(q.0)).scaled(math::exp(q.1));
    let one = Complex(1.0, 0.0);
    let of = |r: Complex| {
        let r2 = r.times(r);
        let echo = one.plus(r2.times(through).times(through).scaled(-1.0));
        one.plus(r2.scaled(-1.0)).times(through).over(echo).power()
    };
    let (cos, root_n) = (Complex(cos, 0.0), root.scaled(-1.0));
    let te = cos.plus(root_n).over(cos.plus(root));
    let tm = eta.times(cos).plus(root_n).over(eta.times(cos).plus(root));
    (of(te) + of(tm)) / 2.0
}

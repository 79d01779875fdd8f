//! Schools and their classes.

use rand::RngExt;

use crate::population::{Society, Trade};

use super::{Draw, Draws, config::SchoolConfig};

/// Shape of the gamma law by which schools differ in size: a coefficient of variation of 0.58. Assumption.
const SCHOOL_SHAPE: f64 = 3.0;

/// Pupils of a stage: where on the curve they live, and who they are.
pub(super) type Pupils = Vec<(u32, u32)>;

/// Puts pupils together in schools, neighbours on the curve, and in classes of their year. `year` is the school year of everybody, `want` where
/// the school would stand best for each. Returns how many classes there are.
pub(super) fn place_pupils(
    (school, stage): (&SchoolConfig, usize),
    pupils: &mut Pupils,
    (year, want): (&[u8], &[(f32, f32)]),
    draws: &Draws,
    society: &mut Society,
) -> u32 {
    pupils.sort_unstable();
    let number = (pupils.len() as f64 / school.pupils).round().max(1.0) as u32;
    let size = |number: u32| draws.rng(stage as u32, Draw::School, number).gamma(SCHOOL_SHAPE, 1.0);
    let sizes: Vec<f64> = (0..number).map(size).collect();
    let all: f64 = sizes.iter().sum();
    let (mut until, mut first, mut all_classes) = (0.0, 0, 0);
    for (i, size) in sizes.iter().enumerate() {
        until += size;
        let is_last = i + 1 == sizes.len();
        let end = if is_last { pupils.len() } else { (pupils.len() as f64 * until / all).round() as usize };
        if end > first {
            let taught = &mut pupils[first..end];
            let at = want[taught[taught.len() / 2].1 as usize];
            let place = society.establishments.push(Trade::SCHOOLS[stage], at, 0, 0);
            taught.sort_unstable_by_key(|(_, person)| (year[*person as usize], *person));
            let mut classes = 0;
            for of_year in taught.chunk_by(|a, b| year[a.1 as usize] == year[b.1 as usize]) {
                let year = year[of_year[0].1 as usize];
                let mut rng = draws.rng(place, Draw::Classes, u32::from(year));
                let there = number_of_classes(of_year.len(), school, rng.random());
                for (k, (_, person)) in of_year.iter().enumerate() {
                    let person = *person as usize;
                    society.place[person] = place;
                    society.group[person] = classes + (k % there) as u16;
                    society.number[person] = (k / there) as u16;
                }
                classes += there as u16;
            }
            society.establishments.classes[place as usize] = classes;
            all_classes += u32::from(classes);
        }
        first = end;
    }
    all_classes
}

/// How many classes the pupils of a year make: as many as make the mean, up or down by chance, and none of more pupils than places.
fn number_of_classes(pupils: usize, school: &SchoolConfig, draw: f64) -> usize {
    let least = pupils.div_ceil(usize::from(school.class_places)).max(1);
    ((pupils as f64 / school.class_mean + draw) as usize).max(least)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_make_the_mean_and_have_places_for_all() {
        let school = SchoolConfig {
            stage: Trade::PrimarySchool,
            from_years: 6,
            attend_shares: vec![1.0; 6],
            pupils: 323.0,
            class_mean: 22.0,
            class_places: 40,
            staff_a_class: 1.5,
        };
        let classes = |pupils, draw| number_of_classes(pupils, &school, draw);
        assert_eq!([classes(55, 0.49), classes(55, 0.51)], [2, 3], "two and a half");
        assert_eq!([classes(3, 0.0), classes(40, 0.0), classes(41, 0.0), classes(81, 0.0)], [1, 1, 2, 3]);
    }
}

//! Schools and their classes.

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
) -> usize {
    pupils.sort_unstable();
    let number = (pupils.len() as f64 / school.pupils).round().max(1.0) as u32;
    let size = |number: u32| draws.rng(stage as u32, Draw::School, number).gamma(SCHOOL_SHAPE, 1.0);
    let sizes: Vec<f64> = (0..number).map(size).collect();
    let all: f64 = sizes.iter().sum();
    let (mut until, mut first, mut all_classes, mut all_pupils) = (0.0, 0, 0, 0);
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
                all_pupils += of_year.len();
                let there = number_of_classes(of_year.len(), all_pupils, all_classes, school);
                for (k, (_, person)) in of_year.iter().enumerate() {
                    let person = *person as usize;
                    society.place[person] = place;
                    society.group[person] = classes + (k % there) as u16;
                    society.number[person] = (k / there) as u16;
                }
                classes += there as u16;
                all_classes += there;
            }
            society.establishments.classes[place as usize] = classes;
        }
        first = end;
    }
    all_classes
}

/// How many classes the pupils of a year make: none of more pupils than places, and as many as make the mean over all up to here, of whom there
/// are so many and have made so many classes.
fn number_of_classes(pupils: usize, all_pupils: usize, classes_before: usize, school: &SchoolConfig) -> usize {
    let least = pupils.div_ceil(usize::from(school.class_places)).max(1);
    let all = (all_pupils as f64 / school.class_mean).round() as usize;
    all.saturating_sub(classes_before).max(least)
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
        let classes = |pupils, all, before| number_of_classes(pupils, all, before, &school);
        assert_eq!([classes(54, 54, 0), classes(54, 108, 2), classes(54, 162, 5)], [2, 3, 2], "two and a half on average");
        assert_eq!([classes(3, 3, 0), classes(40, 400, 18), classes(41, 400, 18), classes(81, 400, 18)], [1, 1, 2, 3], "places for all");
    }
}

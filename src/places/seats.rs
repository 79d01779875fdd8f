//! Sitting and lying.

use std::collections::BTreeMap;

use rand::RngExt;

use crate::{
    mobility::NO_GROUP,
    venue::kind::{Layout, SeatOf, SeatsModel},
};

use super::{
    breaks,
    scene::{Job, Scene},
};

/// The seats of these uses.
pub(super) fn of<'a>(layout: &'a Layout, on: &'a [SeatOf]) -> impl Iterator<Item = usize> + 'a {
    (0..layout.plan.seats.len()).filter(|seat| on.iter().any(|on| on.is(layout.plan.seats[*seat].use_)))
}

/// Those of the habit on their own seats; then parties, groups and who is alone, in the order in which they come, and of those who come
/// at once the largest first: whoever stands found no seat free when they came.
pub(super) fn play(scene: &mut Scene<'_>, model: &SeatsModel, jobs: &[Job]) {
    let seats: Vec<usize> = of(scene.layout, &model.on).collect();
    let mut parties: Vec<Vec<Job>> = Vec::new();
    let mut own: Vec<(Job, usize)> = Vec::new();
    let mut groups: BTreeMap<u16, Vec<Job>> = BTreeMap::new();
    for job in jobs {
        let (number, group) = (scene.person(job).seat as usize, scene.person(job).group);
        match seats.get(number).filter(|seat| model.habitual && scene.seats[**seat].is_free(job.span_s())) {
            Some(seat) => {
                scene.sit(job, *seat);
                own.push((*job, *seat));
            }
            None if group == NO_GROUP || model.habitual => parties.push(vec![*job]),
            None => groups.entry(group).or_default().push(*job),
        }
    }
    if let Some(breaks) = &model.breaks {
        breaks::play(scene, breaks, &own);
    }
    parties.extend(groups.into_values());
    parties.sort_by_key(|party| (party[0].start_s, std::cmp::Reverse(party.len()), scene.person(&party[0]).person));
    for party in parties {
        let without = match (&party[..], scene.person(&party[0]).group) {
            ([_], _) => party,
            (_, group) => seat_group(scene, &seats, group, party),
        };
        for job in without {
            sit_anywhere(scene, &seats, &job);
        }
    }
}

/// Somebody by themselves, on any seat that is free.
fn sit_anywhere(scene: &mut Scene<'_>, seats: &[usize], job: &Job) {
    let free: Vec<usize> = seats.iter().copied().filter(|seat| scene.seats[*seat].is_free(job.span_s())).collect();
    if free.is_empty() {
        scene.hand_on(job, false);
    } else {
        let drawn = scene.rng(job, 0).random_range(0..free.len());
        scene.sit(job, free[drawn]);
    }
}

/// Seats a group at the smallest table, bench or row that has room for all, next to each other; where none has, as many as can at the one
/// with the most room, and so on. Gives those for whom there is no seat.
fn seat_group(scene: &mut Scene<'_>, seats: &[usize], group: u16, mut jobs: Vec<Job>) -> Vec<Job> {
    while let (Some(start_s), Some(end_s)) = (jobs.iter().map(|job| job.start_s).min(), jobs.iter().map(|job| job.end_s).max()) {
        let is_free = |seat: &usize| scene.seats[*seat].is_free((start_s, end_s));
        let of_table = |seat: &usize| scene.layout.seat_group[*seat];
        let tables = seats.chunk_by(|a, b| of_table(a) == of_table(b));
        let rooms: Vec<Vec<usize>> = tables.map(|table| table.iter().copied().filter(is_free).collect()).collect();
        let best = rooms.iter().filter(|free| !free.is_empty()).min_by(|a, b| {
            // Who has room comes first, the smallest of them; then the largest of those who have not.
            let key = |free: &Vec<usize>| {
                let fits = free.len() >= jobs.len();
                (!fits, if fits { free.len() } else { usize::MAX - free.len() })
            };
            let drawn = |free: &Vec<usize>| scene.uniform_of_group(group, u32::from(of_table(&free[0])));
            key(a).cmp(&key(b)).then(drawn(a).total_cmp(&drawn(b)))
        });
        let Some(free) = best else { return jobs };
        let here = jobs.len().min(free.len());
        // The closest seats in a row: the first of those that span the fewest.
        let chosen = free.windows(here).min_by_key(|seats| seats[here - 1] - seats[0]).map(<[usize]>::to_vec).unwrap_or_default();
        let rest = jobs.split_off(here);
        for (job, seat) in jobs.iter().zip(chosen) {
            scene.sit(job, seat);
        }
        jobs = rest;
    }
    jobs
}

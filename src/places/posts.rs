//! At a post of one's own.

use crate::venue::kind::{Layout, PostModel};

use super::scene::{Job, Scene};

/// The posts of a model.
pub(super) fn of(layout: &Layout, at: Option<&[u32]>) -> Vec<usize> {
    let all = 0..layout.posts.len();
    at.map_or_else(|| all.collect(), |at| at.iter().map(|post| *post as usize).filter(|post| *post < layout.posts.len()).collect())
}

/// Everybody at the post of their number, or where somebody else is there, at the next that is free.
pub(super) fn play(scene: &mut Scene<'_>, model: &PostModel, jobs: &[Job]) {
    let posts = of(scene.layout, model.at.as_deref());
    for job in jobs {
        match free(scene, &posts, job) {
            Some(post) => scene.man(job, post),
            None => scene.hand_on(job, false),
        }
    }
}

/// The post of somebody, if one is free.
pub(super) fn free(scene: &Scene<'_>, posts: &[usize], job: &Job) -> Option<usize> {
    let first = scene.person(job).seat as usize;
    (0..posts.len()).map(|k| posts[(first + k) % posts.len()]).find(|post| scene.posts[*post].is_free(job.span_s()))
}

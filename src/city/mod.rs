//! A city as the source of movement: where its people go on a day, and the venues that they go to.
//!
//! `venues` founds a venue for every home, class, office, shop and car of a train and lays it out to its kind; `days` is a person's plan, of
//! `duty`, which is work or school, the way there and evenings with a team, and of `choice`, which is the rest; `stays` puts what somebody does
//! on a day in order and the home around it; `near` knows which venues are close by, `lines` the trains, and `circles` who is friends with whom.
//!
//! A plan looks at one person alone. What several people do together is drawn by what they belong to (a household, a team, a circle), so that
//! each finds the same draw without asking the others.
//!
//! Weaknesses: nobody visits another's home; whoever works on sites, on farms or in transport is not seen there, nor is anybody on foot, in cars
//! and buses, on platforms or in waiting rooms; homes for the old are laid out as wards, and nobody of the city lives there; nursery schools are
//! classrooms; trains carry only those who go to work or school, and run as if the line were twice as long as the city; the ages of friends are
//! within ten years.

mod choice;
mod circles;
mod days;
mod duty;
mod lines;
mod near;
mod stays;
#[cfg(test)]
mod tests;
mod venues;

pub use venues::{CityKinds, movement};

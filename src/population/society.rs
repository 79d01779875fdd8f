//! What people of a city belong to: homes, work and schools, and how they get there.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ids::PersonId;

macro_rules! named {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "snake_case")]
        #[repr(u8)]
        pub enum $name { $($(#[$of])* $variant),+ }

        impl $name {
            /// All of them, in order.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The name used in tables and scenario files.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// The one of this name.
            pub fn named(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|known| known.name() == name)
            }
        }
    };
}

named! {
    /// What somebody does in the week.
    Occupation {
        /// Neither school nor work.
        AtHome = "at_home",
        /// A child in nursery school or kindergarten.
        Nursery = "nursery",
        /// A pupil of a primary school.
        Primary = "primary",
        /// A pupil of a lower secondary school.
        LowerSecondary = "lower_secondary",
        /// A pupil of an upper secondary school.
        UpperSecondary = "upper_secondary",
        /// A student of a university, a college or a vocational school.
        HigherEducation = "higher_education",
        /// Works full time, by day.
        FullTime = "full_time",
        /// Works some hours or days.
        PartTime = "part_time",
        /// Works full time in shifts.
        Shift = "shift",
    }
}

impl Occupation {
    /// Whether it is work.
    pub fn works(self) -> bool {
        matches!(self, Self::FullTime | Self::PartTime | Self::Shift)
    }

    /// Whether it is school of some kind, as one who is taught.
    pub fn learns(self) -> bool {
        !self.works() && self != Self::AtHome
    }

    /// Whether such a person belongs to an establishment of this trade: learners to that of their stage, those who work to any, nobody else.
    pub fn belongs_to(self, trade: Trade) -> bool {
        self.works() || trade.taught() == Some(self)
    }
}

named! {
    /// What an establishment is.
    Trade {
        /// Desks: finance, information, services, government.
        Office = "office",
        /// A shop.
        Shop = "shop",
        /// A restaurant.
        Restaurant = "restaurant",
        /// A pub with food.
        Izakaya = "izakaya",
        /// A gym.
        Gym = "gym",
        /// A karaoke house.
        Karaoke = "karaoke",
        /// A hall for events.
        Hall = "hall",
        /// A hospital or a doctor's.
        Hospital = "hospital",
        /// A home for the old, or day care.
        Care = "care",
        /// A factory.
        Factory = "factory",
        /// A nursery school or kindergarten.
        Nursery = "nursery",
        /// A primary school.
        PrimarySchool = "primary_school",
        /// A lower secondary school.
        LowerSecondarySchool = "lower_secondary_school",
        /// An upper secondary school.
        UpperSecondarySchool = "upper_secondary_school",
        /// A university, a college or a vocational school.
        HigherEducation = "higher_education",
        /// Building sites, transport, farms: nothing is simulated inside.
        Elsewhere = "elsewhere",
    }
}

impl Trade {
    /// Schools, in order of age.
    pub const SCHOOLS: [Self; 5] =
        [Self::Nursery, Self::PrimarySchool, Self::LowerSecondarySchool, Self::UpperSecondarySchool, Self::HigherEducation];

    /// What those who are taught there do; `None` where nobody is.
    pub fn taught(self) -> Option<Occupation> {
        match self {
            Self::Nursery => Some(Occupation::Nursery),
            Self::PrimarySchool => Some(Occupation::Primary),
            Self::LowerSecondarySchool => Some(Occupation::LowerSecondary),
            Self::UpperSecondarySchool => Some(Occupation::UpperSecondary),
            Self::HigherEducation => Some(Occupation::HigherEducation),
            _ => None,
        }
    }
}

named! {
    /// How somebody goes to work or school.
    Mode {
        /// On foot.
        Walk = "walk",
        /// By bicycle or motorcycle.
        Bike = "bike",
        /// By car, or by bus.
        Car = "car",
        /// By rail.
        Rail = "rail",
    }
}

/// Where people work and learn: one entry an establishment in every array.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Establishments {
    /// What it is.
    pub trade: Vec<Trade>,
    /// East of the city's middle, m.
    pub x_m: Vec<f32>,
    /// North of it, m.
    pub y_m: Vec<f32>,
    /// People who work there.
    pub workers: Vec<u32>,
    /// Classes of a school; 0 elsewhere.
    pub classes: Vec<u16>,
}

impl Establishments {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.trade.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.trade.is_empty()
    }

    /// Adds one, and gives its number.
    pub(super) fn push(&mut self, trade: Trade, (x_m, y_m): (f32, f32), workers: u32, classes: u16) -> u32 {
        self.trade.push(trade);
        self.x_m.push(x_m);
        self.y_m.push(y_m);
        self.workers.push(workers);
        self.classes.push(classes);
        self.trade.len() as u32 - 1
    }
}

/// What people of a city belong to. `home_*` have one entry a household, the arrays from `occupation` on one a person.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Society {
    /// Where a household lives, east of the city's middle, m; index = [`People::household`](super::People::household).
    pub home_x_m: Vec<f32>,
    /// North of it, m.
    pub home_y_m: Vec<f32>,
    /// Where people work and learn.
    pub establishments: Establishments,
    /// What somebody does in the week.
    pub occupation: Vec<Occupation>,
    /// Establishment of work or school; [`Society::NOWHERE`] = none.
    pub place: Vec<u32>,
    /// Class within a school, also of who teaches there; team within a workplace; [`Society::NO_GROUP`] = none.
    pub group: Vec<u16>,
    /// The person's number among the workers of the place or, taught there, among those of the class.
    pub number: Vec<u16>,
    /// How somebody gets there; of those who go nowhere, how they would.
    pub mode: Vec<Mode>,
    /// Minutes in the train by rail, else minutes of the way from door to door; one way.
    pub ride_min: Vec<u8>,
    /// Whether somebody works from home where the work allows it.
    pub teleworks: Vec<bool>,
}

impl Society {
    /// No place of work or school.
    pub const NOWHERE: u32 = u32::MAX;
    /// No class or team.
    pub const NO_GROUP: u16 = u16::MAX;

    /// The establishment that a person belongs to.
    pub fn place(&self, person: PersonId) -> Option<usize> {
        let place = self.place[person.index()];
        (place != Self::NOWHERE).then_some(place as usize)
    }

    /// What that establishment is.
    pub fn trade(&self, person: PersonId) -> Option<Trade> {
        self.place(person).map(|place| self.establishments.trade[place])
    }

    /// Whether a person works at a school or a hospital rather than being taught or treated there: teachers, nurses and doctors.
    pub fn is_staff(&self, person: PersonId) -> bool {
        self.occupation[person.index()].works()
            && self.trade(person).is_some_and(|trade| trade == Trade::Hospital || trade.taught().is_some())
    }
}

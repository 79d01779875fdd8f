//! What badges on chests measured of whole days, as far as its quantiles tell.

/// A data set of badges, which record in slots of 20 s who faces whom within 1 to 1.5 m. Quantiles were computed from the records that
/// SocioPatterns publishes.
pub struct Badges {
    /// What it is called.
    pub name: &'static str,
    /// Whether it is of an office.
    pub is_office: bool,
    /// Others met on a day by those who met anybody: half of the person-days have so many or more, one in ten has.
    pub others: [f64; 2],
    /// Time that two who met had together on a day, s: half of the pairs have so much or more, one in ten, one in a hundred.
    pub together_s: [f64; 3],
}

/// Offices in France and households in Kenya (members of one household).
pub const BADGES: [Badges; 3] = [
    // Genois et al., Network Science 3 (2015) 326: 92 people, 10 days, 669 person-days.
    Badges { name: "InVS13, an office", is_office: true, others: [4.0, 8.0], together_s: [40.0, 320.0, 1480.0] },
    // Genois and Barrat, EPJ Data Science 7 (2018) 11: 217 people, 10 days, 1653 person-days.
    Badges { name: "InVS15, an office", is_office: true, others: [7.0, 17.0], together_s: [40.0, 520.0, 2380.0] },
    // Kiti et al., EPJ Data Science 5 (2016) 21: 75 people, 3 days, 225 person-days.
    Badges { name: "Kenya, households", is_office: false, others: [10.0, 17.0], together_s: [160.0, 2804.0, 11_896.0] },
];

//! The file of a venue kind: `scenarios/venues/KIND.toml`, or a user's own.
//!
//! Lengths and places are in metres from the floor's lower left corner, x to the right and y up. Each may be one number, or drawn once a
//! venue; the 1 m of a contact turns over by 20 cm, and no two restaurants are alike.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::venue::RoomKind;

/// A length.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Length {
    /// The same in every venue, m.
    Fixed(f32),
    /// Drawn once a venue.
    Drawn(Drawn),
}

/// A normal distribution, cut off at two standard deviations.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Its mean, m.
    #[schemars(range(min = 0, max = 1000))]
    pub mean_m: f32,
    /// Its standard deviation, m.
    #[schemars(range(min = 0, max = 100))]
    pub sd_m: f32,
}

/// A coordinate.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Coordinate {
    /// From the floor's left or lower edge, m.
    Fixed(f32),
    /// The same, drawn once a venue.
    Drawn(Drawn),
    /// From its right or upper edge.
    FromEnd(FromEnd),
    /// A share of the floor.
    Share(Share),
}

/// A place by its distance from the far edge of the floor.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FromEnd {
    /// How far before it, m.
    #[schemars(range(min = 0, max = 1000))]
    pub from_end_m: f32,
}

/// A place by its share of the way across the floor.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Share {
    /// 0 = the left or lower edge, 1 = the right or upper one.
    #[schemars(range(min = 0, max = 1))]
    pub share: f32,
}

/// x and y.
pub type Place = [Coordinate; 2];

/// A way to face.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Facing {
    /// To greater y.
    Up,
    /// To lesser y.
    Down,
    /// To lesser x.
    Left,
    /// To greater x.
    Right,
}

/// A venue kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KindConfig {
    /// Its name: `venue_kind` of every table.
    pub name: String,
    /// What it is, in a line.
    pub description: String,
    /// How many people are its nominal load, to which congestion is stated; none = it has none.
    #[serde(default)]
    #[schemars(range(min = 1, max = 100000))]
    pub nominal_people: Option<u32>,
    /// The floor.
    pub floor: FloorConfig,
    /// Parts of the floor with a name of their own; none = one room, the floor.
    #[serde(default)]
    pub rooms: Vec<KindRoomConfig>,
    /// Walls and panes.
    #[serde(default)]
    pub walls: Vec<KindWallConfig>,
    /// Doors: gaps in walls, through which people come and go.
    #[serde(default)]
    pub doors: Vec<DoorConfig>,
    /// Single desks with a seat each, in a grid.
    #[serde(default)]
    pub desks: Vec<DesksConfig>,
    /// Tables with chairs on their long sides, in a grid.
    #[serde(default)]
    pub tables: Vec<TablesConfig>,
    /// Seats side by side without a table.
    #[serde(default)]
    pub benches: Vec<BenchConfig>,
    /// Beds, in a grid.
    #[serde(default)]
    pub beds: Vec<BedsConfig>,
    /// Shelves, counters, platforms: nobody is there.
    #[serde(default)]
    pub blocks: Vec<BlockConfig>,
    /// Where people stand.
    #[serde(default)]
    pub standing: Vec<StandingConfig>,
    /// Where people wait in line.
    #[serde(default)]
    pub queues: Vec<QueueConfig>,
    /// Ways along which people walk.
    #[serde(default)]
    pub aisles: Vec<AisleConfig>,
    /// Places of those who work there: a teacher's, a cashier's.
    #[serde(default)]
    pub posts: Vec<PostConfig>,
    /// What people are there for, and how they move.
    #[serde(default)]
    #[schemars(length(max = 32))]
    pub roles: Vec<RoleConfig>,
}

/// What people are there for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleConfig {
    /// Its name, unique in the kind: `pupil`, `guest`, `nurse`.
    pub name: String,
    /// How they move.
    pub model: MovementConfig,
    /// The role by which those go on who find no place or have been served; none = they stand near a door. From aisles it may be a queue
    /// that ends visits: all go on to it in time.
    #[serde(default)]
    pub then: Option<String>,
    /// How their phones are carried, as weights; none = by what they do, as the scenario says.
    #[serde(default)]
    pub carriage: Option<RoleCarriage>,
}

/// A model of movement, with its parameters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum MovementConfig {
    /// Sit or lie down.
    Seats(SeatsModel),
    /// Stand on standing areas.
    Standing(StandingModel),
    /// Sit where a seat is free, stand where none is, and sit down when one near them becomes free.
    Ride(RideModel),
    /// Are at a post of their own.
    Post(PostModel),
    /// Wait in line and are served.
    Queue(QueueModel),
    /// Walk and stop along aisles.
    Aisles(AislesModel),
    /// Go from bed to bed or from table to table, and back to a post.
    Rounds(RoundsModel),
    /// Work at desks of a floor, meet, eat, talk and run errands there: the only role of its kind.
    WorkFloor(WorkFloorModel),
    /// Live in a dwelling: the only role of its kind.
    RoomsAndBeds(RoomsAndBedsModel),
}

/// A working day on a floor, for those who are there. Rooms say by their use where people meet and eat.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WorkFloorModel {
    /// Share of people who eat in the pantry; the rest of those who do not leave for lunch eat at their desks.
    #[schemars(range(min = 0, max = 1))]
    pub lunch_pantry_share: f64,
    /// Meetings a day per meeting room.
    #[schemars(range(min = 0, max = 16))]
    pub meetings_per_room: u32,
    /// Share of a meeting's people from one department.
    #[schemars(range(min = 0, max = 1))]
    pub meeting_own_department_share: f64,
    /// Conversations a person starts in a day, on average; each goes on in stretches.
    #[schemars(range(min = 0, max = 200))]
    pub talks_per_person: f64,
    /// Shortest stretch of a conversation, s.
    #[schemars(range(min = 1, max = 600))]
    pub talk_min_s: f64,
    /// Tail exponent of the lengths of stretches (density falls as length to the minus this).
    #[schemars(range(min = 1.2, max = 6))]
    pub talk_tail_exponent: f64,
    /// Tail exponent of how many stretches a conversation has, 1 or more.
    #[schemars(range(min = 1.2, max = 100))]
    pub talk_stretches_exponent: f64,
    /// Shortest and longest pause between two stretches, s, even between. The two stay, and one looks away.
    #[schemars(inner(range(min = 1, max = 3600)))]
    pub talk_pause_s: [f64; 2],
    /// Standard deviation of the logarithm of how gladly people talk (0: all alike).
    #[schemars(range(min = 0, max = 3))]
    pub talk_sociability_sd: f64,
    /// How gladly two talk to each other is an even number from 0 to 1 to the minus this, for good (0: all alike).
    #[schemars(range(min = 0, max = 3))]
    pub talk_affinity_exponent: f64,
    /// Share of conversations within the department.
    #[schemars(range(min = 0, max = 1))]
    pub talk_own_department_share: f64,
    /// Mean distance of people talking, m.
    #[schemars(range(min = 0.3, max = 3))]
    pub talk_distance_m: f64,
    /// Its standard deviation, m.
    #[schemars(range(min = 0, max = 1))]
    pub talk_distance_sd_m: f64,
    /// Trips to the pantry a person makes in a day.
    #[schemars(range(min = 0, max = 20))]
    pub errands_per_person: u32,
}

/// Life in a dwelling, for those who are there. Each has a place at the table, on the sofa and in a bed by their number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RoomsAndBedsModel {
    /// Between when and when people go to bed, hours after midnight JST, even between; those after the next midnight count from 24.
    #[schemars(inner(range(min = 18, max = 30)))]
    pub to_bed_h: [f64; 2],
    /// Between when and when they get up, hours after midnight JST, even between.
    #[schemars(inner(range(min = 3, max = 12)))]
    pub up_h: [f64; 2],
    /// The time awake is spent in blocks of this length, counted from noon, minutes.
    #[schemars(range(min = 15, max = 240))]
    pub block_min: f64,
    /// The block in which this hour after midnight JST lies is dinner.
    #[schemars(range(min = 12, max = 24))]
    pub dinner_h: f64,
    /// Share of the other blocks that is spent on the sofa.
    #[schemars(range(min = 0, max = 1))]
    pub sofa_share: f64,
    /// Share of them at the table; the rest are spent at the bed.
    #[schemars(range(min = 0, max = 1))]
    pub dining_share: f64,
}

/// From how many people and up to how many: those who belong to a venue, such as a household.
pub type PeopleRange = [u32; 2];

/// Waiting in line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QueueModel {
    /// In which lines, counted from 0 in the order of the file; none = all.
    #[serde(default)]
    pub lines: Option<Vec<u32>>,
    /// Mean time for which one is served at the head of a line, s; none = nobody is served, all wait until their visit ends.
    #[serde(default)]
    #[schemars(range(min = 1, max = 36000))]
    pub service_mean_s: Option<f64>,
    /// Its standard deviation over its mean (gamma).
    #[serde(default)]
    #[schemars(range(min = 0, max = 3))]
    pub service_cv: f64,
    /// Whether a visit ends when one has been served, as at a checkout: people join so long before the end of their visit that it does.
    #[serde(default)]
    pub ends_visit: bool,
}

/// Walking and stopping.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AislesModel {
    /// Along which aisles, counted from 0 in the order of the file; none = all.
    #[serde(default)]
    pub along: Option<Vec<u32>>,
    /// How fast, m/s.
    #[schemars(range(min = 0.1, max = 3))]
    pub speed_mps: f32,
    /// How far from the middle of the aisle they stop, m, on the side to which they look: before a shelf.
    #[serde(default)]
    #[schemars(range(min = 0, max = 5))]
    pub stop_aside_m: f32,
    /// Whether they go through all aisles once, in the order of the file or the other way round; else from anywhere to anywhere.
    #[serde(default)]
    pub in_order: bool,
    /// How far to the left of the middle they walk, m, so that those who come towards each other pass.
    #[serde(default)]
    #[schemars(range(min = 0, max = 5))]
    pub keep_left_m: f32,
    /// Mean length of a stop, s.
    #[schemars(range(min = 1, max = 3600))]
    pub stop_mean_s: f64,
    /// Exponent of the tail of stops, by Pareto's law; none = exponential.
    #[serde(default)]
    #[schemars(range(min = 1.05, max = 20))]
    pub stop_tail_exponent: Option<f64>,
}

/// Rounds from a post.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RoundsModel {
    /// From which posts, counted from 0 in the order of the file; none = any.
    #[serde(default)]
    pub at: Option<Vec<u32>>,
    /// To what.
    pub to: SeatOf,
    /// When rounds begin, hours after midnight JST.
    #[serde(default)]
    #[schemars(inner(range(min = 0, max = 24)))]
    pub starts_h: Vec<f64>,
    /// Standard deviation of that, minutes.
    #[serde(default)]
    #[schemars(range(min = 0, max = 240))]
    pub start_sd_min: f64,
    /// Mean time at the post before another round, after those of set times, minutes; none = no more.
    #[serde(default)]
    #[schemars(range(min = 1, max = 1440))]
    pub every_min: Option<f64>,
    /// So many places a round at most, the next round going on from there; none = all of one's own.
    #[serde(default)]
    #[schemars(range(min = 1, max = 1000))]
    pub most: Option<u32>,
    /// Mean time at each place, s.
    #[schemars(range(min = 1, max = 7200))]
    pub stay_mean_s: f64,
    /// Its standard deviation over its mean (gamma).
    #[serde(default)]
    #[schemars(range(min = 0, max = 3))]
    pub stay_cv: f64,
}

/// Sitting or lying.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SeatsModel {
    /// On what.
    pub on: Vec<SeatOf>,
    /// Whether each has the same seat on every day, by their number among the venue's people.
    #[serde(default)]
    pub habitual: bool,
    /// Breaks, in which friends sit together; none = all keep their seats.
    #[serde(default)]
    pub breaks: Option<BreaksModel>,
}

/// Breaks from sitting at one's own seat: friends sit together and turn to each other, on the seats of all who do. Who are friends is drawn for
/// good.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BreaksModel {
    /// When breaks begin, hours after midnight JST.
    #[schemars(inner(range(min = 0, max = 24)))]
    pub starts_h: Vec<f64>,
    /// How long they are, minutes.
    #[schemars(range(min = 1, max = 240))]
    pub length_min: f64,
    /// How many are friends on average; no more than four sit together.
    #[schemars(range(min = 1, max = 20))]
    pub friends: f64,
}

/// What a seat belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SeatOf {
    /// A desk for one.
    Desk,
    /// A table.
    Table,
    /// A bench or row.
    Bench,
    /// A bed.
    Bed,
}

/// Standing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StandingModel {
    /// So many find room at most, per m² of standing area.
    #[schemars(range(min = 0.01, max = 10))]
    pub most_per_m2: f64,
    /// Mean time after which somebody changes place, minutes; none = they keep it.
    #[serde(default)]
    #[schemars(range(min = 1, max = 1440))]
    pub change_min: Option<f64>,
    /// Where they look.
    #[serde(default)]
    pub faces: Faces,
}

/// Riding.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RideModel {
    /// On what they sit.
    pub on: Vec<SeatOf>,
    /// A seat that becomes free is taken by whoever stands as near to it as this, m.
    #[schemars(range(min = 0, max = 100))]
    pub seat_within_m: f32,
    /// Chance that somebody who stands makes room, by up to a metre, when others come or go.
    #[serde(default)]
    #[schemars(range(min = 0, max = 1))]
    pub makes_room_share: f64,
    /// So many find room to stand at most, per m² of standing area.
    #[schemars(range(min = 0.01, max = 10))]
    pub most_per_m2: f64,
    /// Where they look who stand.
    #[serde(default)]
    pub faces: Faces,
    /// How the phones of those who stand are carried, as weights; none = as those of the role.
    #[serde(default)]
    pub standing_carriage: Option<RoleCarriage>,
}

/// Where those look who stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Faces {
    /// Any way, each drawn.
    #[default]
    AnyWay,
    /// One way or the other along the area's longer side.
    Along,
    /// One way or the other across it.
    Across,
}

/// Being at a post.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PostModel {
    /// At which, counted from 0 in the order of the file; none = any.
    #[serde(default)]
    pub at: Option<Vec<u32>>,
}

/// Weights of carriages.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleCarriage {
    /// In the hand.
    pub hand: f64,
    /// Front pocket.
    pub front_pocket: f64,
    /// Back pocket.
    pub back_pocket: f64,
    /// Bag.
    pub bag: f64,
    /// On a table.
    pub table: f64,
    /// At the ear.
    pub ear: f64,
}

/// The floor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FloorConfig {
    /// Along x, m.
    pub width_m: Length,
    /// Along y, m.
    pub depth_m: Length,
    /// Radio environment of links within it.
    pub environment: String,
    /// Material of the walls all around; "" = none.
    #[serde(default)]
    pub outer_wall: String,
    /// Least distance of two people who stand, m: 0.3, or 0.2 in a crowded train.
    #[serde(default = "usual_body_m")]
    #[schemars(range(min = 0.2, max = 1))]
    pub body_m: f32,
}

fn usual_body_m() -> f32 {
    0.3
}

/// A room.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KindRoomConfig {
    /// Only in venues of so many people, from and to; none = in all.
    #[serde(default)]
    #[schemars(inner(range(min = 1, max = 100)))]
    pub for_people: Option<PeopleRange>,
    /// Its name, unique in the kind.
    pub name: String,
    /// Lower left corner.
    pub low_m: Place,
    /// Upper right corner.
    pub high_m: Place,
    /// What it is for, where that decides who sits there: at tables of an open-plan room people work, in a meeting room they meet, in a
    /// pantry they eat and stand along its upper edge; benches of a living room are its sofa.
    #[serde(default, rename = "use")]
    pub use_: Option<RoomKind>,
    /// Radio environment of links within it; none = the floor's.
    #[serde(default)]
    pub environment: Option<String>,
}

/// A straight wall, pane or screen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KindWallConfig {
    /// Only in venues of so many people, from and to; none = in all.
    #[serde(default)]
    #[schemars(inner(range(min = 1, max = 100)))]
    pub for_people: Option<PeopleRange>,
    /// One end.
    pub from_m: Place,
    /// The other.
    pub to_m: Place,
    /// What it is made of.
    pub material: String,
    /// Whether it reaches the ceiling and so separates people.
    #[serde(default = "yes")]
    pub reaches_ceiling: bool,
}

fn yes() -> bool {
    true
}

/// A door.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DoorConfig {
    /// Its middle.
    pub at_m: Place,
    /// How wide it is, m.
    #[schemars(range(min = 0.6, max = 20))]
    pub width_m: f32,
}

/// A grid: so many columns and rows from the first on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Grid {
    /// To the right.
    #[schemars(range(min = 1, max = 100))]
    pub columns: u32,
    /// Upwards.
    #[schemars(range(min = 1, max = 100))]
    pub rows: u32,
    /// From one column to the next, m.
    pub pitch_x_m: Length,
    /// From one row to the next, m.
    pub pitch_y_m: Length,
}

impl Default for Grid {
    fn default() -> Self {
        Self { columns: 1, rows: 1, pitch_x_m: Length::Fixed(1.0), pitch_y_m: Length::Fixed(1.0) }
    }
}

/// Desks for one, whose sitters all face one way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DesksConfig {
    /// The middle of the first desk.
    pub first_m: Place,
    /// How many, and how far apart; none = one.
    #[serde(default)]
    pub grid: Grid,
    /// Side to side, m.
    pub width_m: Length,
    /// Front to back, m.
    pub depth_m: Length,
    /// Where sitters look.
    pub facing: Facing,
    /// From the desk's near edge to the middle of the sitter, m.
    pub seat_from_edge_m: Length,
    /// A screen around the front of each desk; "" = none.
    #[serde(default)]
    pub screen: String,
}

/// Tables: chairs on both long sides, which lie along x.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TablesConfig {
    /// Only in venues of so many people, from and to; none = in all.
    #[serde(default)]
    #[schemars(inner(range(min = 1, max = 100)))]
    pub for_people: Option<PeopleRange>,
    /// The middle of the first table.
    pub first_m: Place,
    /// How many, and how far apart; none = one.
    #[serde(default)]
    pub grid: Grid,
    /// Along x, m.
    pub width_m: Length,
    /// Along y, m.
    pub depth_m: Length,
    /// Chairs on each long side.
    #[schemars(range(min = 1, max = 100))]
    pub chairs_a_side: u32,
    /// From the table's edge to the middle of the sitter, m.
    pub seat_from_edge_m: Length,
    /// A partition along the middle of the table, between those who face each other; "" = none.
    #[serde(default)]
    pub partition: String,
    /// A screen between a table and the next in its row; "" = none.
    #[serde(default)]
    pub between: String,
}

/// Seats side by side, as along the side of a train or in a row of a hall.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BenchConfig {
    /// Only in venues of so many people, from and to; none = in all.
    #[serde(default)]
    #[schemars(inner(range(min = 1, max = 100)))]
    pub for_people: Option<PeopleRange>,
    /// The first seat of the first bench.
    pub first_m: Place,
    /// How many benches, and how far apart; none = one.
    #[serde(default)]
    pub grid: Grid,
    /// Seats of a bench.
    #[schemars(range(min = 1, max = 200))]
    pub seats: u32,
    /// From one seat to the next, m.
    pub pitch_m: Length,
    /// Where sitters look; the bench lies across.
    pub facing: Facing,
}

/// Beds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BedsConfig {
    /// Only in venues of so many people, from and to; none = in all.
    #[serde(default)]
    #[schemars(inner(range(min = 1, max = 100)))]
    pub for_people: Option<PeopleRange>,
    /// The middle of the first bed.
    pub first_m: Place,
    /// How many, and how far apart; none = one.
    #[serde(default)]
    pub grid: Grid,
    /// Across, m.
    pub width_m: Length,
    /// From head to foot, m.
    pub length_m: Length,
    /// From the head to the feet.
    pub facing: Facing,
    /// Curtains between a bed and the next along x; "" = none.
    #[serde(default)]
    pub curtain: String,
}

/// A rectangle where nobody is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BlockConfig {
    /// Lower left corner.
    pub low_m: Place,
    /// Upper right corner.
    pub high_m: Place,
    /// What signals cross on its middle line: shelves full of goods, a counter; "" = nothing.
    #[serde(default)]
    pub material: String,
}

/// Floor on which people stand.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StandingConfig {
    /// Lower left corner.
    pub low_m: Place,
    /// Upper right corner.
    pub high_m: Place,
}

/// A line in which people wait.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QueueConfig {
    /// From the one who is served back to the end.
    #[schemars(length(min = 2, max = 50))]
    pub path_m: Vec<Place>,
    /// From one to the next, m.
    pub spacing_m: Length,
    /// Where those look who are served: to who serves them; none = along the line.
    #[serde(default)]
    pub served_facing: Option<Facing>,
}

/// A straight way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AisleConfig {
    /// One end.
    pub from_m: Place,
    /// The other.
    pub to_m: Place,
}

/// A place where somebody works.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PostConfig {
    /// Where.
    pub at_m: Place,
    /// Looking where.
    pub facing: Facing,
}

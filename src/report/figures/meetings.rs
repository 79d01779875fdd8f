//! With how many others people are near on a day, and how long, beside what surveys and badges measured.

use crate::drawing::axes::Axes;
use crate::drawing::canvas::{BLUE, Canvas, Color, GREEN, GREY, Label, ORANGE, PURPLE, SKY, VERMILLION, svg};
use crate::drawing::format::{number, percent, whole};
use crate::drawing::rows::{Mark, legend, legend_height};
use crate::math;
use crate::meetings::{BADGES, CONTACTS, POLYMOD, place_of};
use crate::report::data::{LEAST_S, RunData};
use crate::time::{DAY_S, DayJst};

use super::{Figure, Panel};

/// What surveys ask for as long, s.
const LONG_S: f64 = 900.0;
/// Points of a curve in each tenfold of time, and how many from the least time to a day.
const IN_TENFOLD: f64 = 20.0;
const TIMES: usize = 74;
/// Places, by the words of [`place_of`], and their colours.
const PLACES: [(&str, Color); 6] =
    [("home", SKY), ("school", GREEN), ("work", BLUE), ("transport", VERMILLION), ("leisure", ORANGE), ("other", PURPLE)];

/// Colours of [`BADGES`].
const BADGE_COLORS: [Color; BADGES.len()] = [ORANGE, GREEN, PURPLE];

/// The colour of a kind of venue.
pub fn color_of_place(venue_kind: &str) -> Color {
    PLACES[place(venue_kind)].1
}

fn place(venue_kind: &str) -> usize {
    let place = place_of(venue_kind);
    PLACES.iter().position(|(name, _)| *name == place).unwrap_or(PLACES.len() - 1)
}

/// How many person-days have so many others: by the number of others.
#[derive(Default)]
struct Degrees(Vec<u64>);

impl Degrees {
    /// Of counts by person and day; without the days of those who were near nobody, unless `with_nobody`.
    fn of<'c>(counts: impl Iterator<Item = &'c u32>, with_nobody: bool) -> Self {
        let mut degrees = Vec::new();
        for &others in counts.filter(|others| with_nobody || **others > 0) {
            if degrees.len() <= others as usize {
                degrees.resize(others as usize + 1, 0);
            }
            degrees[others as usize] += 1;
        }
        Self(degrees)
    }

    fn all(&self) -> u64 {
        self.0.iter().sum()
    }

    fn mean(&self) -> f64 {
        self.0.iter().zip(0u64..).map(|(days, others)| days * others).sum::<u64>() as f64 / self.all() as f64
    }

    /// By the number of others, the share of person-days with so many or more.
    fn at_least(&self) -> Vec<(f64, f64)> {
        let mut left = self.all();
        let mut points = Vec::new();
        for (days, others) in self.0.iter().zip(0u32..) {
            points.push((f64::from(others), left as f64 / self.all() as f64));
            left -= days;
        }
        points
    }
}

/// How long pairs were near on a day.
#[derive(Clone)]
struct Times {
    /// Pairs and days by the last of [`time_s`] that they reach.
    reached: [u64; TIMES],
    long: u64,
}

impl Default for Times {
    fn default() -> Self {
        Self { reached: [0; TIMES], long: 0 }
    }
}

/// The times at which curves have points, s.
fn time_s(point: usize) -> f64 {
    LEAST_S * math::powf(10.0, point as f64 / IN_TENFOLD)
}

impl Times {
    fn add(&mut self, time_s: &[f64; TIMES], within_s: f64) {
        let reached = time_s.partition_point(|time_s| *time_s <= within_s);
        self.reached[reached.saturating_sub(1)] += 1;
        self.long += u64::from(within_s >= LONG_S);
    }

    fn all(&self) -> u64 {
        self.reached.iter().sum()
    }

    fn share_long(&self) -> f64 {
        self.long as f64 / self.all() as f64
    }

    /// By the decimal logarithm of minutes, the share that lasts so long or longer; to the first of which there is none.
    fn at_least(&self) -> Vec<(f64, f64)> {
        let mut left = self.all();
        let mut points = Vec::new();
        for (point, reached) in self.reached.iter().enumerate() {
            points.push((log_min(time_s(point)), left as f64 / self.all() as f64));
            if left == 0 {
                break;
            }
            left -= reached;
        }
        points
    }
}

fn log_min(s: f64) -> f64 {
    math::log10(s / 60.0)
}

/// What the table `contacts` says of people's days.
struct Met {
    /// Others near at all, and for long, on days of work and on days off: of everybody.
    whole_days: [[Degrees; 2]; 2],
    /// Others near in a place, of those who were near anybody there.
    degrees: [Degrees; PLACES.len()],
    times: [Times; PLACES.len()],
}

impl Met {
    fn of(data: &RunData, days: u32, first_day: DayJst) -> Self {
        let contacts = &data.contacts;
        let (day, a, b, kind) = (contacts.days("day_jst"), contacts.u32("a"), contacts.u32("b"), contacts.text("venue_kind"));
        let (within_s, is_warm_up) = (contacts.f64("within_s"), contacts.bools("is_warm_up"));
        let people = data.people.u32("person");
        let times_s: [f64; TIMES] = std::array::from_fn(time_s);
        // Others of each person on each day: near, near for long, and near in each place.
        let of_days = || vec![0u32; people.len() * days as usize];
        let (mut near, mut long, mut by_place) = (of_days(), of_days(), [(); PLACES.len()].map(|()| of_days()));
        let mut times: [Times; PLACES.len()] = Default::default();
        for row in (0..contacts.rows()).filter(|row| within_s[*row] >= LEAST_S && !is_warm_up[*row]) {
            let (place, number) = (place(kind.get(row)), day[row] - first_day.0);
            if !(0..days as i32).contains(&number) {
                continue;
            }
            times[place].add(&times_s, within_s[row]);
            for at in [a[row], b[row]].iter().filter_map(|person| people.binary_search(person).ok()) {
                let at = number as usize * people.len() + at;
                near[at] += 1;
                long[at] += u32::from(within_s[row] >= LONG_S);
                by_place[place][at] += 1;
            }
        }
        let holidays = holidays(data);
        let is_off = |number: usize| {
            let day = first_day.plus_days(number as i32);
            !day.is_weekday() || holidays.contains(&day)
        };
        let whole_days = [false, true].map(|off| {
            [&near, &long].map(|counts| {
                let days = counts.chunks(people.len().max(1)).enumerate().filter(|(number, _)| is_off(*number) == off);
                Degrees::of(days.flat_map(|(_, of_day)| of_day), true)
            })
        });
        Self { whole_days, degrees: by_place.map(|counts| Degrees::of(counts.iter(), false)), times }
    }
}

/// Days off besides Saturdays and Sundays, as the scenario has them.
fn holidays(data: &RunData) -> Vec<DayJst> {
    let listed = data.manifest.pointer("/scenario/mobility/city/holidays").and_then(serde_json::Value::as_array);
    listed.into_iter().flatten().filter_map(|day| DayJst::parse(day.as_str()?)).collect()
}

/// With how many others people are near, and how long.
pub fn draw(data: &RunData) -> [Figure; 2] {
    let days = data.summary.days.zip(data.summary.first_day_jst.as_deref().and_then(DayJst::parse));
    let met = days.map(|(days, first_day)| Met::of(data, days, first_day));
    let met = met.filter(|met| met.times.iter().any(|times| times.all() > 0));
    let met = met.ok_or_else(|| "nobody was near anybody, or the table contacts was not written".to_owned());
    let radius = data.summary.contact.as_ref().map_or(1.0, |contact| contact.radius_m);
    let near = format!("within {} m, whichever way they face and no wall between, for 20 s or more of a day", number(radius, 2));
    let (surveyed, asked) = surveyed(data);
    [
        Figure {
            name: "degrees",
            title: "With how many others people are near on a day",
            caption: format!(
                "Near is who was {near}. The first panel is of everybody and all places; its rings are means of surveys ({asked}) that \
                 asked for conversations or touch. In the others a person and day counts in each place where anybody was near. Rings of the \
                 second are badges on chests in two offices in France, which record who faces whom within 1 to 1.5 m: half and one in ten of the \
                 person-days have so many others or more. Neither is the same as nearness: who sits back to back or passes in a shop is \
                 near here alone, who talks across a large table there alone. <code>cocoasim validate contacts</code> compares like with \
                 like. For the places of the third panel nothing measured is known here.",
            ),
            panels: met.as_ref().map(|met| degree_panels(met, surveyed)).map_err(Clone::clone),
        },
        Figure {
            name: "durations",
            title: "How long two people are near each other on a day",
            caption: format!(
                "Each curve is of the pairs that were near in a place ({near}): the share whose time together on a day, all places \
                 summed, was so long or longer. A pair counts once a day, where it was near longest. Each step of the axis is ten times the last. \
                 Rings of the first panel are POLYMOD's shares of contacts of 15 minutes or more (7,290 people in Europe, 2005 and 2006), in the colour of \
                 the place: it counted conversations and touch, so that people who are near and say nothing lie in our curves alone. Rings of \
                 the second are badges on chests: half, one in ten and one in a hundred of the pairs that met were together for so long or \
                 longer.",
            ),
            panels: met.as_ref().map(time_panels).map_err(Clone::clone),
        },
    ]
}

/// Contacts a person that surveys found on a weekday and on a weekend day, and which they are: those from before the pandemic if the scenario
/// leaves all that people do.
fn surveyed(data: &RunData) -> ([f64; 2], &'static str) {
    let scale = data.manifest.pointer("/scenario/mobility/non_home_scale").and_then(serde_json::Value::as_f64);
    CONTACTS[usize::from(scale == Some(1.0))]
}

/// A curve: its name, and the share of something with so much or more.
struct Curve {
    name: String,
    color: Color,
    points: Vec<(f64, f64)>,
}

/// Points that somebody measured.
struct Measured {
    name: String,
    rings: Vec<(Color, (f64, f64))>,
    /// The colour of its mark in the legend.
    color: Color,
}

/// What the axes of a panel are.
struct Frame {
    x: (f64, f64),
    x_name: &'static str,
    x_text: fn(f64) -> String,
    y_name: &'static str,
}

fn degree_panels(met: &Met, surveyed: [f64; 2]) -> Vec<Panel> {
    let mean = |degrees: &Degrees| format!("{} on average", number(degrees.mean(), 1));
    let mut curves = Vec::new();
    for (days, words, colors) in [(0, "working days", [BLUE, SKY]), (1, "days off", [ORANGE, VERMILLION])] {
        for (long, degrees) in met.whole_days[days].iter().enumerate().filter(|(_, degrees)| degrees.all() > 0) {
            let how_long = ["", ", 15 min or more"][long];
            curves.push(Curve { name: format!("{words}{how_long}: {}", mean(degrees)), color: colors[long], points: degrees.at_least() });
        }
    }
    let of_surveys = [("weekday", BLUE, surveyed[0]), ("weekend day", ORANGE, surveyed[1])].into_iter().zip(&met.whole_days);
    let surveys = of_surveys.filter(|(_, [near, _])| near.all() > 0).map(|((words, color, mean), _)| Measured {
        name: format!("surveys, {words}: {} on average", number(mean, 1)),
        rings: vec![(color, (mean, 0.0))],
        color,
    });
    let surveys: Vec<Measured> = surveys.collect();
    let in_place = |at: usize| {
        let degrees = &met.degrees[at];
        let curve = || Curve { name: format!("{}: {}", PLACES[at].0, mean(degrees)), color: PLACES[at].1, points: degrees.at_least() };
        (degrees.all() > 0).then(curve)
    };
    let offices = BADGES.iter().zip(BADGE_COLORS).filter(|(badges, _)| badges.is_office);
    let badges = offices.map(|(badges, color)| Measured {
        name: badges.name.to_owned(),
        rings: badges.others.into_iter().zip([0.5, 0.1]).map(|point| (color, point)).collect(),
        color,
    });
    let badges: Vec<Measured> = badges.collect();
    let others = |curves: &[Curve], measured: &[Measured]| {
        let of_curves = curves.iter().filter_map(|curve| reached(&curve.points, 0.005));
        let of_rings = measured.iter().flat_map(|measured| &measured.rings).map(|(_, (others, _))| *others);
        Frame {
            x: (0.0, of_curves.chain(of_rings).fold(5.0, f64::max).ceil()),
            x_name: "so many others near on a day, or more",
            x_text: whole,
            y_name: "share of person-days",
        }
    };
    let work = PLACES.iter().position(|(name, _)| *name == "work").unwrap_or(0);
    let rest: Vec<Curve> = (0..PLACES.len()).filter(|at| *at != work).filter_map(in_place).collect();
    [
        ("degrees-days", "Whole days of everybody", curves, surveys),
        ("degrees-work", "At work, of those who were near anybody there", in_place(work).into_iter().collect(), badges),
        ("degrees-places", "In other places, of those who were near anybody there", rest, Vec::new()),
    ]
    .into_iter()
    .filter(|(_, _, curves, _)| !curves.is_empty())
    .map(|(name, heading, curves, measured)| panel(name, heading, &others(&curves, &measured), &curves, &measured))
    .collect()
}

fn time_panels(met: &Met) -> Vec<Panel> {
    let curve = |at: usize| Curve {
        name: format!("{}: {} of 15 min or more", PLACES[at].0, percent(met.times[at].share_long())),
        color: PLACES[at].1,
        points: met.times[at].at_least(),
    };
    let curves = |wanted: &dyn Fn(&str) -> bool| -> Vec<Curve> {
        (0..PLACES.len()).filter(|at| met.times[*at].all() > 0 && wanted(PLACES[*at].0)).map(curve).collect()
    };
    let color_of = |place: &str| PLACES.iter().find(|(name, _)| *name == place).map_or(PURPLE, |(_, color)| *color);
    let polymod = Measured {
        name: "POLYMOD, 15 min or more, each in its place's colour".to_owned(),
        rings: POLYMOD.iter().map(|(place, share)| (color_of(place), (log_min(LONG_S), *share))).collect(),
        color: GREY,
    };
    let badges = BADGES.iter().zip(BADGE_COLORS).map(|(badges, color)| Measured {
        name: badges.name.to_owned(),
        rings: badges.together_s.into_iter().zip([0.5, 0.1, 0.01]).map(|(s, share)| (color, (log_min(s), share))).collect(),
        color,
    });
    let frame = Frame {
        x: (log_min(LEAST_S), log_min(DAY_S as f64)),
        x_name: "so long together on a day, or longer",
        x_text: minutes,
        y_name: "share of pairs and days",
    };
    [
        ("durations-places", "By place, beside a survey", curves(&|_| true), vec![polymod]),
        ("durations-badges", "At work and at home, beside badges", curves(&|place| ["work", "home"].contains(&place)), badges.collect()),
    ]
    .into_iter()
    .filter(|(_, _, curves, _)| !curves.is_empty())
    .map(|(name, heading, curves, measured)| panel(name, heading, &frame, &curves, &measured))
    .collect()
}

/// The largest value that a share of a curve reaches.
fn reached(points: &[(f64, f64)], share: f64) -> Option<f64> {
    points.iter().take_while(|(_, at_least)| *at_least >= share).last().map(|(x, _)| *x)
}

/// Minutes from their decimal logarithm.
fn minutes(log_min: f64) -> String {
    let min = math::powf(10.0, log_min);
    format!("{} min", number(min, if min < 10.0 { 1 } else { 0 }))
}

fn panel(name: &str, heading: &str, frame: &Frame, curves: &[Curve], measured: &[Measured]) -> Panel {
    let of_curve = |curve: &Curve| {
        let at = |share: f64| reached(&curve.points, share).map_or_else(String::new, frame.x_text);
        format!("{}; half have {} or more, one in ten {} or more.", curve.name, at(0.5), at(0.1))
    };
    let of_measured = |measured: &Measured| {
        let rings = measured.rings.iter().map(|(_, (x, share))| format!("{} at {}", percent(*share), (frame.x_text)(*x)));
        let of_means = measured.rings.iter().all(|(_, (_, share))| *share == 0.0);
        if of_means { format!("{}.", measured.name) } else { format!("{}: {}.", measured.name, rings.collect::<Vec<_>>().join(", ")) }
    };
    let description: Vec<String> = curves.iter().map(of_curve).chain(measured.iter().map(of_measured)).collect();
    let description = description.join(" ");
    Panel::new(name, Some(heading.to_owned()), |column| {
        let height = column.pick(760.0, 860.0);
        svg(column, height, Label { name, title: heading, description: &description }, |canvas| {
            draw_curves(canvas, height, frame, curves, measured);
        })
    })
}

fn draw_curves(canvas: &Canvas, height: f64, frame: &Frame, curves: &[Curve], measured: &[Measured]) {
    let entries: Vec<(Mark, String)> = curves
        .iter()
        .map(|curve| (Mark::Line(curve.color), curve.name.clone()))
        .chain(measured.iter().map(|measured| (Mark::Ring(measured.color), measured.name.clone())))
        .collect();
    let left = canvas.column.pick(130.0, Axes::BESIDE + 4.0);
    let legend_left = canvas.column.pick(left, 10.0);
    legend(canvas, &entries, (legend_left, 30.0));
    let top = legend_height(&entries, legend_left, canvas.width()) + 76.0;
    let right = canvas.width() - 60.0;
    let axes = Axes::new(((left, top), (right, height - Axes::BELOW)), frame.x, (0.0, 1.0));
    axes.draw(canvas, (frame.x_name, frame.x_text), (frame.y_name, percent));
    for curve in curves {
        let points: Vec<_> = curve.points.iter().filter(|(x, _)| *x <= frame.x.1).map(|(x, share)| axes.at(*x, *share)).collect();
        canvas.line(&points, curve.color, 5.0);
    }
    let rings: Vec<&(Color, (f64, f64))> = measured.iter().flat_map(|measured| &measured.rings).collect();
    for (at, (color, (x, share))) in rings.iter().enumerate() {
        // Around those that stand in the same place.
        let inside = rings[at + 1..].iter().filter(|(_, point)| *point == (*x, *share)).count();
        canvas.ring(axes.at(*x, *share), 10.0 + 7.0 * inside as f64, *color);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_with_so_many_or_more_is_of_everybody_or_of_those_who_met_anybody() {
        let counts = [0, 0, 1, 1, 1, 3, 3, 0];
        let everybody = Degrees::of(counts.iter(), true);
        assert_eq!(everybody.at_least(), [(0.0, 1.0), (1.0, 0.625), (2.0, 0.25), (3.0, 0.25)]);
        assert_eq!(everybody.mean(), 9.0 / 8.0);
        let who_met = Degrees::of(counts.iter(), false);
        assert_eq!(who_met.at_least(), [(0.0, 1.0), (1.0, 1.0), (2.0, 0.4), (3.0, 0.4)]);
        assert_eq!((reached(&who_met.at_least(), 0.5), reached(&who_met.at_least(), 0.4)), (Some(1.0), Some(3.0)));
        assert_eq!(Degrees::of([].iter(), true).all(), 0);
    }

    #[test]
    fn times_are_shares_that_last_so_long_or_longer() {
        let times_s: [f64; TIMES] = std::array::from_fn(time_s);
        assert!(times_s[0] == LEAST_S && times_s[TIMES - 1] >= DAY_S as f64, "from a slot to a day");
        let mut times = Times::default();
        for within_s in [20.0, 30.0, 899.0, 900.0, 5000.0] {
            times.add(&times_s, within_s);
        }
        assert_eq!((times.all(), times.share_long()), (5, 0.4));
        let share = |s: f64| times.at_least().into_iter().find(|(x, _)| *x >= log_min(s) - 1e-9).map(|(_, share)| share);
        assert_eq!([20.0, 200.0, 2000.0].map(share), [Some(1.0), Some(0.6), Some(0.2)]);
        assert_eq!(times.at_least().last().map(|(_, share)| *share), Some(0.0));
    }

    #[test]
    fn every_place_of_the_survey_has_a_colour_of_its_own() {
        assert!(POLYMOD.iter().all(|(place, _)| PLACES.iter().any(|(name, _)| name == place)));
        let colors = ["home", "classroom", "small_office", "train_e233", "izakaya", "supermarket"].map(color_of_place);
        assert!((0..6).all(|at| colors[..at].iter().all(|other| *other != colors[at])));
    }
}

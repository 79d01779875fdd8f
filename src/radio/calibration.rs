//! The calibration table, and what it makes of each phone.

use std::path::Path;

use crate::{
    columns::{Columns, Line, shown},
    faults::{Faults, nearest},
    inputs::Inputs,
    population::{Os, People, PhoneModel},
    random::{Keyed, Seed, Stream},
};

use super::config::{RadioConfig, longest_beginning};

/// Confidence of a model that was measured itself.
const MEASURED: u8 = 3;

/// Attenuation is a table's opinion: levels of environments and errors of models are relative to this one.
const REFERENCE_DATE: &str = "2020-12-14";

/// Tables that come with the program, by date.
pub const BUILTIN: [(&str, &str); 2] = [
    ("2020-06-13", include_str!("../../scenarios/calibration/2020-06-13.csv")),
    ("2020-12-14", include_str!("../../scenarios/calibration/2020-12-14.csv")),
];

/// One row. An empty model stands for the maker's mean, maker `*` for the mean of all.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Row {
    oem: String,
    model: String,
    rssi_correction_db: i8,
    tx_power_dbm: i8,
    confidence: u8,
}

impl Row {
    fn correction_and_power(&self) -> (i8, i8) {
        (self.rssi_correction_db, self.tx_power_dbm)
    }
}

/// Where a table's columns are.
struct Places {
    oem: usize,
    model: usize,
    rssi_correction: usize,
    tx_power: usize,
    confidence: Confidence,
}

/// How a table says what a row rests on.
#[derive(Clone, Copy)]
enum Confidence {
    /// From 0 to 3.
    Stated(usize),
    /// Whether the model itself was measured: "yes" counts as 3, "no" as 2.
    Direct(usize),
}

impl Places {
    /// Finds them, or says which is missing.
    fn of(columns: &Columns) -> Result<Self, &'static str> {
        let at = |known: &[&str]| columns.names().position(|n| known.iter().any(|k| k.eq_ignore_ascii_case(n)));
        let confidence = at(&["confidence"]).map(Confidence::Stated).or_else(|| at(&["direct"]).map(Confidence::Direct));
        Ok(Self {
            oem: at(&["oem"]).ok_or("oem")?,
            model: at(&["model"]).ok_or("model")?,
            rssi_correction: at(&["rssi_correction", "rx_corr"]).ok_or("rssi_correction (or rx_corr)")?,
            tx_power: at(&["tx_power", "tx"]).ok_or("tx_power (or tx)")?,
            confidence: confidence.ok_or("confidence (or direct)")?,
        })
    }

    /// A row, or the column whose value is wrong, and where it stands.
    fn row(&self, line: &Line<'_>) -> Result<Row, (&'static str, usize)> {
        let whole = |at: usize, name: &'static str| line.text(at).parse::<i8>().map_err(|_| (name, at));
        let confidence = match self.confidence {
            Confidence::Stated(at) => line.text(at).parse().ok().filter(|c| *c <= MEASURED).ok_or(("confidence", at))?,
            Confidence::Direct(at) => match line.text(at) {
                "yes" => MEASURED,
                "no" => 2,
                _ => return Err(("direct", at)),
            },
        };
        Ok(Row {
            oem: line.text(self.oem).to_string(),
            model: line.text(self.model).to_string(),
            rssi_correction_db: whole(self.rssi_correction, "rssi_correction")?,
            tx_power_dbm: whole(self.tx_power, "tx_power")?,
            confidence,
        })
    }
}

/// A calibration table with its date.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CalibrationTable {
    /// `YYYY-MM-DD`, or empty if the file does not say.
    pub date: String,
    rows: Vec<Row>,
}

impl CalibrationTable {
    /// Reads the table a scenario names; faults go to `faults`.
    pub fn open(name: &str, base_dir: &Path, inputs: &mut Inputs, faults: &mut Faults) -> Self {
        if let Some(date) = name.strip_prefix("builtin:") {
            return match BUILTIN.iter().find(|(known, _)| *known == date) {
                Some((_, text)) => Self::parse(name, text, faults),
                None => {
                    faults.push("radio.calibration", "no such built-in table", "use builtin:2020-06-13, builtin:2020-12-14 or a file");
                    Self::default()
                }
            };
        }
        let path = base_dir.join(name);
        match inputs.read_text("radio.calibration", &path) {
            Ok(text) => Self::parse(&path.display().to_string(), &text, faults),
            Err(error) => {
                faults.push("radio.calibration", format!("cannot read {}: {error}", path.display()), "name a readable CSV file");
                Self::default()
            }
        }
    }

    /// Both forms are recognised by their header: December 2020 (oem, device, model, rssi_correction, tx_power, confidence 0-3) and
    /// June 2020 (oem, model, rx_corr, tx, direct; "direct" = measured itself counts as confidence 3, else 2).
    fn parse(file: &str, text: &str, faults: &mut Faults) -> Self {
        let mut table = Self::default();
        let text = std::io::Cursor::new(text.as_bytes().to_vec());
        let Some(mut columns) = Columns::read(file, Box::new(text), &[], faults) else { return table };
        if let Some(date) = columns.comments().find_map(|comment| comment.strip_prefix("date:")) {
            table.date = date.trim().to_string();
        }
        let places = match Places::of(&columns) {
            Ok(places) => places,
            Err(missing) => {
                let remedy = "begin with a header: oem,device,model,rssi_correction,tx_power,confidence, or oem,model,rx_corr,tx,direct";
                faults.push_line(file, columns.line(), format!("no column {missing}"), remedy);
                return table;
            }
        };
        columns.each_line(faults, |line| match places.row(line) {
            Ok(row) => {
                table.rows.push(row);
                Vec::new()
            }
            Err((column, at)) => {
                let remedy = "use whole dB and dBm from -128 to 127, confidence 0-3, direct yes or no";
                vec![(column, format!("\"{}\" is not what belongs there", shown(line.text(at))), remedy.into())]
            }
        });
        if table.rows.is_empty() && faults.is_empty() {
            faults.push("radio.calibration", format!("{file} holds no calibration row"), "name a table with at least one model");
        }
        table
    }

    /// Whether this table or the reference lists a model.
    pub fn identifies(&self, model: &str) -> bool {
        self.knows(model) || Self::reference().knows(model)
    }

    /// Whether a model is listed. A suffix after '/' (SM-G981B/DS, two SIM cards) does not count.
    pub fn knows(&self, model: &str) -> bool {
        self.find(model).is_some()
    }

    fn find(&self, model: &str) -> Option<&Row> {
        let stem = model.split('/').next().unwrap_or(model);
        self.rows.iter().find(|r| !r.model.is_empty() && (r.model == model || r.model == stem))
    }

    /// Correction and power of a phone, dB and dBm, by its model, maker or the mean of all.
    pub fn of_phone(&self, phone: &PhoneModel) -> (i8, i8) {
        let (correction_db, tx_power_dbm, _) = self.look_up(phone);
        (correction_db, tx_power_dbm)
    }

    /// The table that levels and errors of the radio model are relative to.
    pub fn reference() -> Self {
        Self::open(&format!("builtin:{REFERENCE_DATE}"), Path::new(""), &mut Inputs::default(), &mut Faults::default())
    }

    /// What a phone really does, as correction and power in the reference's terms: what the reference says of the model, else
    /// what this table says of it, less how the two tables differ at large; then the same of the maker, then of all phones.
    /// iPhones are the reference of both.
    ///
    /// Where only this table knows a model, what is heard of it depends on the table: tables differ in what they know.
    fn truth(&self, reference: &Self, phone: &PhoneModel) -> (f32, f32) {
        type Told = fn(&CalibrationTable, &PhoneModel) -> Option<(i8, i8)>;
        let levels: [Told; 3] = [|t, p| t.find(&p.model).map(Row::correction_and_power), Self::of_maker, |t, _| t.of_all()];
        let float = |(correction_db, tx_power_dbm): (i8, i8)| (f32::from(correction_db), f32::from(tx_power_dbm));
        for (level, told) in levels.iter().enumerate() {
            if let Some(known) = told(reference, phone) {
                return float(known);
            }
            let both = levels[level + 1..].iter().find_map(|wider| Some((wider(self, phone)?, wider(reference, phone)?)));
            if let (Some(here), Some((here_wide, there_wide))) = (told(self, phone), both) {
                let (here, here_wide, there_wide) = (float(here), float(here_wide), float(there_wide));
                return (here.0 - here_wide.0 + there_wide.0, here.1 - here_wide.1 + there_wide.1);
            }
        }
        float(self.of_phone(phone))
    }

    /// Correction and power of a phone's maker: as stated, else the mean of its models.
    fn of_maker(&self, phone: &PhoneModel) -> Option<(i8, i8)> {
        mean_or_stated(self.rows.iter().filter(|r| r.oem.eq_ignore_ascii_case(&phone.oem)).collect(), |r| r.model.is_empty())
    }

    /// Correction and power of all phones: as stated, else the mean of the table.
    fn of_all(&self) -> Option<(i8, i8)> {
        mean_or_stated(self.rows.iter().collect(), |r| r.oem == "*")
    }

    /// What is known of a phone's errors under this table.
    pub fn residual(&self, config: &RadioConfig, reference: &Self, phone: &PhoneModel) -> Residual {
        let (correction_db, tx_power_dbm) = self.of_phone(phone);
        let truth = self.truth(reference, phone);
        let known = longest_beginning(&config.model_error, &phone.model);
        let measured = |table: &Self| table.find(&phone.model).is_some_and(|r| r.confidence == MEASURED);
        let (tx_db, rx_db, tx_sd_db, rx_sd_db) = match known {
            Some((_, e)) => (e.tx_db, e.rx_db, e.sd_db, e.sd_db),
            None if phone.os == Os::Android && (measured(reference) || measured(self)) => {
                (0.0, 0.0, config.tx_error_sd_db, config.rx_error_sd_db)
            }
            None => (0.0, 0.0, config.unmeasured_error_sd_db, config.unmeasured_error_sd_db),
        };
        let key = |end: &str| match known {
            Some((name, _)) => format!("radio.model_error.{name}"),
            None if tx_sd_db == config.unmeasured_error_sd_db => "radio.unmeasured_error_sd_db".into(),
            None => format!("radio.{end}_error_sd_db"),
        };
        Residual {
            keys: [key("tx"), key("rx")],
            tx_db,
            rx_db,
            tx_sd_db,
            rx_sd_db,
            tx_shift_db: f32::from(tx_power_dbm) - truth.1,
            rx_shift_db: truth.0 - f32::from(correction_db),
        }
    }

    /// The models that this table lists.
    pub fn models(&self) -> impl Iterator<Item = &str> {
        self.rows.iter().map(|r| r.model.as_str()).filter(|model| !model.is_empty())
    }

    /// The makers that this table knows.
    pub fn makers(&self) -> impl Iterator<Item = &str> {
        self.rows.iter().map(|r| r.oem.as_str()).filter(|oem| *oem != "*")
    }

    /// The listed model with the nearest name, for messages.
    pub fn nearest(&self, model: &str) -> Option<&str> {
        nearest(model, self.models())
    }

    /// A model as a phone; its maker is found in this table or in the reference.
    pub fn phone_model(&self, model: &str) -> PhoneModel {
        let reference = Self::reference();
        let row = self.find(model).or_else(|| reference.find(model));
        let (oem, name) = row.map_or_else(|| (String::new(), model.to_string()), |r| (r.oem.clone(), r.model.clone()));
        let os = if oem.eq_ignore_ascii_case("apple") || name.starts_with("iPhone") { Os::Ios } else { Os::Android };
        PhoneModel { oem, model: name, os }
    }

    /// Correction, power and confidence. Unknown models fall back to the maker's mean (confidence at most 2), then to the mean
    /// of all (at most 1); iPhones, which Google's own tables leave out, to the reference that those are relative to.
    fn look_up(&self, phone: &PhoneModel) -> (i8, i8, u8) {
        if let Some(row) = self.find(&phone.model) {
            return (row.rssi_correction_db, row.tx_power_dbm, row.confidence);
        }
        let with = |confidence: u8| move |(correction_db, tx_power_dbm): (i8, i8)| (correction_db, tx_power_dbm, confidence);
        let of_maker = self.of_maker(phone).map(with(2));
        if of_maker.is_none() && phone.os == Os::Ios {
            let reference = Self::reference();
            let apple = PhoneModel { oem: "Apple".into(), ..phone.clone() };
            if let Some(known) = reference.find(&phone.model).map(Row::correction_and_power).or_else(|| reference.of_maker(&apple)) {
                return with(2)(known);
            }
        }
        of_maker.or_else(|| self.of_all().map(with(1))).unwrap_or((0, -25, 1))
    }
}

/// Correction and power of the rows that state a mean, else the mean of all; `None` without a row.
fn mean_or_stated(all: Vec<&Row>, states: fn(&&Row) -> bool) -> Option<(i8, i8)> {
    let stated: Vec<&Row> = all.iter().copied().filter(states).collect();
    let rows = if stated.is_empty() { all } else { stated };
    let mean_of = |f: fn(&Row) -> i8| (rows.iter().map(|r| f64::from(f(r))).sum::<f64>() / rows.len() as f64).round() as i8;
    (!rows.is_empty()).then(|| (mean_of(|r| r.rssi_correction_db), mean_of(|r| r.tx_power_dbm)))
}

/// What is known of a phone's calibration errors, dB: attenuation reads higher by them.
#[derive(Clone, Debug, PartialEq)]
pub struct Residual {
    /// Keys of the configuration that hold them: of the transmitter, of the receiver.
    pub keys: [String; 2],
    /// Mean error of the transmitter against the reference table.
    pub tx_db: f32,
    /// The same of the receiver.
    pub rx_db: f32,
    /// How models spread around it.
    pub tx_sd_db: f32,
    /// The same of the receiver.
    pub rx_sd_db: f32,
    /// What the table in use adds for a transmitter.
    pub tx_shift_db: f32,
    /// The same for a receiver.
    pub rx_shift_db: f32,
}

/// The attenuation, by the reference and without known errors, that the loudest of these phones may have at the keenest
/// of them and still lie at its floor, dB.
pub fn loudest_ceiling_db<'a>(config: &RadioConfig, table: &CalibrationTable, phones: impl Iterator<Item = &'a PhoneModel>) -> f32 {
    let reference = CalibrationTable::reference();
    let (mut loudest_dbm, mut keenest_dbm) = (f32::NEG_INFINITY, f32::INFINITY);
    for phone in phones {
        let ((correction_db, tx_power_dbm), r) = (table.of_phone(phone), table.residual(config, &reference, phone));
        loudest_dbm = loudest_dbm.max(f32::from(tx_power_dbm) - r.tx_shift_db - r.tx_db);
        keenest_dbm = keenest_dbm.min(config.floor_dbm(&phone.model).0 + f32::from(correction_db) + r.rx_shift_db + r.rx_db);
    }
    loudest_dbm - keenest_dbm
}

/// Per-person arrays of what is special about a phone's radio.
#[derive(Clone, Debug, Default)]
pub struct Devices {
    /// Calibrated transmit power, dBm: what the metadata carries.
    pub tx_power_dbm: Vec<i8>,
    /// Calibration confidence, 0 to 3.
    pub confidence: Vec<u8>,
    /// Error of the transmit calibration (e) in the table used, dB: attenuation reads so much higher than it should.
    pub tx_error_db: Vec<f32>,
    /// The same of the receive calibration (r), dB.
    pub rx_error_db: Vec<f32>,
    /// Weakest calibrated RSSI the phone reports, dBm: raw floor plus correction.
    pub floor_dbm: Vec<f32>,
}

impl Devices {
    /// Draws every phone's residuals: one draw per model, one more per handset, on top of what is known of the model and of
    /// how `table` differs from the reference.
    pub fn draw(config: &RadioConfig, table: &CalibrationTable, people: &People, seed: Seed) -> Self {
        // Without a phone nothing of this is read.
        let phones = people.model.iter().map(|model| (u32::from(model.unwrap_or(0)), &people.models[model.unwrap_or(0) as usize]));
        Self::of_models(config, table, phones, seed)
    }

    /// The same for a list of phones, each with the number of its model.
    pub fn of_models<'a>(
        config: &RadioConfig,
        table: &CalibrationTable,
        phones: impl Iterator<Item = (u32, &'a PhoneModel)>,
        seed: Seed,
    ) -> Self {
        let stream = Keyed::new(seed, Stream::DeviceError);
        let reference = CalibrationTable::reference();
        let mut devices = Self::default();
        for (i, (model_index, phone)) in phones.enumerate() {
            let (correction_db, tx_power_dbm, confidence) = table.look_up(phone);
            let residual = table.residual(config, &reference, phone);
            let mut of_model = stream.rng(model_index, 1, 0);
            let mut of_handset = stream.rng(i as u32, 0, 0);
            let mut error = |sd_db: f32| of_model.normal() as f32 * sd_db + of_handset.normal() as f32 * config.handset_error_sd_db;
            devices.tx_error_db.push(residual.tx_db + residual.tx_shift_db + error(residual.tx_sd_db));
            devices.rx_error_db.push(residual.rx_db + residual.rx_shift_db + error(residual.rx_sd_db));
            let (floor_dbm, floor_sd_db) = config.floor_dbm(&phone.model);
            devices.floor_dbm.push(floor_dbm + of_handset.normal() as f32 * floor_sd_db + f32::from(correction_db));
            devices.tx_power_dbm.push(tx_power_dbm);
            devices.confidence.push(confidence);
        }
        devices
    }

    /// The largest attenuation that `observer` can report of `transmitter`, dB.
    pub fn ceiling_db(&self, transmitter: usize, observer: usize) -> f32 {
        f32::from(self.tx_power_dbm[transmitter]) - self.floor_dbm[observer]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> (CalibrationTable, Vec<String>) {
        let mut faults = Faults::default();
        let table = CalibrationTable::parse("t.csv", text, &mut faults);
        (table, faults.0.iter().map(|f| format!("{}: {}", f.line.unwrap_or(0), f.problem)).collect())
    }

    fn listed(table: &CalibrationTable, model: &str) -> (i8, i8) {
        table.of_phone(&table.phone_model(model))
    }

    #[test]
    fn both_forms_are_read() {
        let (december, faults) =
            parsed("# date: 2020-12-14\noem,device,model,rssi_correction,tx_power,confidence\nsamsung,beyond1,SM-G973F,2,-29,3\n");
        assert_eq!((december.date.as_str(), listed(&december, "SM-G973F")), ("2020-12-14", (2, -29)));
        let (june, more) = parsed("oem,model,rx_corr,tx,direct\nSamsung,SM-G973F,-3,-24,yes\nSamsung,SM-X,-5,-20,no\n");
        assert_eq!((listed(&june, "SM-G973F"), listed(&june, "SM-X")), ((-3, -24), (-5, -20)));
        // As a spreadsheet writes it.
        let (sheet, most) = parsed("\u{feff}# date: 2021-01-01\r\n\"oem\",model,rx_corr,tx,direct\r\n\"Sharp\",\"x, y\",-4,-20,no\r\n");
        assert_eq!((sheet.date.as_str(), listed(&sheet, "x, y")), ("2021-01-01", (-4, -20)));
        assert!(faults.is_empty() && more.is_empty() && most.is_empty(), "{faults:?} {more:?} {most:?}");
    }

    fn phone(oem: &str, model: &str) -> PhoneModel {
        PhoneModel { oem: oem.into(), model: model.into(), os: if oem == "Apple" { Os::Ios } else { Os::Android } }
    }

    fn config() -> RadioConfig {
        let baseline: toml::Table = toml::from_str(include_str!("../../scenarios/baseline.toml")).expect("it is TOML");
        baseline["radio"].clone().try_into().expect("it holds [radio]")
    }

    /// How much higher a link of two such phones reads than with the reference.
    fn shift_db(table: &CalibrationTable, oem: &str, model: &str) -> f32 {
        let residual = table.residual(&config(), &CalibrationTable::reference(), &phone(oem, model));
        residual.tx_shift_db + residual.rx_shift_db
    }

    #[test]
    fn the_tables_date_moves_everything_but_what_is_heard() {
        let june = CalibrationTable::open("builtin:2020-06-13", Path::new(""), &mut Inputs::default(), &mut Faults::default());
        let reference = CalibrationTable::reference();
        // Samsung rows of DP-3T's list: -24 and -3 of all models in June; -29 and 2, -23 and 2 in December.
        assert_eq!((shift_db(&june, "Samsung", "SM-G973F"), shift_db(&june, "Samsung", "SM-A405FN")), (10.0, 4.0));
        assert_eq!((shift_db(&june, "Sharp", "AQUOS sense3"), shift_db(&june, "Sony", "Xperia 1")), (12.0, 7.0), "by the makers");
        assert_eq!(shift_db(&june, "Apple", "iPhone 11"), 0.0, "the reference of both");
        // Level and floor move together: the margin of every phone of the default mix stays.
        let models =
            &[("Samsung", "SM-G973F"), ("Sharp", "AQUOS sense3"), ("Google", "Pixel 4"), ("Huawei", "P30 lite"), ("Apple", "iPhone XR")];
        let phones: Vec<PhoneModel> = models.iter().map(|(oem, model)| phone(oem, model)).collect();
        let devices = |table| Devices::of_models(&config(), table, phones.iter().enumerate().map(|(i, p)| (i as u32, p)), Seed(3));
        let (of_june, of_december) = (devices(&june), devices(&reference));
        for (a, b) in [(0, 1), (1, 2), (2, 3), (3, 4), (4, 0)] {
            let margin = |d: &Devices| d.ceiling_db(a, b) - d.tx_error_db[a] - d.rx_error_db[b];
            assert!((margin(&of_june) - margin(&of_december)).abs() < 1e-3, "{:?} {:?}", models[a], models[b]);
        }
    }

    #[test]
    fn a_table_of_the_same_scale_shifts_nothing_and_is_believed_of_models_it_alone_knows() {
        let reference = CalibrationTable::reference();
        assert_eq!(shift_db(&reference, "Samsung", "SM-G970F"), 0.0);
        // A maker that reads as the reference has it, one of whose models is 9 dB weaker than the others.
        let (own, _) = parsed("oem,model,rx_corr,tx,direct\nSharp,weak,4,-39,yes\nSharp,,4,-30,no\n*,,4,-25,no\n");
        assert_eq!(shift_db(&own, "Sharp", "weak"), 0.0);
        let residual = own.residual(&config(), &reference, &phone("Sharp", "weak"));
        assert_eq!(residual.tx_sd_db, config().tx_error_sd_db, "measured by the table itself");
        // Google's own files have no Apple row.
        assert_eq!((own.of_phone(&phone("Apple", "iPhone 11")), shift_db(&own, "Apple", "iPhone 11")), ((0, 1), 0.0));
        assert_eq!(own.of_phone(&phone("Apple", "iPhone 99")), (0, 2));
    }

    #[test]
    fn unknown_phones_read_as_their_makers_mean_then_as_all() {
        let (table, _) = parsed("oem,model,rx_corr,tx,direct\nA,x,-2,-20,yes\nA,y,-4,-30,yes\nB,z,6,-10,yes\n");
        let phone = |oem: &str| PhoneModel { oem: oem.into(), model: "new".into(), os: Os::Android };
        assert_eq!(table.of_phone(&phone("A")), (-3, -25));
        assert_eq!(table.of_phone(&phone("C")), (0, -20));
    }

    #[test]
    fn faults_name_line_and_column() {
        let (_, faults) = parsed("oem,model,rx_corr,tx,direct\nA,x,low,-20,yes\nA,y,-4,-30,maybe\nA,y,-4\n");
        assert_eq!(faults.len(), 3);
        assert!(faults[0].starts_with("2: column rssi_correction: \"low\"") && faults[1].starts_with("3: column direct"), "{faults:?}");
        assert!(parsed("# a comment\n\na,b\n").1[0].starts_with("3: no column oem"));
    }

    #[test]
    fn a_second_sim_card_is_no_other_model() {
        let table = CalibrationTable::reference();
        assert!(table.knows("SM-G973F/DS") && table.knows("SM-G973F") && !table.knows("SM-G973F-DS"));
    }
}

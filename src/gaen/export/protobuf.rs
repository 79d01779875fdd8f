//! The protobuf messages of an export, by field number (exposure_key_export.proto, proto2).

use super::{
    ExportError, MAX_KEYS,
    file::{ExportFile, ExportedKey, SignatureInfo},
    signature::ExportSignature,
};

/// The first 16 bytes of export.bin.
pub const HEADER: &[u8; 16] = b"EK Export v1    ";
/// `rolling_period` where a file does not say.
const DEFAULT_PERIOD: i32 = 144;

const VARINT: u8 = 0;
const FIXED64: u8 = 1;
const BYTES: u8 = 2;
const FIXED32: u8 = 5;

/// Reads one message; errors carry the offset within the entry.
struct Reader<'a> {
    entry: &'static str,
    bytes: &'a [u8],
    /// Offset of `bytes` within the entry.
    base: usize,
    at: usize,
}

/// A field's content by wire type.
enum Value<'a> {
    Varint(u64),
    Fixed64(u64),
    Bytes(Reader<'a>),
    Fixed32,
}

impl<'a> Reader<'a> {
    fn error(&self, problem: impl Into<String>) -> ExportError {
        ExportError::new(self.entry, self.base + self.at, problem)
    }

    fn varint(&mut self) -> Result<u64, ExportError> {
        let mut value = 0u64;
        for shift in (0..70).step_by(7) {
            let byte = *self.bytes.get(self.at).ok_or_else(|| self.error("ends within a number"))?;
            self.at += 1;
            if shift == 63 && byte > 1 {
                return Err(self.error("a number of more than 64 bits"));
            }
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(self.error("a number of more than 10 bytes"))
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], ExportError> {
        let rest = &self.bytes[self.at..];
        if length > rest.len() {
            return Err(self.error(format!("truncated: {length} bytes are announced, {} are left", rest.len())));
        }
        self.at += length;
        Ok(&rest[..length])
    }

    /// The next field, or `None` at the end.
    fn field(&mut self) -> Result<Option<(u32, Value<'a>)>, ExportError> {
        if self.at == self.bytes.len() {
            return Ok(None);
        }
        let start = self.at;
        let tag = self.varint()?;
        let number = u32::try_from(tag >> 3).ok().filter(|n| *n > 0);
        let Some(number) = number else {
            self.at = start;
            return Err(self.error("a field number out of range"));
        };
        let value = match (tag & 7) as u8 {
            VARINT => Value::Varint(self.varint()?),
            FIXED64 => Value::Fixed64(u64::from_le_bytes(self.take(8)?.try_into().expect("eight bytes were taken"))),
            BYTES => {
                let length = usize::try_from(self.varint()?).map_err(|_| self.error("a length out of range"))?;
                let base = self.base + self.at;
                Value::Bytes(Reader { entry: self.entry, bytes: self.take(length)?, base, at: 0 })
            }
            FIXED32 => {
                self.take(4)?;
                Value::Fixed32
            }
            wire => {
                self.at = start;
                return Err(self.error(format!("field {number} has wire type {wire}, which no export uses")));
            }
        };
        Ok(Some((number, value)))
    }

    fn wrong_type<T>(&self, field: &str) -> Result<T, ExportError> {
        Err(self.error(format!("{field} has another wire type than the format says")))
    }

    fn text(&self) -> Result<String, ExportError> {
        String::from_utf8(self.bytes.to_vec()).map_err(|_| self.error("text that is not UTF-8"))
    }
}

/// An int32 travels as a sign-extended 64-bit number; what does not fit loses its upper bits, as protobuf says.
fn int32(value: u64) -> i32 {
    value as i64 as i32
}

fn zigzag(value: u64) -> i32 {
    let value = value as u32;
    (value >> 1) as i32 ^ -((value & 1) as i32)
}

/// Reads export.bin, header included.
///
/// # Errors
/// The first thing that is not as the format says, with its byte offset.
pub fn decode_export(bytes: &[u8]) -> Result<ExportFile, ExportError> {
    const ENTRY: &str = "export.bin";
    if bytes.len() < HEADER.len() {
        return Err(ExportError::new(ENTRY, bytes.len(), format!("truncated: {} bytes, the header alone has 16", bytes.len())));
    }
    if &bytes[..16] != HEADER {
        return Err(ExportError::new(ENTRY, 0, "the header is not \"EK Export v1\" and four spaces"));
    }
    let mut reader = Reader { entry: ENTRY, bytes: &bytes[16..], base: 16, at: 0 };
    let mut file = ExportFile::default();
    while let Some((number, value)) = reader.field()? {
        match (number, value) {
            (1, Value::Fixed64(v)) => file.start_s = v,
            (2, Value::Fixed64(v)) => file.end_s = v,
            (3, Value::Bytes(r)) => file.region = r.text()?,
            (4, Value::Varint(v)) => file.batch_num = int32(v),
            (5, Value::Varint(v)) => file.batch_size = int32(v),
            (6, Value::Bytes(r)) => file.signature_infos.push(signature_info(r)?),
            (7, Value::Bytes(r)) => file.keys.push(key(r)?),
            (8, Value::Bytes(r)) => file.revised_keys.push(key(r)?),
            (1..=8, _) => return reader.wrong_type(&format!("field {number}")),
            _ => {}
        }
        if file.keys.len() + file.revised_keys.len() > MAX_KEYS || file.signature_infos.len() > 100 {
            return Err(reader.error(format!("oversized: more than {MAX_KEYS} keys or 100 signature infos")));
        }
    }
    Ok(file)
}

fn signature_info(mut reader: Reader<'_>) -> Result<SignatureInfo, ExportError> {
    let mut info = SignatureInfo::default();
    while let Some((number, value)) = reader.field()? {
        match (number, value) {
            (3, Value::Bytes(r)) => info.verification_key_version = r.text()?,
            (4, Value::Bytes(r)) => info.verification_key_id = r.text()?,
            (5, Value::Bytes(r)) => info.signature_algorithm = r.text()?,
            (3..=5, _) => return reader.wrong_type(&format!("field {number} of a signature info")),
            _ => {}
        }
    }
    Ok(info)
}

fn key(mut reader: Reader<'_>) -> Result<ExportedKey, ExportError> {
    let mut data = None;
    let mut key = ExportedKey {
        key_data: [0; 16],
        transmission_risk_level: 0,
        rolling_start_interval_number: 0,
        rolling_period: DEFAULT_PERIOD,
        report_type: None,
        days_since_onset_of_symptoms: None,
    };
    while let Some((number, value)) = reader.field()? {
        match (number, value) {
            (1, Value::Bytes(r)) => {
                data = Some(<[u8; 16]>::try_from(r.bytes).map_err(|_| r.error(format!("a key of {} bytes, not 16", r.bytes.len())))?);
            }
            (2, Value::Varint(v)) => key.transmission_risk_level = int32(v),
            (3, Value::Varint(v)) => key.rolling_start_interval_number = int32(v),
            (4, Value::Varint(v)) => key.rolling_period = int32(v),
            (5, Value::Varint(v)) => key.report_type = Some(int32(v)),
            (6, Value::Varint(v)) => key.days_since_onset_of_symptoms = Some(zigzag(v)),
            (1..=6, _) => return reader.wrong_type(&format!("field {number} of a key")),
            _ => {}
        }
    }
    key.key_data = data.ok_or_else(|| reader.error("a key without key_data"))?;
    Ok(key)
}

/// Reads export.sig.
///
/// # Errors
/// The first thing that is not as the format says.
pub fn decode_signatures(bytes: &[u8]) -> Result<Vec<ExportSignature>, ExportError> {
    let mut reader = Reader { entry: "export.sig", bytes, base: 0, at: 0 };
    let mut signatures = Vec::new();
    while let Some((number, value)) = reader.field()? {
        match (number, value) {
            (1, Value::Bytes(mut r)) => {
                let mut one = ExportSignature::default();
                while let Some((number, value)) = r.field()? {
                    match (number, value) {
                        (1, Value::Bytes(r)) => one.info = signature_info(r)?,
                        (2, Value::Varint(v)) => one.batch_num = int32(v),
                        (3, Value::Varint(v)) => one.batch_size = int32(v),
                        (4, Value::Bytes(r)) => one.signature = r.bytes.to_vec(),
                        (1..=4, _) => return r.wrong_type(&format!("field {number} of a signature")),
                        _ => {}
                    }
                }
                signatures.push(one);
            }
            (1, _) => return reader.wrong_type("field 1"),
            _ => {}
        }
        if signatures.len() > 100 {
            return Err(reader.error("oversized: more than 100 signatures"));
        }
    }
    Ok(signatures)
}

/// Writes fields in ascending order.
#[derive(Default)]
struct Writer(Vec<u8>);

impl Writer {
    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    fn int32(&mut self, field: u32, value: i32) {
        self.varint(u64::from(field << 3 | u32::from(VARINT)));
        self.varint(i64::from(value) as u64);
    }

    fn fixed64(&mut self, field: u32, value: u64) {
        self.varint(u64::from(field << 3 | u32::from(FIXED64)));
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    fn bytes(&mut self, field: u32, value: &[u8]) {
        self.varint(u64::from(field << 3 | u32::from(BYTES)));
        self.varint(value.len() as u64);
        self.0.extend_from_slice(value);
    }
}

/// Writes export.bin as the reference server does (ENS, exportfile.go): period omitted when 144, start when 0, risk level
/// always there.
pub fn encode_export(file: &ExportFile) -> Vec<u8> {
    let mut out = Writer(HEADER.to_vec());
    out.fixed64(1, file.start_s);
    out.fixed64(2, file.end_s);
    out.bytes(3, file.region.as_bytes());
    out.int32(4, file.batch_num);
    out.int32(5, file.batch_size);
    for info in &file.signature_infos {
        out.bytes(6, &encode_info(info));
    }
    for (field, keys) in [(7, &file.keys), (8, &file.revised_keys)] {
        for key in keys {
            let mut message = Writer::default();
            message.bytes(1, &key.key_data);
            message.int32(2, key.transmission_risk_level);
            if key.rolling_start_interval_number != 0 {
                message.int32(3, key.rolling_start_interval_number);
            }
            if key.rolling_period != DEFAULT_PERIOD {
                message.int32(4, key.rolling_period);
            }
            if let Some(report_type) = key.report_type {
                message.int32(5, report_type);
            }
            if let Some(days) = key.days_since_onset_of_symptoms {
                message.varint(u64::from(6u32 << 3 | u32::from(VARINT)));
                message.varint(u64::from((days << 1 ^ days >> 31) as u32));
            }
            out.bytes(field, &message.0);
        }
    }
    out.0
}

fn encode_info(info: &SignatureInfo) -> Vec<u8> {
    let mut out = Writer::default();
    out.bytes(3, info.verification_key_version.as_bytes());
    out.bytes(4, info.verification_key_id.as_bytes());
    out.bytes(5, info.signature_algorithm.as_bytes());
    out.0
}

/// Writes export.sig.
pub fn encode_signatures(signatures: &[ExportSignature]) -> Vec<u8> {
    let mut out = Writer::default();
    for signature in signatures {
        let mut one = Writer::default();
        one.bytes(1, &encode_info(&signature.info));
        one.int32(2, signature.batch_num);
        one.int32(3, signature.batch_size);
        one.bytes(4, &signature.signature);
        out.bytes(1, &one.0);
    }
    out.0
}

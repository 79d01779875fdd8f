//! The zip around an export.

use std::io::{Cursor, Read, Write};

use zip::{CompressionMethod, ZipArchive, ZipWriter, write::SimpleFileOptions};

use super::{
    ExportError, MAX_EXPORT_BYTES,
    file::{ExportFile, SignatureInfo},
    protobuf::{decode_export, decode_signatures, encode_export, encode_signatures},
    signature::{ECDSA_SHA256, ExportSignature, PublicKey, SigningKey},
};

/// A zip's entries, as bytes and as what they say.
#[derive(Clone, Debug)]
pub struct Archive {
    /// The whole of export.bin: what is signed.
    pub export_bin: Vec<u8>,
    /// What it says.
    pub file: ExportFile,
    /// The signatures.
    pub signatures: Vec<ExportSignature>,
}

/// Largest export.sig that is read, bytes.
const MAX_SIGNATURE_BYTES: u64 = 64 << 10;
/// Most entries of a zip that are looked at.
const MAX_ENTRIES: usize = 20;

/// Reads a zip with exactly the entries export.bin and export.sig (ENI, ProvideDiagnosisKeys refuses anything else).
///
/// # Errors
/// What is wrong, and where.
pub fn read_archive(zip: &[u8]) -> Result<Archive, ExportError> {
    let (archive, refusals) = read_any_archive(zip)?;
    refusals.into_iter().next().map_or(Ok(archive), Err)
}

/// Reads a zip as far as it can be read: what it holds, and why a phone would refuse it all the same (entries of other names,
/// no signatures).
///
/// # Errors
/// What keeps it from being read, and where.
pub fn read_any_archive(zip: &[u8]) -> Result<(Archive, Vec<ExportError>), ExportError> {
    let of_zip = |problem: String| ExportError::new("zip", 0, problem);
    if zip.len() as u64 > MAX_EXPORT_BYTES {
        return Err(of_zip(format!("oversized: more than {} MiB", MAX_EXPORT_BYTES >> 20)));
    }
    let mut archive = ZipArchive::new(Cursor::new(zip)).map_err(|e| of_zip(format!("not a readable zip: {e}")))?;
    let mut names = directory_names(zip, archive.central_directory_start() as usize)?;
    names.sort_unstable();
    let shown = |name: &[u8]| format!("{:?}", String::from_utf8_lossy(name).chars().take(80).collect::<String>());
    if let Some(twice) = names.windows(2).find(|w| w[0] == w[1]) {
        return Err(of_zip(format!("the entry {} is there twice", shown(twice[0]))));
    }
    if !names.contains(&b"export.bin".as_slice()) {
        let found: Vec<String> = names.iter().take(5).map(|name| shown(name)).collect();
        return Err(of_zip(format!("no entry export.bin; found: {}", found.join(", "))));
    }
    let others = names.iter().filter(|name| **name != b"export.bin" && **name != b"export.sig");
    let mut refusals: Vec<ExportError> = others
        .map(|name| of_zip(format!("an entry {}: phones refuse all but export.bin and export.sig; zip these two alone", shown(name))))
        .collect();
    let mut entry = |name: &'static str, limit: u64| -> Result<Vec<u8>, ExportError> {
        let broken = |error: &dyn std::fmt::Display| ExportError::new(name, 0, format!("cannot be unpacked: {error}"));
        let entry = archive.by_name(name).map_err(|e| broken(&e))?;
        // The size that a header announces is a stranger's word: count what really comes.
        let mut bytes = Vec::new();
        entry.take(limit + 1).read_to_end(&mut bytes).map_err(|e| broken(&e))?;
        if bytes.len() as u64 > limit {
            return Err(ExportError::new(name, limit as usize, format!("oversized: unpacks to more than {limit} bytes")));
        }
        Ok(bytes)
    };
    let export_bin = entry("export.bin", MAX_EXPORT_BYTES)?;
    let signatures = if names.contains(&b"export.sig".as_slice()) {
        decode_signatures(&entry("export.sig", MAX_SIGNATURE_BYTES)?)?
    } else {
        refusals.push(of_zip("no entry export.sig: the export is not signed".into()));
        Vec::new()
    };
    let file = decode_export(&export_bin)?;
    let (announced, there) = (file.signature_infos.len(), signatures.len());
    if announced != there && names.contains(&b"export.sig".as_slice()) {
        let problem =
            format!("holds {there} signatures, export.bin announces {announced}; phones refuse it, so let each key that is announced sign");
        refusals.push(ExportError::new("export.sig", 0, problem));
    }
    Ok((Archive { file, export_bin, signatures }, refusals))
}

impl Archive {
    /// Whether a phone that knows this key takes the file (ENI, SignatureVerifier): one signature is the key's, and
    /// its number lies within its batch. That there are as many signatures as it announces is seen when it is read.
    ///
    /// # Errors
    /// What a phone refuses it for.
    pub fn verify(&self, key: &PublicKey) -> Result<(), String> {
        if key.find(&self.export_bin, &self.signatures).is_none() {
            let shown: Vec<String> = self
                .signatures
                .iter()
                .map(|s| format!("{}-{} ({})", s.info.verification_key_id, s.info.verification_key_version, s.info.signature_algorithm))
                .collect();
            let found = if shown.is_empty() { "none".into() } else { shown.join(", ") };
            return Err(format!("export.sig: no signature was made by this key over this export.bin; found: {found}"));
        }
        self.file.check_batch()
    }
}

/// Names in the central directory, duplicates too (the zip library keeps one of each).
fn directory_names(zip: &[u8], start: usize) -> Result<Vec<&[u8]>, ExportError> {
    const HEADER: usize = 46;
    let mut names = Vec::new();
    let mut at = start;
    while let Some(header) = zip.get(at..at.saturating_add(HEADER)).filter(|h| h.starts_with(b"PK\x01\x02")) {
        let length = |i: usize| usize::from(u16::from_le_bytes([header[i], header[i + 1]]));
        let name = zip.get(at + HEADER..at + HEADER + length(28));
        names.push(name.ok_or_else(|| ExportError::new("zip", at, "the directory ends within a name"))?);
        at += HEADER + length(28) + length(30) + length(32);
        if names.len() > MAX_ENTRIES {
            return Err(ExportError::new("zip", at, format!("more than {MAX_ENTRIES} entries")));
        }
    }
    Ok(names)
}

/// Writes a zip: the file encoded and signed with each key. Signature infos are put into the file, in this order.
pub fn write_archive(file: &ExportFile, keys: &[(&SigningKey, SignatureInfo)]) -> Vec<u8> {
    let infos: Vec<SignatureInfo> = keys
        .iter()
        .map(|(_, info)| match info.signature_algorithm.is_empty() {
            true => SignatureInfo { signature_algorithm: ECDSA_SHA256.into(), ..info.clone() },
            false => info.clone(),
        })
        .collect();
    let file = ExportFile { signature_infos: infos.clone(), ..file.clone() };
    let export_bin = encode_export(&file);
    let signatures: Vec<ExportSignature> = keys
        .iter()
        .zip(infos)
        .map(|((key, _), info)| ExportSignature {
            info,
            batch_num: file.batch_num,
            batch_size: file.batch_size,
            signature: key.sign(&export_bin),
        })
        .collect();
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    // Without a clock: the same keys give the same bytes.
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, bytes) in [("export.bin", &export_bin), ("export.sig", &encode_signatures(&signatures))] {
        zip.start_file(name, options).expect("memory takes an entry");
        zip.write_all(bytes).expect("memory takes bytes");
    }
    zip.finish().expect("memory takes a directory").into_inner()
}

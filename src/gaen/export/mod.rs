//! Export files: what a key server publishes and phones fetch.
//!
//! An export is a zip of `export.bin` (a 16-byte header and a protobuf message) and `export.sig` (signatures over the whole
//! of export.bin). Files come from strangers: reading never needs more memory than the largest legal file, names the place
//! of every error, and never panics. The protobuf wire format is read here and not by a library because a library gives no
//! byte offsets and lets two bytes of input claim a whole key's memory.

mod archive;
mod file;
mod protobuf;
mod signature;
mod variants;

pub use archive::{Archive, read_any_archive, read_archive, write_archive};
pub use file::{CheckedKeys, ExportFile, ExportedKey, KeyFault, SignatureInfo, check_batches};
pub use protobuf::{HEADER, decode_export, decode_signatures, encode_export, encode_signatures};
pub use signature::{ExportSignature, PublicKey, SigningKey};
pub use variants::{COCOA_REGION, cocoa_files, reference_files};

/// Largest export.bin that is read, bytes: 1,000,000 keys (the most a batch may hold, ENI SignatureVerifier) of 40 bytes.
const MAX_EXPORT_BYTES: u64 = 40 << 20;
/// Most keys that are read from one file.
const MAX_KEYS: usize = 1_000_000;

/// Why an export cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{entry}: byte {offset}: {problem}")]
pub struct ExportError {
    /// `export.bin`, `export.sig` or `zip`.
    pub entry: &'static str,
    /// Where, bytes from the entry's start.
    pub offset: usize,
    /// What is wrong.
    pub problem: String,
}

impl ExportError {
    fn new(entry: &'static str, offset: usize, problem: impl Into<String>) -> Self {
        Self { entry, offset, problem: problem.into() }
    }
}

//! ECDSA P-256 signatures over export.bin.

use p256::{
    SecretKey,
    ecdsa::{
        Signature, VerifyingKey,
        signature::{Signer, Verifier, hazmat::PrehashVerifier},
    },
    pkcs8::DecodePublicKey,
};
use sha2::{Digest, Sha512};

use super::{
    ExportError,
    file::SignatureInfo,
    protobuf::{decode_signature_list, encode_signature_list},
};

/// ecdsa-with-SHA256.
pub(super) const ECDSA_SHA256: &str = "1.2.840.10045.4.3.2";
/// ecdsa-with-SHA512, which clients accept too.
const ECDSA_SHA512: &str = "1.2.840.10045.4.3.4";

/// A signature of export.sig.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExportSignature {
    /// Which key made it.
    pub info: SignatureInfo,
    /// Number of the file in its batch.
    pub batch_num: i32,
    /// Files in the batch.
    pub batch_size: i32,
    /// The signature, X9.62 DER.
    pub signature: Vec<u8>,
}

/// A server's signing key.
pub struct SigningKey(p256::ecdsa::SigningKey);

impl SigningKey {
    /// Reads a PEM, PKCS#8 or SEC1.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn from_pem(pem: &str) -> Result<Self, String> {
        let text = without_parameters(pem);
        SecretKey::from_pem(text.trim()).map(|key| Self(key.into())).map_err(|error| format!("not a P-256 private key in PEM: {error}"))
    }

    /// Signs the whole of export.bin, header included; deterministic (RFC 6979).
    pub fn sign(&self, export_bin: &[u8]) -> Vec<u8> {
        let signature: Signature = self.0.sign(export_bin);
        signature.to_der().as_bytes().to_vec()
    }
}

/// `openssl ecparam -genkey` puts a parameters block before the key; it is of no use here.
fn without_parameters(pem: &str) -> &str {
    const END: &str = "-----END EC PARAMETERS-----";
    pem.find(END).map_or(pem, |at| &pem[at + END.len()..])
}

/// A public key that exports are checked with.
pub struct PublicKey(VerifyingKey);

impl PublicKey {
    /// Reads a PEM (SubjectPublicKeyInfo).
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn from_pem(pem: &str) -> Result<Self, String> {
        VerifyingKey::from_public_key_pem(pem.trim()).map(Self).map_err(|error| format!("not a P-256 public key in PEM: {error}"))
    }

    /// The first signature that this key made of export.bin. Any one may match (ENI, SignatureVerifier).
    pub fn find<'a>(&self, export_bin: &[u8], signatures: &'a [ExportSignature]) -> Option<&'a ExportSignature> {
        signatures.iter().find(|one| {
            let Ok(signature) = Signature::from_der(&one.signature) else { return false };
            match one.info.signature_algorithm.as_str() {
                ECDSA_SHA256 => self.0.verify(export_bin, &signature).is_ok(),
                ECDSA_SHA512 => self.0.verify_prehash(&Sha512::digest(export_bin), &signature).is_ok(),
                _ => false,
            }
        })
    }
}

/// Reads export.sig.
///
/// # Errors
/// The first thing that is not as the format says.
pub fn decode_signatures(bytes: &[u8]) -> Result<Vec<ExportSignature>, ExportError> {
    decode_signature_list(bytes)
}

/// Writes export.sig.
pub fn encode_signatures(signatures: &[ExportSignature]) -> Vec<u8> {
    encode_signature_list(signatures)
}

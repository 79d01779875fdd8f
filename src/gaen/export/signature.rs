//! ECDSA P-256 signatures over export.bin.

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use p256::{
    SecretKey,
    ecdsa::{
        Signature, VerifyingKey,
        signature::{Signer, Verifier, hazmat::PrehashVerifier},
    },
    pkcs8::{DecodePrivateKey, DecodePublicKey},
};
use sha2::{Digest, Sha512};

use crate::columns::shown;

use super::file::SignatureInfo;

/// ecdsa-with-SHA256.
pub(super) const ECDSA_SHA256: &str = "1.2.840.10045.4.3.2";
/// ecdsa-with-SHA512, which clients accept too.
const ECDSA_SHA512: &str = "1.2.840.10045.4.3.4";
/// What stands before an uncompressed point in a P-256 SubjectPublicKeyInfo (RFC 5480): id-ecPublicKey, secp256r1, and a bit
/// string of 66 bytes.
const BEFORE_POINT: [u8; 26] = *b"\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x42\x00";

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
        let wrong = |problem: String| format!("not a P-256 private key in PEM: {problem}");
        let (label, der) = pem_block(pem, &["PRIVATE KEY", "EC PRIVATE KEY"]).map_err(wrong)?;
        let key = if label == "PRIVATE KEY" {
            SecretKey::from_pkcs8_der(&der).map_err(|e| wrong(e.to_string()))?
        } else {
            SecretKey::from_sec1_der(&der).map_err(|e| wrong(e.to_string()))?
        };
        Ok(Self(key.into()))
    }

    /// The key of this number, big-endian; `None` where the curve has none (0, or not below its order: 1 in 2^32).
    pub fn from_number(number: [u8; 32]) -> Option<Self> {
        SecretKey::from_slice(&number).ok().map(|key| Self(key.into()))
    }

    /// The public half as a PEM (SubjectPublicKeyInfo).
    pub fn public_pem(&self) -> String {
        let point = self.0.verifying_key().to_sec1_point(false);
        let base64 = BASE64.encode([&BEFORE_POINT, point.as_bytes()].concat());
        let lines: Vec<&str> = (0..base64.len()).step_by(64).map(|at| &base64[at..base64.len().min(at + 64)]).collect();
        format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", lines.join("\n"))
    }

    /// Signs the whole of export.bin, header included; deterministic (RFC 6979).
    pub fn sign(&self, export_bin: &[u8]) -> Vec<u8> {
        let signature: Signature = self.0.sign(export_bin);
        signature.to_der().as_bytes().to_vec()
    }
}

/// The first block of a PEM that bears one of the labels, decoded. As OpenSSL does, other text and other blocks (`openssl
/// ecparam -genkey` puts one of parameters first) are passed over, and lines may have any length.
fn pem_block<'a>(pem: &str, labels: &[&'a str]) -> Result<(&'a str, Vec<u8>), String> {
    let mut others = Vec::new();
    let mut rest = pem;
    while let Some((_, block)) = rest.split_once("-----BEGIN ") {
        let (label, body) = block.split_once("-----").ok_or("a block whose first line is cut")?;
        let end = format!("-----END {label}-----");
        let (base64, after) = body.split_once(&end).ok_or_else(|| format!("no {end:.60}"))?;
        if let Some(label) = labels.iter().find(|l| **l == label) {
            let base64: String = base64.split_ascii_whitespace().collect();
            let der = BASE64.decode(base64).map_err(|e| format!("{label}: not base64: {e}"))?;
            return Ok((*label, der));
        }
        others.push(shown(label));
        rest = after;
    }
    let found = if others.is_empty() { "no block".into() } else { others.join(", ") };
    Err(format!("wants a block {}, found: {found:.200}", labels.join(" or ")))
}

/// A public key that exports are checked with.
pub struct PublicKey(VerifyingKey);

impl PublicKey {
    /// Reads a PEM (SubjectPublicKeyInfo).
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn from_pem(pem: &str) -> Result<Self, String> {
        let wrong = |problem: String| format!("not a P-256 public key in PEM: {problem}");
        let (_, der) = pem_block(pem, &["PUBLIC KEY"]).map_err(wrong)?;
        VerifyingKey::from_public_key_der(&der).map(Self).map_err(|e| wrong(e.to_string()))
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

#[cfg(test)]
mod tests {
    use super::*;

    const PRIVATE: &str = include_str!("../../../tests/data/signing_key.pem");
    const PUBLIC: &str = include_str!("../../../tests/data/signing_key_public.pem");

    fn unwrapped(pem: &str) -> String {
        let lines: Vec<&str> = pem.trim().lines().collect();
        format!("{}\n{}\n{}\n", lines[0], lines[1..lines.len() - 1].concat(), lines[lines.len() - 1])
    }

    #[test]
    fn pem_is_read_in_any_layout_that_openssl_reads() {
        let signed = SigningKey::from_pem(PRIVATE).expect("the test key").sign(b"bytes");
        for pem in [
            unwrapped(PRIVATE),
            PRIVATE.replace('\n', "\r\n"),
            format!("Key of a test\nBag Attributes: none\n{PRIVATE}\nand after\n"),
            format!("-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n{PRIVATE}"),
        ] {
            assert_eq!(SigningKey::from_pem(&pem).map(|key| key.sign(b"bytes")), Ok(signed.clone()), "{pem}");
        }
        let public = PublicKey::from_pem(PUBLIC).map(|key| key.0).expect("the test key");
        for pem in [unwrapped(PUBLIC), PUBLIC.replace('\n', "\r\n"), format!("text\n{PUBLIC}"), format!("{PRIVATE}{PUBLIC}")] {
            assert_eq!(PublicKey::from_pem(&pem).map(|key| key.0), Ok(public), "{pem}");
        }
    }

    /// The pair of tests/data was made by OpenSSL.
    #[test]
    fn a_public_key_is_written_as_openssl_writes_it() {
        assert_eq!(SigningKey::from_pem(PRIVATE).map(|key| key.public_pem()), Ok(PUBLIC.into()));
        assert!(SigningKey::from_number([0; 32]).is_none() && SigningKey::from_number([255; 32]).is_none());
        let key = SigningKey::from_number([1; 32]).expect("a key has this number");
        assert!(PublicKey::from_pem(&key.public_pem()).is_ok());
    }

    #[test]
    fn other_pem_is_refused_by_what_it_holds() {
        let told = |pem: &str| PublicKey::from_pem(pem).err().expect("it is refused");
        assert!(told(PRIVATE).ends_with("wants a block PUBLIC KEY, found: PRIVATE KEY"), "{}", told(PRIVATE));
        assert!(told("hello").ends_with("found: no block"));
        assert!(told("-----BEGIN PUBLIC KEY-----\nxx").contains("no -----END PUBLIC KEY-----"));
        assert!(told("-----BEGIN PUBLIC KEY-----\nx*\n-----END PUBLIC KEY-----").contains("not base64"));
        assert!(told("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----").contains("not a P-256 public key"));
    }
}

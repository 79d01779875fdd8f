//! The request of a registration: COCOA's JSON, what proves the device, and what the server asks of both.
//!
//! Fields, their order and names are those of the tags: `DiagnosisSubmissionParameter.cs` of v1.1.2 for the first interface and of v1.2.2
//! for the second. Google's and Apple's proofs of a device cannot be made here: what stands in for them holds what the server asks for,
//! and is shorter than they were.

use base64::{
    Engine,
    engine::general_purpose::{STANDARD as BASE64, URL_SAFE_NO_PAD as BASE64_URL},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{
    gaen::{TemporaryExposureKey, export::COCOA_REGION},
    time::Enin,
};

/// The app's package, on Android as in the Play Store's address (settings.json); on iPhones taken to be the same.
const APP_PACKAGE: &str = "jp.go.mhlw.covid19radar";
/// How the stand-in for Apple's token begins.
const DEVICE_CHECK: &[u8] = b"DeviceCheck stand-in ";
/// Intervals in a whole key's day: what a period of 0 means.
const WHOLE_DAY: u32 = 144;

/// The interface that a release registers with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Api {
    /// `PUT /diagnosis`, 1.0.0 to 1.2.1: names the app's user, and each key's risk.
    V1,
    /// `PUT /v2/diagnosis`, from 1.2.2 on (`AppConstants.DiagnosisApiVersionCode` of 2.0.0 still is "v2", #847).
    V2,
}

impl Api {
    /// The name used in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::V1 => "v1",
            Self::V2 => "v2",
        }
    }
}

/// The body of a registration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Submission {
    /// The app's user, named by the server at the first start; of the first interface alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_uuid: Option<String>,
    /// The phone's daily keys.
    pub keys: Vec<SubmittedKey>,
    /// Where they count.
    pub regions: Vec<String>,
    /// `ios` or `android`.
    pub platform: String,
    /// What proves the device.
    pub device_verification_payload: String,
    /// The app's package.
    pub app_package_name: String,
    /// The processing number, as it was typed.
    pub verification_payload: String,
    /// Random bytes that hide how long the rest is.
    pub padding: String,
}

/// A daily key in a registration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SubmittedKey {
    /// Its 16 bytes, base64.
    pub key_data: String,
    /// Its first interval of 10 minutes.
    pub rolling_start_number: u32,
    /// How many intervals it holds; 0 stands for a whole day.
    pub rolling_period: u32,
    /// The risk that the phone gives it, in practice 0 (#14); of the first interface alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transmission_risk: Option<i32>,
}

impl Submission {
    /// As a phone makes it. `random`: the bytes of the padding, and those that make a device's token its own.
    pub fn new(
        api: Api,
        keys: &[TemporaryExposureKey],
        (number, user_uuid): (&str, &str),
        ios: bool,
        (padding, token): (&[u8], [u8; 16]),
    ) -> Self {
        let is_first = api == Api::V1;
        let submitted = |key: &TemporaryExposureKey| SubmittedKey {
            key_data: BASE64.encode(key.key),
            rolling_start_number: key.rolling_start.0,
            rolling_period: key.rolling_period,
            transmission_risk: is_first.then_some(0),
        };
        let unproved = Self {
            user_uuid: is_first.then(|| user_uuid.into()),
            keys: keys.iter().map(submitted).collect(),
            regions: vec![COCOA_REGION.into()],
            platform: if ios { "ios" } else { "android" }.into(),
            device_verification_payload: String::new(),
            app_package_name: APP_PACKAGE.into(),
            verification_payload: number.into(),
            padding: BASE64.encode(padding),
        };
        let proof = if ios { device_token(token) } else { attestation(&unproved) };
        Self { device_verification_payload: proof, ..unproved }
    }

    /// The same with another number, and what proves the device made anew where it rests on the number.
    pub fn with_number(self, number: &str) -> Self {
        let renamed = Self { verification_payload: number.into(), ..self };
        if renamed.platform == "android" { Self { device_verification_payload: attestation(&renamed), ..renamed } } else { renamed }
    }

    /// The bytes that go to the server.
    pub fn bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("invariant: a submission is plain data")
    }

    /// The keys, if every field is there that the interface asks for and every key's data is 16 bytes. (The source asks that the data not be
    /// empty, and fails later on what is not base64.)
    pub(super) fn keys(&self, api: Api) -> Option<Vec<TemporaryExposureKey>> {
        let mut needed = vec![&self.verification_payload, &self.platform, &self.device_verification_payload, &self.app_package_name];
        if api == Api::V1 {
            needed.push(self.user_uuid.as_ref()?);
        }
        if self.regions.is_empty() || needed.into_iter().any(|field| field.trim().is_empty()) {
            return None;
        }
        let key = |key: &SubmittedKey| {
            let period = if key.rolling_period == 0 { WHOLE_DAY } else { key.rolling_period };
            let data = BASE64.decode(&key.key_data).ok()?.try_into().ok()?;
            Some(TemporaryExposureKey { key: data, rolling_start: Enin(key.rolling_start_number), rolling_period: period })
        };
        self.keys.iter().map(key).collect()
    }

    /// Whether it is for a region that the server serves.
    pub(super) fn is_of_region(&self) -> bool {
        self.regions.iter().any(|region| region == COCOA_REGION)
    }

    /// Whether the header `Authorization` is that of the user (the first interface).
    pub(super) fn is_of_user(&self, bearer: Option<&str>) -> bool {
        self.user_uuid.as_deref().is_some_and(|uuid| bearer == Some(secret_of(uuid).as_str()))
    }

    /// Whether the device is one that Google or Apple vouch for.
    pub(super) fn is_of_device(&self) -> bool {
        match self.platform.as_str() {
            "android" => nonce_of(&self.device_verification_payload).is_some_and(|nonce| nonce == BASE64.encode(self.nonce())),
            "ios" => BASE64.decode(&self.device_verification_payload).is_ok_and(|token| token.starts_with(DEVICE_CHECK)),
            _ => false,
        }
    }

    /// What a proof of the device is about: SHA-256 of the clear text (`AndroidExtensions.cs`).
    pub fn nonce(&self) -> [u8; 32] {
        Sha256::digest(self.clear_text()).into()
    }

    /// `package|keys|regions|number`. A key is `data.start.period`, in the first interface with its risk behind. Keys and regions are in
    /// order: the source's is that of the phone's language, which is not known; here that of the bytes.
    fn clear_text(&self) -> String {
        let mut keys: Vec<&SubmittedKey> = self.keys.iter().collect();
        keys.sort_by_key(|key| &key.key_data);
        let text = |key: &SubmittedKey| {
            let risk = key.transmission_risk.map_or_else(String::new, |risk| format!(".{risk}"));
            format!("{}.{}.{}{risk}", key.key_data, key.rolling_start_number, key.rolling_period)
        };
        let keys: Vec<String> = keys.into_iter().map(text).collect();
        let mut regions: Vec<String> = self.regions.iter().map(|region| region.to_uppercase()).collect();
        regions.sort_unstable();
        [&self.app_package_name, &keys.join(","), &regions.join(","), &self.verification_payload].map(String::as_str).join("|")
    }
}

/// The secret that the server gave to a user at the first start; stands in for a random one that both keep.
pub fn secret_of(user_uuid: &str) -> String {
    BASE64.encode(Sha256::digest(format!("secret of {user_uuid}")))
}

/// Stands in for a SafetyNet attestation: a JWS of three parts, whose second holds the nonce and what else the server asks about. It is not
/// signed, and holds no certificates.
fn attestation(submission: &Submission) -> String {
    let claims = json!({
        "nonce": BASE64.encode(submission.nonce()),
        "apkPackageName": submission.app_package_name,
        "ctsProfileMatch": true,
        "basicIntegrity": true,
    });
    [r#"{"alg":"none"}"#, &claims.to_string(), "stand-in"].map(|part| BASE64_URL.encode(part)).join(".")
}

/// The nonce in such an attestation, base64.
fn nonce_of(attestation: &str) -> Option<String> {
    let claims: Value = serde_json::from_slice(&BASE64_URL.decode(attestation.split('.').nth(1)?).ok()?).ok()?;
    claims["nonce"].as_str().map(String::from)
}

/// Stands in for a DeviceCheck token, which is opaque.
fn device_token(random: [u8; 16]) -> String {
    BASE64.encode([DEVICE_CHECK, &random].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn submission(api: Api, ios: bool) -> Submission {
        let key = |byte: u8, start: u32| TemporaryExposureKey { key: [byte; 16], rolling_start: Enin(start), rolling_period: 144 };
        // Not in the order of their data: "//8=" of 0xFF stands before "AAA=" of 0.
        Submission::new(api, &[key(0, 2_650_000), key(255, 2_650_144)], ("12345678", "a-user"), ios, (&[7; 6], [1; 16]))
    }

    #[test]
    fn a_body_has_the_fields_of_its_interface() {
        let text = |api| String::from_utf8(submission(api, true).bytes()).expect("text");
        let key = |data: &str, start: u32, risk: &str| {
            format!(r#"{{"keyData":"{data}","rollingStartNumber":{start},"rollingPeriod":144{risk}}}"#)
        };
        let (zeros, ones) = ("AAAAAAAAAAAAAAAAAAAAAA==", "/////////////////////w==");
        let token = BASE64.encode(b"DeviceCheck stand-in \x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01");
        let rest = format!(
            r#""regions":["440"],"platform":"ios","deviceVerificationPayload":"{token}","appPackageName":"jp.go.mhlw.covid19radar","verificationPayload":"12345678","padding":"BwcHBwcH""#
        );
        let keys = |risk: &str| format!(r#""keys":[{},{}]"#, key(zeros, 2_650_000, risk), key(ones, 2_650_144, risk));
        assert_eq!(text(Api::V1), format!(r#"{{"userUuid":"a-user",{},{rest}}}"#, keys(r#","transmissionRisk":0"#)));
        assert_eq!(text(Api::V2), format!("{{{},{rest}}}", keys("")));
    }

    #[test]
    fn a_device_is_proved_for_what_it_sends() {
        let first = submission(Api::V1, false);
        let keys = "/////////////////////w==.2650144.144.0,AAAAAAAAAAAAAAAAAAAAAA==.2650000.144.0";
        assert_eq!(first.clear_text(), format!("jp.go.mhlw.covid19radar|{keys}|440|12345678"));
        let second = submission(Api::V2, false);
        let keys = "/////////////////////w==.2650144.144,AAAAAAAAAAAAAAAAAAAAAA==.2650000.144";
        assert_eq!(second.clear_text(), format!("jp.go.mhlw.covid19radar|{keys}|440|12345678"));
        assert!(first.is_of_device() && second.is_of_device() && submission(Api::V2, true).is_of_device());
        assert!(!Submission { verification_payload: "12345679".into(), ..second.clone() }.is_of_device(), "another number");
        assert!(second.clone().with_number("12345679").is_of_device(), "proved anew");
        assert!(!Submission { platform: "ios".into(), ..second.clone() }.is_of_device());
        assert!(!Submission { platform: "other".into(), ..second }.is_of_device());
    }

    #[test]
    fn a_body_without_one_of_its_fields_is_none() {
        let good = submission(Api::V1, true);
        assert_eq!(good.keys(Api::V1).map(|keys| keys.len()), Some(2));
        let blank = || " ".to_string();
        for bad in [
            Submission { user_uuid: None, ..good.clone() },
            Submission { user_uuid: Some(blank()), ..good.clone() },
            Submission { regions: Vec::new(), ..good.clone() },
            Submission { platform: blank(), ..good.clone() },
            Submission { device_verification_payload: blank(), ..good.clone() },
            Submission { app_package_name: blank(), ..good.clone() },
            Submission { verification_payload: blank(), ..good.clone() },
            Submission { keys: vec![SubmittedKey { key_data: "AAAA".into(), ..good.keys[0].clone() }], ..good.clone() },
        ] {
            assert_eq!(bad.keys(Api::V1), None, "{bad:?}");
        }
        assert!(Submission { user_uuid: None, ..good.clone() }.keys(Api::V2).is_some(), "the second interface names nobody");
        let whole = Submission { keys: vec![SubmittedKey { rolling_period: 0, ..good.keys[0].clone() }], ..good };
        assert_eq!(whole.keys(Api::V2).map(|keys| keys[0].rolling_period), Some(144), "0 stands for a whole day");
    }

    #[test]
    fn a_user_shows_the_secret_that_the_server_gave() {
        let first = submission(Api::V1, true);
        assert!(first.is_of_user(Some(&secret_of("a-user"))));
        assert!(!first.is_of_user(Some(&secret_of("another"))) && !first.is_of_user(None));
        assert!(!submission(Api::V2, true).is_of_user(Some(&secret_of("a-user"))));
    }
}

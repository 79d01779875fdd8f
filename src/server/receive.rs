//! The server's side of a registration: its checks in their order, and what it answers.

use serde::{Deserialize, Serialize};

use crate::{
    authority::{Hersys, ProcessingNumber},
    time::UnixSeconds,
};

use super::{
    config::InForce,
    request::{Api, Submission},
    store::{Server, has_old_key, is_valid},
};

/// What it answers when keys are stored.
pub const STORED: u16 = 204;

/// Why a registration was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// HER-SYS does not know the number, or it has expired.
    NumberNotValid,
    /// HER-SYS does not answer.
    HersysDown,
    /// A key starts less than a day too early: the 14 days were counted to the second, until 15 July 2020.
    KeyOlderToTheSecond,
    /// A key starts before 00:00 UTC 14 days ago, or in the future, or its period is no key's.
    KeyNotValid,
    /// The server is being maintained, is down, or is gone.
    ServerDown,
    /// It has too much to do.
    Congested,
    /// Nobody registers any more.
    Ended,
    /// The request did not come by the front door (header `X-Azure-FDID`).
    NotByFrontDoor,
    /// The body is not JSON, or lacks a field.
    Malformed,
    /// It is for no region that the server serves.
    OtherRegion,
    /// The user is not who the header says (the first interface).
    UnknownUser,
    /// Nobody vouches for the device.
    UnknownDevice,
}

impl Refusal {
    /// The name used in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::NumberNotValid => "number wrong or expired",
            Self::HersysDown => "HER-SYS did not answer",
            Self::KeyOlderToTheSecond => "a key is 14 days old",
            Self::KeyNotValid => "a key is not valid",
            Self::ServerDown => "the server did not answer",
            Self::Congested => "the server had too much to do",
            Self::Ended => "nobody registers any more",
            Self::NotByFrontDoor => "not by the front door",
            Self::Malformed => "no proper request",
            Self::OtherRegion => "another region",
            Self::UnknownUser => "unknown user",
            Self::UnknownDevice => "unknown device",
        }
    }

    /// The HTTP status that the phone gets.
    pub fn status(self) -> u16 {
        match self {
            Self::NumberNotValid | Self::Ended => 406,
            Self::HersysDown | Self::ServerDown | Self::Congested => 503,
            Self::NotByFrontDoor => 418,
            Self::KeyOlderToTheSecond
            | Self::KeyNotValid
            | Self::Malformed
            | Self::OtherRegion
            | Self::UnknownUser
            | Self::UnknownDevice => 400,
        }
    }
}

/// A request as it comes: the interface, the body, and the headers that count.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The interface.
    pub api: Api,
    /// The JSON.
    pub body: &'a [u8],
    /// Whether it came by the front door.
    pub by_front_door: bool,
    /// What `Authorization` holds after `Bearer`.
    pub bearer: Option<&'a str>,
    /// Whether it says that it is chaff (`X-Chaff`): the second interface tells success and stores nothing, in the source from commit
    /// fe6583521 of 13 September 2021 on. No release is known to have sent any.
    pub is_chaff: bool,
}

/// Whether a request comes as far as being read.
fn lets_in(in_force: InForce, request: &Request<'_>) -> Result<(), Refusal> {
    if !in_force.is_up {
        return Err(Refusal::ServerDown);
    }
    if in_force.is_congested {
        return Err(Refusal::Congested);
    }
    if !request.by_front_door {
        return Err(Refusal::NotByFrontDoor);
    }
    if in_force.takes_registrations { Ok(()) } else { Err(Refusal::Ended) }
}

impl Server {
    /// Receives a registration: how many of its keys it did not have yet.
    ///
    /// The order is that of `DiagnosisApi.cs`: front door, fields and keys, region, user, device, chaff, HER-SYS. One bad key refuses the
    /// whole request before the number is looked up, so that it stays valid (the third interface, which dropped such keys alone, may never
    /// have served users). A number works once: the same request again is refused.
    ///
    /// # Errors
    /// [`Refusal`]; nothing is stored then.
    pub fn receive(&mut self, in_force: InForce, hersys: &mut Hersys, request: &Request<'_>, now_s: i64) -> Result<usize, Refusal> {
        lets_in(in_force, request)?;
        let submission: Submission = serde_json::from_slice(request.body).map_err(|_| Refusal::Malformed)?;
        self.receive_read(in_force, hersys, (request, &submission), now_s)
    }

    /// The same of a body that is read already.
    ///
    /// # Errors
    /// As [`Self::receive`].
    pub fn receive_read(
        &mut self,
        in_force: InForce,
        hersys: &mut Hersys,
        (request, submission): (&Request<'_>, &Submission),
        now_s: i64,
    ) -> Result<usize, Refusal> {
        lets_in(in_force, request)?;
        let keys = submission.keys(request.api).ok_or(Refusal::Malformed)?;
        if !keys.iter().all(|key| is_valid(key, UnixSeconds(now_s), in_force.takes_whole_keys_alone)) {
            return Err(Refusal::KeyNotValid);
        }
        if in_force.counts_seconds && has_old_key(&keys, now_s) {
            return Err(Refusal::KeyOlderToTheSecond);
        }
        if !submission.is_of_region() {
            return Err(Refusal::OtherRegion);
        }
        if request.api == Api::V1 && !submission.is_of_user(request.bearer) {
            return Err(Refusal::UnknownUser);
        }
        if !submission.is_of_device() {
            return Err(Refusal::UnknownDevice);
        }
        if request.is_chaff && request.api == Api::V2 {
            return Ok(0);
        }
        if !in_force.hersys_answers {
            return Err(Refusal::HersysDown);
        }
        let number = ProcessingNumber::parse(&submission.verification_payload).ok_or(Refusal::NumberNotValid)?;
        if !hersys.verify(number, now_s) {
            return Err(Refusal::NumberNotValid);
        }
        Ok(self.store(&keys, in_force.key_level, now_s))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        gaen::TemporaryExposureKey,
        random::Seed,
        server::{ServerConfig, secret_of},
        time::{DAY_S, DayUtc},
    };

    /// 10 March 2021, 12:00 UTC.
    const TODAY: DayUtc = DayUtc(18_696);
    const NOW_S: i64 = 18_696 * DAY_S + 43_200;

    /// What can be wrong with a request, in the order in which the server looks.
    const WRONG: [Refusal; 12] = [
        Refusal::ServerDown,
        Refusal::Congested,
        Refusal::NotByFrontDoor,
        Refusal::Ended,
        Refusal::Malformed,
        Refusal::KeyNotValid,
        Refusal::KeyOlderToTheSecond,
        Refusal::OtherRegion,
        Refusal::UnknownUser,
        Refusal::UnknownDevice,
        Refusal::HersysDown,
        Refusal::NumberNotValid,
    ];

    fn key(days_ago: i32) -> TemporaryExposureKey {
        TemporaryExposureKey { key: [days_ago as u8; 16], rolling_start: TODAY.plus_days(-days_ago).first_enin(), rolling_period: 144 }
    }

    /// A server with HER-SYS and a number.
    fn there() -> (Server, Hersys, ProcessingNumber) {
        let mut hersys = Hersys::default();
        let number = hersys.issue(NOW_S, 1.0, Seed(1));
        (Server::default(), hersys, number)
    }

    /// The answer to a request of the first interface with these things wrong.
    fn answer(wrong: &[Refusal]) -> Result<usize, Refusal> {
        let is = |refusal| wrong.contains(&refusal);
        let (mut server, mut hersys, number) = there();
        let number = if is(Refusal::NumberNotValid) { ProcessingNumber(number.0 ^ 1) } else { number };
        let keys = [key(1), key(if is(Refusal::KeyNotValid) { 15 } else { 14 })];
        let mut submission = Submission::new(Api::V1, &keys, (&number.to_string(), "user"), true, (&[0; 9], [0; 16]));
        if is(Refusal::OtherRegion) {
            submission.regions = vec!["441".into()];
        }
        if is(Refusal::UnknownDevice) {
            submission.device_verification_payload = "a token of another".into();
        }
        let body = if is(Refusal::Malformed) { b"{}".to_vec() } else { submission.bytes() };
        let secret = secret_of(if is(Refusal::UnknownUser) { "another" } else { "user" });
        let in_force = InForce {
            counts_seconds: is(Refusal::KeyOlderToTheSecond),
            hersys_answers: !is(Refusal::HersysDown),
            is_up: !is(Refusal::ServerDown),
            is_congested: is(Refusal::Congested),
            takes_registrations: !is(Refusal::Ended),
            ..InForce::NORMAL
        };
        let by_front_door = !is(Refusal::NotByFrontDoor);
        let request = Request { api: Api::V1, body: &body, by_front_door, bearer: Some(&secret), is_chaff: false };
        server.receive(in_force, &mut hersys, &request, NOW_S)
    }

    #[test]
    fn the_server_looks_in_its_order_and_says_what_is_wrong_first() {
        assert_eq!(answer(&[]), Ok(2));
        for (i, refusal) in WRONG.into_iter().enumerate() {
            assert_eq!(answer(&[refusal]), Err(refusal), "alone");
            assert_eq!(answer(&WRONG[i..]), Err(refusal), "with all that comes after it");
        }
    }

    #[test]
    fn each_refusal_has_its_status() {
        let status = WRONG.map(Refusal::status);
        assert_eq!(status, [503, 503, 418, 406, 400, 400, 400, 400, 400, 400, 503, 406]);
    }

    /// Success is told, nothing is stored, and the number is not looked up. The first interface knows no chaff.
    #[test]
    fn chaff_leaves_nothing() {
        let (mut server, mut hersys, number) = there();
        let mut send = |api, is_chaff, in_force: InForce| {
            let body = Submission::new(api, &[key(1)], (&number.to_string(), "user"), true, (&[], [0; 16])).bytes();
            let secret = secret_of("user");
            let request = Request { api, body: &body, by_front_door: true, bearer: Some(&secret), is_chaff };
            server.receive(in_force, &mut hersys, &request, NOW_S)
        };
        assert_eq!(send(Api::V2, true, InForce { hersys_answers: false, ..InForce::NORMAL }), Ok(0));
        assert_eq!(send(Api::V2, true, InForce::NORMAL), Ok(0));
        assert_eq!(send(Api::V1, true, InForce::NORMAL), Ok(1), "the number is valid still, and the key is new");
    }

    /// A number works once; keys that come again are stored once.
    #[test]
    fn the_same_again_is_refused_and_the_same_keys_are_stored_once() {
        let (mut server, mut hersys, number) = there();
        let other = hersys.issue(NOW_S, 1.0, Seed(1));
        let mut send = |number: ProcessingNumber, keys: &[TemporaryExposureKey]| {
            let body = Submission::new(Api::V2, keys, (&number.to_string(), ""), false, (&[], [0; 16])).bytes();
            let request = Request { api: Api::V2, body: &body, by_front_door: true, bearer: None, is_chaff: false };
            server.receive(InForce::NORMAL, &mut hersys, &request, NOW_S)
        };
        assert_eq!(send(number, &[key(1)]), Ok(1));
        assert_eq!(send(number, &[key(1)]), Err(Refusal::NumberNotValid));
        assert_eq!(send(other, &[key(1), key(2)]), Ok(1), "one is new");
        let run = server.export(&ServerConfig { retention_days: 14 }, NOW_S, Seed(1));
        assert_eq!(
            run.batches.iter().map(|batch| (batch.key_day, batch.keys)).collect::<Vec<_>>(),
            [(TODAY.plus_days(-2), 1), (TODAY.plus_days(-1), 1)]
        );
    }

    /// At the end of the contract nothing is left: no file, no key that waits.
    #[test]
    fn all_that_is_stored_can_be_deleted() {
        let mut server = Server::default();
        server.store(&[key(1)], 4, NOW_S);
        server.export(&ServerConfig { retention_days: 14 }, NOW_S, Seed(1));
        assert_eq!(server.list_json().len(), server.list_bytes() as usize);
        assert!(server.list_bytes() > 2);
        server.store(&[key(1), key(2)], 4, NOW_S);
        assert_eq!(server.delete_all(), [key(2).key], "the other was exported");
        assert_eq!((server.list_json().as_str(), server.list_bytes(), server.newest_s()), ("[]", 2, None));
        assert!(server.export(&ServerConfig { retention_days: 14 }, NOW_S + DAY_S, Seed(1)).batches.is_empty());
    }
}

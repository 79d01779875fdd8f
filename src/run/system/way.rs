//! How far a case, a key or a phone came, and why it came no further.

use serde::{Deserialize, Serialize};

use crate::{
    app::{Absent, Mechanism},
    authority::NoNumber,
    server::Refusal,
    time::DayJst,
};

/// The steps that the system reaches, each counted from 0 in its unit.
pub mod step {
    /// A case is infected.
    pub const INFECTED: usize = 0;
    /// A case falls ill.
    pub const SYMPTOMS: usize = 1;
    /// A case's sample is taken.
    pub const TESTED: usize = 2;
    /// A case is known to be positive.
    pub const POSITIVE: usize = 3;
    /// A case has the app.
    pub const HAS_APP: usize = 4;
    /// A case with the app was asked for a number, or asked.
    pub const ASKED: usize = 5;
    /// It was issued one.
    pub const NUMBER_ISSUED: usize = 6;
    /// The number arrived.
    pub const NUMBER_DELIVERED: usize = 7;
    /// It was entered in the app.
    pub const NUMBER_ENTERED: usize = 8;
    /// A case's keys are with the server.
    pub const KEYS_UPLOADED: usize = 9;
    /// A key is with the server.
    pub const UPLOADED: usize = 0;
    /// A key is in an export.
    pub const EXPORTED: usize = 1;
    /// A phone fetched keys.
    pub const FETCHED: usize = 0;
    /// A phone checked keys.
    pub const CHECKED: usize = 1;
    /// A phone matched a key.
    pub const MATCHED: usize = 2;
    /// A phone notified, or has a contact to show.
    pub const TOLD: usize = 3;
    /// A phone has a contact to show.
    pub const SHOWED: usize = 4;
    /// Its owner saw it.
    pub const SEEN: usize = 5;
    /// And was tested because of it.
    pub const TESTED_AFTER: usize = 6;
}

/// How far a case came.
pub type CaseWay = Way<[DayJst; 10]>;
/// How far a key came.
pub type KeyWay = Way<[DayJst; 2]>;
/// How far a phone came by itself.
pub type PhoneWay = Way<[DayJst; 5]>;
/// How far a phone and its owner came.
pub type OwnerWay = Way<[DayJst; 7]>;
/// How far a person came who was in contact with a case.
pub type PersonWay = Way<[DayJst; 5], String>;

/// Why a case, a key or a phone came no further.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reason {
    /// The app is not in use.
    Without(Absent),
    /// The person has the app, was not asked for a number, and did not ask.
    NotAsked,
    /// No number came.
    NoNumber(NoNumber),
    /// The person has a number and did not enter it.
    DidNotRegister,
    /// The phone was abroad, where the server refuses it.
    Abroad,
    /// The phone was switched off when a check was due.
    SwitchedOff,
    /// The phone had no key of a past day.
    NoKeyYet,
    /// The server, or the app for it, refused.
    Refused(Refusal),
    /// The person did not agree to the app's points.
    DeclinedConsent,
    /// The person did not let the system hand over the keys.
    DeclinedSystemDialog,
    /// The number was typed wrong to the last.
    Mistyped,
    /// A known fault.
    Fault(Mechanism),
    /// A key grew too old before it was exported.
    Expired,
    /// A key was deleted with all that the server stored.
    Deleted,
    /// A phone matched none of the keys it checked.
    NoMatch,
    /// The phone notified and showed nothing.
    NothingShown,
    /// What was matched is under the rule.
    UnderTheRule,
    /// The battery was low whenever a check was due.
    BatteryLow,
    /// Nobody opened the app.
    NotOpened,
    /// The person did not turn to the centre.
    DidNotTurn,
    /// No free test was offered.
    NoFreeTest,
    /// Another test came first.
    TestedOtherwise,
    /// The person has not agreed again to terms or a policy that changed, and the app does not open.
    NotAgreedAgain,
}

impl Reason {
    /// The name used in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Without(absent) => absent.name(),
            Self::NotAsked => "nobody asked for a number",
            Self::NoNumber(NoNumber::NoneIssued) => "no numbers were issued",
            Self::NoNumber(NoNumber::DeemedPositive) => "deemed positive without a test",
            Self::NoNumber(NoNumber::Landline) => "no SMS to a landline",
            Self::DidNotRegister => "did not register",
            Self::Abroad => "refused abroad",
            Self::SwitchedOff => "phone switched off",
            Self::NoKeyYet => "no key of a past day yet",
            Self::Refused(refusal) => refusal.name(),
            Self::DeclinedConsent => "declined the app's consent",
            Self::DeclinedSystemDialog => "declined the system's dialog",
            Self::Mistyped => "number not typed right",
            Self::Fault(fault) => fault.name(),
            Self::Expired => "expired before the export",
            Self::Deleted => "deleted with all that the server stored",
            Self::NoMatch => "no key matched",
            Self::NothingShown => "notified, nothing shown",
            Self::UnderTheRule => "under the rule",
            Self::BatteryLow => "battery low",
            Self::NotOpened => "the app was not opened",
            Self::DidNotTurn => "did not turn to the centre",
            Self::NoFreeTest => "no free test was offered",
            Self::TestedOtherwise => "tested for another reason",
            Self::NotAgreedAgain => "did not agree again",
        }
    }
}

impl From<Reason> for String {
    fn from(reason: Reason) -> Self {
        reason.name().into()
    }
}

/// How far one member of a unit came, with room for the days of its unit's steps. There is one for every phone, so that it holds them itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Way<Days, Why = Reason> {
    /// The day of each step reached; those beyond mean nothing.
    days: Days,
    /// How many were reached.
    reached: u8,
    /// When and why it came no further, as far as is known.
    lost: Option<(DayJst, Why)>,
}

impl<Days: Default, Why> Default for Way<Days, Why> {
    fn default() -> Self {
        Self { days: Days::default(), reached: 0, lost: None }
    }
}

impl<Days: AsRef<[DayJst]> + AsMut<[DayJst]>, Why> Way<Days, Why> {
    /// Reaches a step, counted from 0 in its unit. Says whether that is new.
    pub fn reach(&mut self, step: usize, day: DayJst) -> bool {
        debug_assert!(step <= self.steps(), "a step was left out");
        let is_new = step == self.steps();
        if is_new {
            self.days.as_mut()[step] = day;
            self.reached += 1;
        }
        is_new
    }

    /// Notes why the next step is not reached; what is noted last counts.
    pub fn lose(&mut self, day: DayJst, why: Why) {
        self.lost = Some((day, why));
    }

    /// How many steps it reached.
    pub fn steps(&self) -> usize {
        usize::from(self.reached)
    }

    /// The day of each step that it reached.
    pub fn days(&self) -> &[DayJst] {
        &self.days.as_ref()[..self.steps()]
    }

    /// When and why it came no further, if that is known.
    pub fn lost(&self) -> Option<&(DayJst, Why)> {
        self.lost.as_ref()
    }

    /// Why it came no further, if that is known.
    pub fn why(&self) -> Option<&Why> {
        self.lost.as_ref().map(|(_, why)| why)
    }
}

#[cfg(test)]
impl<Days: AsRef<[DayJst]>, Why> Way<Days, Why> {
    /// How many steps there are to reach.
    pub fn room(&self) -> usize {
        self.days.as_ref().len()
    }
}

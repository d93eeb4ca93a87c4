//! The one way in and the one way out.
//!
//! Nothing enters the log but [`Admitted`] records, and nothing leaves a node but
//! [`Released`] things; only this crate can make either. What is refused is counted
//! by author, rule and minute, and the sums become records: an attacker cannot fill
//! the disk with refusals.
//!
//! A record cannot be forged into an admitted one:
//! ```compile_fail
//! # fn forge(record: picket_model::Record) {
//! let forged = picket_gate::Admitted(record); // the field is private
//! # }
//! ```
//! nor a thing into a released one:
//! ```compile_fail
//! # fn forge(record: &picket_model::Record) {
//! let forged = picket_gate::Released(record); // the field is private
//! # }
//! ```
//! nor an actor into a verified one:
//! ```compile_fail
//! # fn forge(actor: picket_model::Actor) {
//! let forged = picket_gate::Verified { actor }; // the fields are private
//! # }
//! ```

mod budget;
mod policy;
mod refusal;
mod verify;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use picket_model::{
    Actor, Auth, Body, Claim, DeviceId, Label, Labelled, Levels, Record, Time, ViewName,
};

pub use budget::{Budget, Rate};
pub use policy::{Action, Ask, BuiltIn, Policy, Role, Verdict};
pub use refusal::{Refusal, Rule};
pub use verify::{Feed, Peer, Session, Verified};

use refusal::Tally;

/// Proof that the gate let a thing in. Only this crate can make one.
#[derive(Debug, Clone, PartialEq)]
pub struct Admitted<T>(T);

impl<T> Admitted<T> {
    /// The thing, to look at.
    pub const fn as_inner(&self) -> &T {
        &self.0
    }

    /// The thing itself; it cannot be made admitted again.
    pub fn into_inner(self) -> T {
        self.0
    }
}

/// Proof that the gate let a thing out to one audience. Only this crate can make one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Released<T>(T);

impl<T> Released<T> {
    /// The thing, for the audience that the gate was asked about.
    pub fn into_inner(self) -> T {
        self.0
    }
}

/// A feed's time may run ahead of ours by this before it is not believed; radio slots, GNSS
/// receivers and ordinary network clocks stay far below.
const AHEAD_S_MAX: f64 = 10.0;
/// A feed's time may lag behind ours by this: the lateness of store-and-forward sources (6 h).
const BEHIND_S_MAX: f64 = 6.0 * 3_600.0;
/// Most records on which one claim may rest.
const CITES_MAX: usize = 256;

/// The gate of one node.
pub struct Gate {
    levels: Levels,
    policy: Arc<dyn Policy>,
    feeds: BTreeMap<DeviceId, Arc<verify::Standing>>,
    views: BTreeMap<ViewName, Arc<verify::Standing>>,
    tally: Mutex<Tally>,
}

impl std::fmt::Debug for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gate").field("levels", &self.levels).finish_non_exhaustive()
    }
}

impl Gate {
    /// A gate that knows these feeds and decides by this policy.
    #[must_use]
    pub fn new(levels: Levels, policy: Arc<dyn Policy>, feeds: Vec<Feed>) -> Self {
        let views = ViewName::ALL.map(|view| (view, Arc::new(verify::Standing::of_view(view))));
        let feeds = feeds
            .into_iter()
            .map(|feed| (feed.name.clone(), Arc::new(verify::Standing::of_feed(feed))));
        Self {
            levels,
            policy,
            feeds: feeds.collect(),
            views: views.into_iter().collect(),
            tally: Mutex::new(Tally::default()),
        }
    }

    /// The site's levels.
    #[must_use]
    pub const fn levels(&self) -> &Levels {
        &self.levels
    }

    /// Proves who is speaking: asked for each message, not for each connection.
    ///
    /// # Errors
    /// A [`Refusal`] for a feed that is not configured or a session that has ended.
    pub fn verify(&self, peer: &Peer<'_>, now: Time) -> Result<Verified, Refusal> {
        let known = match peer {
            Peer::Feed(name) => self.feeds.get(*name).cloned().ok_or_else(|| Refusal {
                actor: None,
                rule: Rule::UnknownFeed,
                why: format!("no feed is called {name:?}"),
            }),
            Peer::Session(session) => verify::session_standing(session, now),
        };
        known.map(Verified::new).map_err(|refusal| self.counted(refusal, now))
    }

    /// A view of this program: verified by being compiled in.
    ///
    /// # Panics
    /// Never: every view has a standing from the start.
    #[must_use]
    pub fn view(&self, view: ViewName) -> Verified {
        let standing = self.views.get(&view).cloned();
        Verified::new(standing.unwrap_or_else(|| Arc::new(verify::Standing::of_view(view))))
    }

    /// Lets a claim in: checks who may say it, how often, and labels it.
    ///
    /// A feed's time that runs more than 10 s ahead of ours, or lags more than 6 h, is not
    /// believed: the receive time stands in its place, and the frame keeps what was said.
    ///
    /// # Errors
    /// A [`Refusal`] that names the rule.
    pub fn admit(
        &self,
        by: &Verified,
        claim: Claim,
        received_at: Time,
        now: Time,
    ) -> Result<Admitted<Record>, Refusal> {
        self.judge(by, &claim, now).map_err(|refusal| self.counted(refusal, now))?;
        let mut label = by.label().clone();
        if let Some(floor) = &claim.floor {
            label.raise(floor);
        }
        let occurred_at = match claim.occurred_at {
            Some(at) if by.auth() != Auth::None || is_plausible(at, received_at) => at,
            Some(_) | None => received_at,
        };
        Ok(Admitted(Record {
            author: by.actor().clone(),
            auth: by.auth(),
            label,
            occurred_at,
            received_at,
            subject: claim.subject,
            cites: claim.cites,
            body: claim.body,
        }))
    }

    /// Lets a thing out to an audience whose clearance dominates its label.
    ///
    /// # Errors
    /// A [`Refusal`]; to the audience it looks as if the thing did not exist.
    pub fn release<'r, T: Labelled>(
        &self,
        thing: &'r T,
        to: &Verified,
        now: Time,
    ) -> Result<Released<&'r T>, Refusal> {
        let ask = Ask {
            actor: to.actor(),
            auth: to.auth(),
            roles: to.roles(),
            clearance: to.clearance(),
            action: Action::Read,
            label: thing.label(),
            now,
        };
        match self.policy.decide(&ask) {
            Verdict::Allow => Ok(Released(thing)),
            Verdict::Refuse { rule, why } => {
                Err(Refusal { actor: Some(to.actor().clone()), rule, why })
            }
        }
    }

    /// Counts so many records of one author that were admitted and for which the log then had
    /// no room.
    pub fn count_no_space(&self, author: &Actor, count: u64, now: Time) {
        let minute = now.unix_s().div_euclid(60);
        let mut tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
        tally.add(Some(author), Rule::NoSpace, minute, count);
    }

    /// Takes the sums of refusals of the minutes that are over, as claims of [`ViewName::Gate`].
    pub fn drain_refusals(&self, now: Time) -> Vec<Claim> {
        let mut tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
        tally.drain_before(now.unix_s().div_euclid(60))
    }

    /// How many claims were refused since the start.
    #[must_use]
    pub fn refusals(&self) -> u64 {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner).total()
    }

    fn judge(&self, by: &Verified, claim: &Claim, now: Time) -> Result<(), Refusal> {
        let refuse = |rule, why: &str| {
            Err(Refusal { actor: Some(by.actor().clone()), rule, why: why.to_owned() })
        };
        if !by.may_say(&claim.body) {
            return refuse(Rule::NotItsWord, "this author may not say this kind of thing");
        }
        if claim.cites.len() > CITES_MAX {
            return refuse(Rule::TooManyCites, "a claim may rest on 256 records");
        }
        if let Body::Alert(alert) = &claim.body
            && (claim.cites.is_empty() || alert.why.is_empty())
        {
            return refuse(Rule::NoReason, "a warning without cause or reason");
        }
        let lowest = Label::lowest();
        let ask = Ask {
            actor: by.actor(),
            auth: by.auth(),
            roles: by.roles(),
            clearance: by.clearance(),
            action: Action::Say(verify::action_of(&claim.body)),
            label: claim.floor.as_ref().unwrap_or(&lowest),
            now,
        };
        if let Verdict::Refuse { rule, why } = self.policy.decide(&ask) {
            return Err(Refusal { actor: Some(by.actor().clone()), rule, why });
        }
        if !by.spend(now) {
            return refuse(Rule::OverBudget, "more claims a second than this author may make");
        }
        Ok(())
    }

    fn counted(&self, refusal: Refusal, now: Time) -> Refusal {
        let minute = now.unix_s().div_euclid(60);
        let mut tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
        tally.add(refusal.actor.as_ref(), refusal.rule, minute, 1);
        refusal
    }
}

fn is_plausible(occurred_at: Time, received_at: Time) -> bool {
    let ahead_s = occurred_at.since_s(received_at);
    (-BEHIND_S_MAX..=AHEAD_S_MAX).contains(&ahead_s)
}

#[cfg(test)]
mod tests;

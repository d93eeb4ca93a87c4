//! Who is speaking, and what that proves.
//!
//! Feeds are one-way sources without identity of their own: the receiver is the author
//! and nothing is proven (`auth=none`). People come with a session. Certificates of
//! devices and partners join here as further kinds of [`Peer`].

use std::sync::Arc;

use picket_model::{Act, Actor, Auth, Body, DeviceId, Label, PersonId, Time, ViewName};

use crate::budget::{Budget, Rate};
use crate::policy::Role;
use crate::refusal::{Refusal, Rule};

/// A configured one-way source.
#[derive(Debug, Clone, PartialEq)]
pub struct Feed {
    /// Its declared name.
    pub name: DeviceId,
    /// The label of all that it brings.
    pub label: Label,
    /// How much it may bring.
    pub rate: Rate,
}

/// Somebody who wants to speak or read, not yet proven.
#[derive(Debug, Clone, Copy)]
pub enum Peer<'a> {
    /// Bytes that came in at a feed.
    Feed(&'a DeviceId),
    /// A person with a session.
    Session(&'a Session),
}

/// A person's session, as the sign-in made it.
#[derive(Debug, Clone)]
pub struct Session {
    /// Who signed in.
    pub person: PersonId,
    /// What they may do.
    pub roles: Vec<Role>,
    /// What they may read.
    pub clearance: Label,
    /// When the session ends.
    pub expires_at: Time,
    /// How much they may do; shared by all sessions of the person.
    pub budget: Arc<Budget>,
}

/// Proof of who is speaking. Only this crate can make one.
#[derive(Debug, Clone)]
pub struct Verified {
    standing: Arc<Standing>,
}

#[derive(Debug)]
pub(crate) struct Standing {
    actor: Actor,
    auth: Auth,
    roles: Vec<Role>,
    label: Label,
    clearance: Label,
    budget: Option<Arc<Budget>>,
}

impl Standing {
    pub(crate) fn of_feed(feed: Feed) -> Self {
        Self {
            actor: Actor::Device(feed.name),
            auth: Auth::None,
            roles: Vec::new(),
            clearance: Label::lowest(),
            label: feed.label,
            budget: Some(Arc::new(Budget::new(feed.rate))),
        }
    }

    pub(crate) fn of_view(view: ViewName) -> Self {
        Self {
            actor: Actor::Machine(view),
            auth: Auth::Channel,
            roles: Vec::new(),
            label: Label::lowest(),
            clearance: Label::lowest(),
            budget: None,
        }
    }
}

pub(crate) fn session_standing(session: &Session, now: Time) -> Result<Arc<Standing>, Refusal> {
    if now >= session.expires_at {
        return Err(Refusal {
            actor: Some(Actor::Person(session.person.clone())),
            rule: Rule::SessionEnded,
            why: "the session has ended; sign in again".to_owned(),
        });
    }
    Ok(Arc::new(Standing {
        actor: Actor::Person(session.person.clone()),
        auth: Auth::Channel,
        roles: session.roles.clone(),
        label: Label::lowest(),
        clearance: session.clearance.clone(),
        budget: Some(Arc::clone(&session.budget)),
    }))
}

impl Verified {
    pub(crate) const fn new(standing: Arc<Standing>) -> Self {
        Self { standing }
    }

    /// Who it is.
    #[must_use]
    pub fn actor(&self) -> &Actor {
        &self.standing.actor
    }

    /// How that was proven.
    #[must_use]
    pub fn auth(&self) -> Auth {
        self.standing.auth
    }

    /// The roles of a person; empty for others.
    #[must_use]
    pub fn roles(&self) -> &[Role] {
        &self.standing.roles
    }

    /// What it may read.
    #[must_use]
    pub fn clearance(&self) -> &Label {
        &self.standing.clearance
    }

    /// The label that all it says bears at least.
    #[must_use]
    pub fn label(&self) -> &Label {
        &self.standing.label
    }

    /// Whether this kind of author may ever say this kind of thing. In code, so that no policy
    /// can let a machine act as a person or a feed raise an alert.
    pub(crate) fn may_say(&self, body: &Body) -> bool {
        match (&self.standing.actor, body) {
            (Actor::Device(_) | Actor::Partner(_), Body::Observation(_)) => true,
            (Actor::Machine(view), _) => view_may_say(*view, body),
            (Actor::Person(_), Body::Act(_)) => true,
            (Actor::Device(_) | Actor::Partner(_) | Actor::Person(_), _) => false,
        }
    }

    /// Takes one claim off the author's budget.
    pub(crate) fn spend(&self, now: Time) -> bool {
        self.standing.budget.as_ref().is_none_or(|budget| budget.spend(now))
    }
}

fn view_may_say(view: ViewName, body: &Body) -> bool {
    match view {
        ViewName::Clock => matches!(body, Body::Tick),
        ViewName::Gate => matches!(body, Body::Refusal(_)),
        ViewName::Link | ViewName::Log => matches!(body, Body::Status(_)),
        ViewName::Node => matches!(body, Body::Status(_) | Body::Site(_)),
        ViewName::Detect => matches!(body, Body::Alert(_)),
    }
}

/// The action's name for the policy, by what is said.
pub(crate) const fn action_of(body: &Body) -> &'static str {
    match body {
        Body::Act(Act::SignIn { .. } | Act::SignOut | Act::IssueLink) => "act",
        Body::Act(Act::Draw(_) | Act::Erase { .. }) => "draw",
        Body::Act(_) => "act on alert",
        Body::Observation(_)
        | Body::Status(_)
        | Body::Alert(_)
        | Body::Refusal(_)
        | Body::Tick
        | Body::Site(_) => body.kind(),
    }
}

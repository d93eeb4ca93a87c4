//! Claims, records and entries: the life of what is said.

use crate::act::Act;
use crate::actor::{Actor, Subject, ViewName};
use crate::alert::Alert;
use crate::id::{Epoch, LogClass, NodeId, RecordId, Seq};
use crate::label::{Label, Labelled};
use crate::observation::Observation;
use crate::site::Site;
use crate::status::Status;
use crate::time::Time;
use crate::wire;

/// What somebody says: a decoded message, a detector's finding, a person's form. Believed by nobody yet.
#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    /// When it happened, by the author's clock; `None` if the message carries no time.
    pub occurred_at: Option<Time>,
    /// Who or what it is about.
    pub subject: Option<Subject>,
    /// The records on which it rests.
    pub cites: Vec<RecordId>,
    /// The least label that its inputs require; the gate may raise it, never lower it.
    pub floor: Option<Label>,
    /// What is said.
    pub body: Body,
}

impl Claim {
    /// A claim without time, subject or causes.
    #[must_use]
    pub const fn of(body: Body) -> Self {
        Self { occurred_at: None, subject: None, cites: Vec::new(), floor: None, body }
    }
}

/// A claim that the gate admitted: with author, proof of the author, and label.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Who vouches.
    pub author: Actor,
    /// How the author was proven.
    pub auth: Auth,
    /// How far it may travel.
    pub label: Label,
    /// When it happened, by the author's clock; the receive time if none was claimed.
    pub occurred_at: Time,
    /// When it came, by our clock.
    pub received_at: Time,
    /// Who or what it is about.
    pub subject: Option<Subject>,
    /// The records on which it rests.
    pub cites: Vec<RecordId>,
    /// What is said.
    pub body: Body,
}

impl Record {
    /// The record's id: what one author says twice has one id.
    #[must_use]
    pub fn id(&self) -> RecordId {
        wire::record_id(self)
    }

    /// Whether the author gave a time, so that saying it twice is saying it once.
    #[must_use]
    pub fn is_timed(&self) -> bool {
        self.occurred_at != self.received_at
    }

    /// The record's importance, by what it says.
    #[must_use]
    pub const fn class(&self) -> LogClass {
        match self.body {
            Body::Site(_) => LogClass::Control,
            Body::Observation(_) | Body::Status(_) | Body::Tick => LogClass::Observation,
            Body::Alert(_) => LogClass::Alert,
            Body::Act(_) | Body::Refusal(_) => LogClass::Audit,
        }
    }
}

impl Labelled for Record {
    fn label(&self) -> &Label {
        &self.label
    }
}

/// How an author was proven. Append only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Auth {
    /// Not at all: anybody could have sent it.
    None = 0,
    /// By the connection.
    Channel = 1,
    /// By a signature over this message.
    Signed = 2,
}

impl Auth {
    /// All proofs.
    pub const ALL: [Self; 3] = [Self::None, Self::Channel, Self::Signed];

    /// The proof in print.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Channel => "channel",
            Self::Signed => "signed",
        }
    }
}

/// What a record says. Append only.
#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    /// A sensor perceived something, or a thing reports of itself.
    Observation(Box<Observation>),
    /// How a link, feed or the node is doing.
    Status(Status),
    /// A detector warns.
    Alert(Box<Alert>),
    /// A person did something.
    Act(Act),
    /// Claims were refused, summed.
    Refusal(Refused),
    /// A second passed.
    Tick,
    /// The site's configuration, as far as views depend on it.
    Site(Box<Site>),
}

impl Body {
    /// The kind's name on the outside.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Observation(_) => "observation",
            Self::Status(_) => "status",
            Self::Alert(_) => "alert",
            Self::Act(_) => "act",
            Self::Refusal(_) => "refusal",
            Self::Tick => "tick",
            Self::Site(_) => "site",
        }
    }
}

/// So many claims of one author were refused under one rule within one minute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Whose claims; `None` if the author could not be proven.
    pub actor: Option<Actor>,
    /// The rule that said no.
    pub rule: String,
    /// The minute, counted from 1970.
    pub minute: i64,
    /// How many.
    pub count: u64,
}

/// The name of an entry for ever, the same on every node that holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct EntryName {
    /// Where it was first appended.
    pub origin: NodeId,
    /// The origin's epoch.
    pub epoch: Epoch,
    /// Its class.
    pub class: LogClass,
    /// Its number in that class, from 1, without holes.
    pub number: u64,
}

/// A record with its place in the log.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Its place in this node's log.
    pub seq: Seq,
    /// Its name for ever.
    pub name: EntryName,
    /// The record's id.
    pub id: RecordId,
    /// The record.
    pub record: Record,
}

impl Entry {
    /// The view that said this, if a view whose words a replay can check did.
    #[must_use]
    pub const fn fold_author(&self) -> Option<ViewName> {
        match self.record.author {
            Actor::Machine(view) if view.is_fold() => Some(view),
            Actor::Machine(_) | Actor::Device(_) | Actor::Person(_) | Actor::Partner(_) => None,
        }
    }
}

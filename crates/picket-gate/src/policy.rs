//! The seam for policy, and the small rule set that is built in.

use picket_model::{Actor, Auth, Label, Time};

use crate::refusal::Rule;

/// Decides who may say and who may see what.
pub trait Policy: Send + Sync {
    /// Answers one question. Deny is the default of every implementation.
    fn decide(&self, ask: &Ask<'_>) -> Verdict;
}

/// One question to the policy.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// Who wants to.
    pub actor: &'a Actor,
    /// How that was proven.
    pub auth: Auth,
    /// What roles a person holds; empty for others.
    pub roles: &'a [Role],
    /// What the actor may read.
    pub clearance: &'a Label,
    /// To do what.
    pub action: Action,
    /// The label of the thing, or the least label of what is said.
    pub label: &'a Label,
    /// When.
    pub now: Time,
}

/// What somebody wants to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Put a record of this kind into the log.
    Say(&'static str),
    /// Read a thing.
    Read,
}

/// The policy's answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// Yes.
    Allow,
    /// No, and why.
    Refuse {
        /// The rule.
        rule: Rule,
        /// In words for the actor.
        why: String,
    },
}

/// What a person may do. Append only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Watches, acknowledges, decides.
    WatchOfficer,
    /// Also approves weighty acts.
    Supervisor,
    /// Watches over devices and people's rights.
    SecurityOfficer,
    /// Runs the node.
    Administrator,
    /// Reads everything within the clearance, changes nothing.
    Auditor,
    /// Connects systems.
    Integrator,
}

impl Role {
    /// The role's name on the outside.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WatchOfficer => "watch_officer",
            Self::Supervisor => "supervisor",
            Self::SecurityOfficer => "security_officer",
            Self::Administrator => "administrator",
            Self::Auditor => "auditor",
            Self::Integrator => "integrator",
        }
    }
}

/// The built-in rules: no reading above the clearance, no partner without being named,
/// no act by a role that only looks on.
#[derive(Debug, Clone, Copy, Default)]
pub struct BuiltIn;

impl Policy for BuiltIn {
    fn decide(&self, ask: &Ask<'_>) -> Verdict {
        let refuse = |rule, why: &str| Verdict::Refuse { rule, why: why.to_owned() };
        match ask.actor {
            Actor::Machine(_) | Actor::Device(_) => {}
            Actor::Person(_) => {
                if !ask.clearance.dominates(ask.label) {
                    return refuse(Rule::Label, "the label is above the clearance");
                }
                let acts = ask.roles.iter().any(|role| match role {
                    Role::WatchOfficer | Role::Supervisor | Role::SecurityOfficer => true,
                    Role::Administrator | Role::Auditor | Role::Integrator => false,
                });
                if ask.action == Action::Say("act on alert") && !acts {
                    return refuse(Rule::Role, "this role looks on and does not act on alerts");
                }
                if ask.action == Action::Say("draw") && !acts {
                    return refuse(
                        Rule::Role,
                        "this role looks on and draws nothing to be watched",
                    );
                }
            }
            Actor::Partner(partner) => {
                if !ask.clearance.dominates(ask.label) {
                    return refuse(Rule::Label, "the label is above the clearance");
                }
                if !ask.label.releasable_to.contains(partner.as_str()) {
                    return refuse(Rule::Label, "the label does not name this partner");
                }
            }
        }
        Verdict::Allow
    }
}

//! Links and sessions: who is at a screen, and until when.
//!
//! A secret (256 random bits, written as 64 hexadecimal digits) is kept only as its SHA-256. The tables are
//! looked up by that hash: what an asker could learn from the time of a look-up is a prefix of
//! the hash of a guess of their own, which brings them no nearer to any secret.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_lc_rs::{digest, rand};
use picket_gate::{Budget, Rate, Role, Session};
use picket_model::{Label, PersonId, Time};
use tokio::sync::watch;

use crate::WebError;

/// One-time links that wait to be opened; beyond it the one that ends first is dropped.
const LINKS_MAX: usize = 256;
/// Sessions at once: a watch floor of 30 screens, eight times. Beyond it the oldest ends.
const SESSIONS_MAX: usize = 256;
/// Sessions of one person at once; beyond it that person's oldest ends.
const SESSIONS_PER_PERSON_MAX: usize = 16;
/// Addresses whose attempts are counted one by one; the others share one count meanwhile.
const ADDRESSES_MAX: usize = 1_024;
/// Attempts to open a link, from one address. 256 bits are what stops a guesser; this keeps
/// the noise down, and one address cannot lock others out.
const ATTEMPTS: Rate = Rate { per_s: 1.0, burst: 60.0 };
/// After so long an address has all its attempts again, and need not be remembered.
const ATTEMPTS_S: f64 = 60.0;
/// Hexadecimal digits of a secret.
const SECRET_DIGITS: usize = 64;

/// The SHA-256 of a secret; names a link or a session inside the node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key([u8; 32]);

impl Key {
    fn of(secret: &str) -> Self {
        let mut key = [0; 32];
        key.copy_from_slice(digest::digest(&digest::SHA256, secret.as_bytes()).as_ref());
        Self(key)
    }
}

/// Who may sign in with a link, and as what.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Invite {
    pub(crate) person: PersonId,
    pub(crate) roles: Vec<Role>,
    pub(crate) clearance: Label,
}

/// A link that was taken out of the table to be used; it goes back unless it was.
pub(crate) struct Taken<'a> {
    logins: &'a Logins,
    key: Key,
    expires_at: Time,
    invite: Invite,
    is_used: bool,
}

impl Taken<'_> {
    pub(crate) const fn invite(&self) -> &Invite {
        &self.invite
    }

    /// A session has begun: the link is spent.
    pub(crate) fn spend(mut self) {
        self.is_used = true;
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        let mut table = self.logins.table();
        if !self.is_used && table.links.len() < LINKS_MAX {
            table.links.insert(self.key, (self.expires_at, self.invite.clone()));
        }
    }
}

/// A session as requests see it.
#[derive(Debug, Clone)]
pub(crate) struct Login {
    pub(crate) key: Key,
    pub(crate) session: Arc<Session>,
    pub(crate) csrf: Arc<str>,
}

/// All links and sessions of the node.
#[derive(Debug)]
pub(crate) struct Logins {
    session_s: f64,
    link_s: f64,
    table: Mutex<Table>,
    ended: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Table {
    links: BTreeMap<Key, (Time, Invite)>,
    sessions: BTreeMap<Key, (Time, Login)>,
    attempts: BTreeMap<Option<IpAddr>, (Time, Budget)>,
}

impl Logins {
    pub(crate) fn new(session_s: f64, link_s: f64) -> Self {
        let (ended, _) = watch::channel(0);
        Self { session_s, link_s, table: Mutex::default(), ended }
    }

    /// Makes a one-time token for this person.
    ///
    /// # Errors
    /// [`WebError::Random`].
    pub(crate) fn invite(&self, invite: Invite, now: Time) -> Result<(String, Time), WebError> {
        let token = secret()?;
        let expires_at = now.plus_s(self.link_s);
        let mut table = self.table();
        table.links.retain(|_, (until, _)| now < *until);
        if table.links.len() >= LINKS_MAX {
            let first = table.links.iter().min_by_key(|(_, (until, _))| *until).map(|(k, _)| *k);
            if let Some(key) = first {
                table.links.remove(&key);
            }
        }
        table.links.insert(Key::of(&token), (expires_at, invite));
        Ok((token, expires_at))
    }

    /// Whether this address may try a link now.
    pub(crate) fn may_try(&self, from: IpAddr, now: Time) -> bool {
        let mut table = self.table();
        table.attempts.retain(|_, (last, _)| now.since_s(*last) < ATTEMPTS_S);
        let known = table.attempts.contains_key(&Some(from));
        let by = (known || table.attempts.len() < ADDRESSES_MAX).then_some(from);
        let (last, budget) = table.attempts.entry(by).or_insert((now, Budget::new(ATTEMPTS)));
        *last = now;
        budget.spend(now)
    }

    /// Takes a link out of the table: of many who race, one gets it.
    pub(crate) fn take(&self, token: &str, now: Time) -> Option<Taken<'_>> {
        if token.len() != SECRET_DIGITS {
            return None;
        }
        let key = Key::of(token);
        let mut table = self.table();
        table.links.retain(|_, (until, _)| now < *until);
        let (expires_at, invite) = table.links.remove(&key)?;
        drop(table);
        Some(Taken { logins: self, key, expires_at, invite, is_used: false })
    }

    /// Makes a session of a link; nobody has it before [`Logins::begin`].
    pub(crate) fn session_of(&self, invite: &Invite, now: Time) -> Session {
        let table = self.table();
        let same = table.sessions.values().find(|(_, login)| login.session.person == invite.person);
        let budget = same.map(|(_, login)| Arc::clone(&login.session.budget));
        Session {
            person: invite.person.clone(),
            roles: invite.roles.clone(),
            clearance: invite.clearance.clone(),
            expires_at: now.plus_s(self.session_s),
            budget: budget.unwrap_or_else(|| Arc::new(Budget::new(Rate::PERSON))),
        }
    }

    /// Begins a session; gives the secret of its cookie.
    ///
    /// # Errors
    /// [`WebError::Random`].
    pub(crate) fn begin(&self, session: Session, now: Time) -> Result<String, WebError> {
        let cookie = secret()?;
        let key = Key::of(&cookie);
        let csrf = Arc::from(secret()?);
        let mut table = self.table();
        table.sessions.retain(|_, (_, login)| now < login.session.expires_at);
        let of_person = |login: &Login| login.session.person == session.person;
        let own = table.sessions.values().filter(|(_, login)| of_person(login)).count();
        if own >= SESSIONS_PER_PERSON_MAX {
            table.end_oldest(of_person);
        } else if table.sessions.len() >= SESSIONS_MAX {
            table.end_oldest(|_| true);
        }
        let login = Login { key, session: Arc::new(session), csrf };
        table.sessions.insert(key, (now, login));
        drop(table);
        self.tell();
        Ok(cookie)
    }

    /// The session of a cookie, if it has not ended.
    pub(crate) fn find(&self, cookie: &str, now: Time) -> Option<Login> {
        (cookie.len() == SECRET_DIGITS).then(|| self.get(Key::of(cookie), now)).flatten()
    }

    /// The session of this key, if it has not ended.
    pub(crate) fn get(&self, key: Key, now: Time) -> Option<Login> {
        let table = self.table();
        let (_, login) = table.sessions.get(&key)?;
        (now < login.session.expires_at).then(|| login.clone())
    }

    /// Ends a session.
    pub(crate) fn end(&self, key: Key) {
        self.table().sessions.remove(&key);
        self.tell();
    }

    /// Shows a new number whenever a session may have ended.
    pub(crate) fn ended(&self) -> watch::Receiver<u64> {
        self.ended.subscribe()
    }

    fn tell(&self) {
        self.ended.send_modify(|count| *count = count.wrapping_add(1));
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    fn end_oldest(&mut self, of: impl Fn(&Login) -> bool) {
        let mine = self.sessions.iter().filter(|(_, (_, login))| of(login));
        let oldest = mine.min_by_key(|(_, (began, _))| *began).map(|(key, _)| *key);
        if let Some(key) = oldest {
            self.sessions.remove(&key);
        }
    }
}

fn secret() -> Result<String, WebError> {
    let mut bytes = [0_u8; SECRET_DIGITS / 2];
    rand::fill(&mut bytes).map_err(|_| WebError::Random)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time::from_unix_s(1_800_000_000);

    #[test]
    fn a_link_works_once() {
        let logins = logins();
        let (token, _) = logins.invite(invite("ann"), NOW).unwrap();
        let taken = logins.take(&token, NOW).unwrap();
        assert!(logins.take(&token, NOW).is_none(), "while it is being used");
        taken.spend();
        assert!(logins.take(&token, NOW).is_none(), "and afterwards");
    }

    #[test]
    fn a_late_link_does_not_work() {
        let logins = logins();
        let (token, expires_at) = logins.invite(invite("ann"), NOW).unwrap();
        assert_eq!(expires_at, NOW.plus_s(60.0));
        assert!(logins.take(&token, expires_at).is_none());
    }

    #[test]
    fn a_link_whose_use_broke_off_works_again() {
        let logins = logins();
        let (token, _) = logins.invite(invite("ann"), NOW).unwrap();
        drop(logins.take(&token, NOW).unwrap());
        assert!(logins.take(&token, NOW).is_some());
    }

    #[test]
    fn secrets_are_kept_only_as_their_hash() {
        let logins = logins();
        let (token, _) = logins.invite(invite("ann"), NOW).unwrap();
        let cookie = logins.begin(logins.session_of(&invite("ann"), NOW), NOW).unwrap();
        let inside = format!("{logins:?}");
        assert!(!inside.contains(&token));
        assert!(!inside.contains(&cookie));
    }

    #[test]
    fn a_session_ends_on_time_and_on_demand() {
        let logins = logins();
        let cookie = logins.begin(logins.session_of(&invite("ann"), NOW), NOW).unwrap();
        assert!(logins.find(&cookie, NOW.plus_s(3_599.0)).is_some());
        assert!(logins.find(&cookie, NOW.plus_s(3_600.0)).is_none());
        let mut ended = logins.ended();
        ended.mark_unchanged();
        let key = logins.find(&cookie, NOW).unwrap().key;
        logins.end(key);
        assert!(ended.has_changed().unwrap());
        assert!(logins.find(&cookie, NOW).is_none());
    }

    #[test]
    fn links_and_sessions_are_bounded_and_the_oldest_goes() {
        let logins = logins();
        let (first, _) = logins.invite(invite("ann"), NOW).unwrap();
        for _ in 0..LINKS_MAX {
            logins.invite(invite("bob"), NOW.plus_s(1.0)).unwrap();
        }
        assert!(logins.take(&first, NOW).is_none());
        let begin = |name, at| logins.begin(logins.session_of(&invite(name), at), at).unwrap();
        let oldest = begin("ann", NOW);
        let other = begin("bob", NOW);
        for second in 1..=SESSIONS_PER_PERSON_MAX {
            begin("ann", NOW.plus_s(f64::from(u32::try_from(second).unwrap())));
        }
        assert!(logins.find(&oldest, NOW).is_none());
        assert!(logins.find(&other, NOW).is_some(), "another person's stays");
    }

    #[test]
    fn all_sessions_of_a_person_share_one_budget() {
        let logins = logins();
        let first = logins.session_of(&invite("ann"), NOW);
        logins.begin(first.clone(), NOW).unwrap();
        let second = logins.session_of(&invite("ann"), NOW);
        assert!(Arc::ptr_eq(&first.budget, &second.budget));
    }

    #[test]
    fn one_address_that_guesses_does_not_lock_out_another() {
        let logins = logins();
        let guesser = IpAddr::from([192, 0, 2, 1]);
        let tries = (0..100).filter(|_| logins.may_try(guesser, NOW)).count();
        assert_eq!(tries, 60);
        assert!(logins.may_try(IpAddr::from([192, 0, 2, 2]), NOW));
    }

    fn logins() -> Logins {
        Logins::new(3_600.0, 60.0)
    }

    fn invite(name: &str) -> Invite {
        let person = PersonId::new(name).unwrap();
        Invite { person, roles: vec![Role::WatchOfficer], clearance: Label::lowest() }
    }
}

//! The `people` door: sign-in, the page, the API and the live stream.
//!
//! ```text
//! accept -> TLS 1.3 -> guard (host, session, anti-forgery) -> api | live | page
//! ```
//!
//! Every request proves its session anew and gets a `Verified` from the gate; nothing
//! that was recorded leaves but through `Gate::release`. What a person does becomes an
//! `Act` that is durable before it takes effect. JSON shapes live here and nowhere else.

mod accept;
mod api;
mod guard;
mod limit;
mod live;
mod login;
mod page;
mod past;
mod problem;
mod reports;
mod shape;
mod stall;
mod symbol;
mod tls;

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use picket_gate::{Gate, Role};
use picket_history::History;
use picket_link::{Bus, Clock, Inbox};
use picket_model::{Label, PersonId, Time};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, mpsc, watch};

use crate::limit::Places;
use crate::login::Logins;
use crate::reports::Reports;

/// What the door is told.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where it listens with TLS; port 0 picks a free one.
    pub people: SocketAddr,
    /// Where it also listens without TLS: only an exercise on this machine, only loopback.
    pub localhost_http: Option<SocketAddr>,
    /// The name by which people reach it; links are printed with it.
    pub host: String,
    /// The site's name.
    pub site: String,
    /// What stands at the head of every screen.
    pub marking: String,
    /// Whether the picture is real.
    pub mode: Mode,
    /// Where the map opens.
    pub home: Home,
    /// How long a session lasts, seconds.
    pub session_s: f64,
    /// How long a one-time link works, seconds.
    pub link_s: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            people: SocketAddr::from(([127, 0, 0, 1], 8446)),
            localhost_http: None,
            host: "localhost".to_owned(),
            site: "picket".to_owned(),
            marking: "UNCLASSIFIED".to_owned(),
            mode: Mode::Live,
            home: Home { lat_deg: 0.0, lon_deg: 0.0, zoom: 1.0 },
            session_s: 8.0 * 3_600.0,
            link_s: 3_600.0,
        }
    }
}

/// Whether the picture is real.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// It is.
    Live,
    /// It is made up, in whole or in part.
    Exercise,
}

impl Mode {
    /// The mode on the outside.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "LIVE",
            Self::Exercise => "EXERCISE",
        }
    }
}

/// Where the map opens.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Home {
    /// Latitude, degrees.
    pub lat_deg: f64,
    /// Longitude, degrees.
    pub lon_deg: f64,
    /// Zoom level of the web map, 0 the whole world.
    pub zoom: f64,
}

/// The node around the door.
#[derive(Debug, Clone)]
pub struct Parts {
    /// The one way in and out.
    pub gate: Arc<Gate>,
    /// The way to the core.
    pub inbox: Inbox,
    /// Durable entries and the newest view.
    pub bus: Bus,
    /// The node's clock.
    pub clock: Clock,
    /// What was where and when; `None` where it is switched off.
    pub history: Option<History>,
    /// Whether every door of the node is open; what `/api/v1/ready` answers by.
    pub ready: watch::Receiver<bool>,
}

/// Why the door cannot open. The environment or the settings are at fault.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WebError {
    /// Another program listens there.
    #[error(
        "cannot open the people door on {at}: another program uses this port; stop it or set [doors] people to another address (port 0 picks a free one)"
    )]
    InUse {
        /// The address.
        at: SocketAddr,
    },
    /// The system does not let this program listen there.
    #[error(
        "cannot open the people door on {at}: not permitted; choose a port above 1023 in [doors] people, or grant the program the right to bind it"
    )]
    NotPermitted {
        /// The address.
        at: SocketAddr,
    },
    /// The system refused for another reason.
    #[error("cannot open the people door on {at}: {why}; check the address in [doors] people")]
    Bind {
        /// The address.
        at: SocketAddr,
        /// What the system said.
        why: io::Error,
    },
    /// A door without TLS was asked for beyond this machine.
    #[error(
        "cannot open the page without TLS on {at}: only a loopback address such as 127.0.0.1 may be used without TLS"
    )]
    NotLoopback {
        /// The address.
        at: SocketAddr,
    },
    /// The host name serves in no certificate.
    #[error("cannot make a certificate for host {host:?}: {why}; set [node] host to a plain name")]
    Host {
        /// The name.
        host: String,
        /// What the maker of certificates said.
        why: String,
    },
    /// The TLS library refused what it was given.
    #[error("cannot set up TLS: {0}")]
    Tls(#[from] rustls::Error),
    /// The system gave no random numbers.
    #[error("cannot draw random numbers: the system gives none")]
    Random,
}

/// What all requests share.
pub(crate) struct Shared {
    pub(crate) settings: Settings,
    pub(crate) parts: Parts,
    pub(crate) logins: Logins,
    pub(crate) reports: Arc<Reports>,
    pub(crate) symbols: Vec<String>,
    pub(crate) people: SocketAddr,
    pub(crate) localhost_http: Option<SocketAddr>,
    pub(crate) lives: Arc<Places<PersonId>>,
    pub(crate) replays: Arc<Places<PersonId>>,
    pub(crate) reading: Arc<Semaphore>,
    pub(crate) jobs: mpsc::Sender<Job>,
}

/// An upgraded stream: runs until it, its session or the door ends.
pub(crate) type Job =
    Box<dyn FnOnce(Arc<Shared>, watch::Receiver<bool>) -> Running + Send + 'static>;
/// A stream that runs.
pub(crate) type Running = Pin<Box<dyn Future<Output = ()> + Send>>;
/// Upgraded streams that wait to be run.
const JOBS_MAX: usize = 16;

impl Shared {
    pub(crate) fn now(&self) -> Time {
        self.parts.clock.now()
    }
}

/// The `people` door, open: peers that connect wait until [`Door::serve`] runs.
pub struct Door {
    shared: Arc<Shared>,
    tls: Arc<rustls::ServerConfig>,
    fingerprint: String,
    people: TcpListener,
    localhost_http: Option<TcpListener>,
    jobs: mpsc::Receiver<Job>,
}

impl std::fmt::Debug for Door {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Door").field("people", &self.shared.people).finish_non_exhaustive()
    }
}

impl Door {
    /// Binds the addresses and makes the certificate.
    ///
    /// # Errors
    /// [`WebError`] that names the address and what to do.
    #[expect(clippy::unused_async, reason = "a listener belongs to the runtime it is made in")]
    pub async fn open(settings: Settings, parts: Parts) -> Result<Self, WebError> {
        if let Some(at) = settings.localhost_http
            && !at.ip().is_loopback()
        {
            return Err(WebError::NotLoopback { at });
        }
        let (certificate, tls) = tls::make(&settings.host)?;
        let (people, people_at) = accept::bind(settings.people)?;
        let plain = settings.localhost_http.map(accept::bind).transpose()?;
        let (plain, plain_at) = plain.unzip();
        let (jobs, waiting) = mpsc::channel(JOBS_MAX);
        let shared = Shared {
            logins: Logins::new(settings.session_s, settings.link_s),
            reports: Arc::default(),
            symbols: symbol::table(),
            people: people_at,
            localhost_http: plain_at,
            lives: Places::new(live::LIVE_MAX, live::LIVE_PER_PERSON_MAX),
            replays: Places::new(live::REPLAYS_MAX, live::REPLAYS_PER_PERSON_MAX),
            reading: Arc::new(Semaphore::new(past::READS_MAX)),
            jobs,
            settings,
            parts,
        };
        Ok(Self {
            shared: Arc::new(shared),
            tls: Arc::new(tls),
            fingerprint: certificate,
            people,
            localhost_http: plain,
            jobs: waiting,
        })
    }

    /// The address bound for TLS.
    #[must_use]
    pub fn people(&self) -> SocketAddr {
        self.shared.people
    }

    /// The address bound without TLS, if one was asked for.
    #[must_use]
    pub fn localhost_http(&self) -> Option<SocketAddr> {
        self.shared.localhost_http
    }

    /// SHA-256 of the certificate, as `AB:CD:..`, for people to compare.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Makes one-time sign-in links, now and while the door serves.
    #[must_use]
    pub fn links(&self) -> Links {
        Links { shared: Arc::clone(&self.shared) }
    }

    /// Makes a one-time sign-in link.
    ///
    /// # Errors
    /// [`WebError::Random`].
    pub fn sign_in_link(
        &self,
        person: PersonId,
        roles: Vec<Role>,
        clearance: Label,
    ) -> Result<SignInLink, WebError> {
        self.links().sign_in_link(person, roles, clearance)
    }

    /// Serves until `stop` shows true or its sender is gone, then lets what is under way end
    /// for at most two seconds.
    pub async fn serve(self, stop: watch::Receiver<bool>) {
        accept::serve(self, stop).await;
    }
}

/// Makes one-time sign-in links.
#[derive(Clone)]
pub struct Links {
    shared: Arc<Shared>,
}

impl std::fmt::Debug for Links {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Links").finish_non_exhaustive()
    }
}

/// A one-time sign-in link. Whoever opens it first is signed in: do not log it.
#[derive(Clone, PartialEq, Eq)]
pub struct SignInLink {
    /// With TLS.
    pub url: String,
    /// Without TLS on this machine, if that door is open. The same token: either works, once.
    pub localhost_url: Option<String>,
    /// When it stops working.
    pub expires_at: Time,
}

impl std::fmt::Debug for SignInLink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignInLink").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

impl Links {
    /// Makes a one-time sign-in link.
    ///
    /// # Errors
    /// [`WebError::Random`].
    pub fn sign_in_link(
        &self,
        person: PersonId,
        roles: Vec<Role>,
        clearance: Label,
    ) -> Result<SignInLink, WebError> {
        let shared = &self.shared;
        let invite = login::Invite { person, roles, clearance };
        let (token, expires_at) = shared.logins.invite(invite, shared.now())?;
        let port = shared.people.port();
        let url = format!("https://{}:{port}/enrol#{token}", shared.settings.host);
        let localhost_url =
            shared.localhost_http.map(|at| format!("http://localhost:{}/enrol#{token}", at.port()));
        Ok(SignInLink { url, localhost_url, expires_at })
    }
}

//! The guard: what every request must show before anything looks at it.
//!
//! The host it was sent to (so that no foreign name leads here), then its session, then, if
//! it changes anything, where it comes from and the session's anti-forgery value.

use std::net::IpAddr;
use std::sync::Arc;

use aws_lc_rs::constant_time;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use picket_gate::{Peer, Verified};

use crate::Shared;
use crate::login::Login;
use crate::problem::Problem;

/// The session's cookie.
pub(crate) const COOKIE: &str = "picket_session";
/// The header that carries the anti-forgery value.
const CSRF: &str = "x-picket-csrf";
/// What the page needs, and nothing more.
const CSP: &str = "default-src 'self'; script-src 'self'; worker-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// API paths that answer without a session.
const OPEN: [&str; 3] = ["/api/v1/enrol/redeem", "/api/v1/health", "/api/v1/ready"];

/// How a request came.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Via {
    /// With TLS.
    pub(crate) secure: bool,
    /// From where.
    pub(crate) peer: IpAddr,
}

impl Via {
    const fn scheme(self) -> &'static str {
        if self.secure { "https" } else { "http" }
    }
}

/// Who asks: a session that stands at this moment, and what the gate made of it.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) login: Login,
    pub(crate) by: Verified,
}

/// Scheme and authority by which the page was reached.
#[derive(Debug, Clone)]
pub(crate) struct Origin(pub(crate) String);

/// Checks a request and dresses its answer.
pub(crate) async fn watch(
    State(shared): State<Arc<Shared>>,
    mut request: Request,
    next: Next,
) -> Response {
    let Some(via) = request.extensions().get::<Via>().copied() else {
        return Problem::unavailable("The request came by no known way.").into_response();
    };
    let api = request.uri().path().starts_with("/api/");
    let mut response = match admit(&shared, via, &mut request) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    };
    dress(response.headers_mut(), &shared, via, api);
    response
}

fn admit(shared: &Shared, via: Via, request: &mut Request) -> Result<(), Problem> {
    let origin = origin(shared, via, request)?;
    let headers = request.headers();
    let path = request.uri().path();
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if (changes || path == "/api/v1/live" || path == "/api/v1/replay") && !is_own(headers, &origin)
    {
        return Err(Problem::forged("The request comes from another site."));
    }
    let caller = match path.starts_with("/api/") && !OPEN.contains(&path) {
        false => None,
        true => Some(caller(shared, headers)?),
    };
    if let Some(caller) = &caller
        && changes
    {
        let shown = headers.get(CSRF).map_or(&[][..], HeaderValue::as_bytes);
        let right = caller.login.csrf.as_bytes();
        if constant_time::verify_slices_are_equal(shown, right).is_err() {
            let detail = "The request does not carry this session's anti-forgery value.";
            return Err(Problem::forged(detail));
        }
    }
    let extensions = request.extensions_mut();
    extensions.insert(origin);
    if let Some(caller) = caller {
        extensions.insert(caller);
    }
    Ok(())
}

/// Who asks, by the cookie; asked of the gate for each request.
fn caller(shared: &Shared, headers: &HeaderMap) -> Result<Caller, Problem> {
    let now = shared.now();
    let cookie = cookie(headers).ok_or_else(Problem::signed_out)?;
    let login = shared.logins.find(cookie, now).ok_or_else(Problem::signed_out)?;
    let by = shared.parts.gate.verify(&Peer::Session(&login.session), now)?;
    Ok(Caller { login, by })
}

fn cookie(headers: &HeaderMap) -> Option<&str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.split_once('='));
    pairs
        .map(|(name, value)| (name.trim(), value.trim()))
        .find(|(name, _)| *name == COOKIE)
        .map(|(_, value)| value)
}

/// The origin by which this door was reached: a bare address, this machine's or the node's own
/// name. Any other name could be a stranger's that was made to lead here.
fn origin(shared: &Shared, via: Via, request: &Request) -> Result<Origin, Problem> {
    let from_header = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let authority = request.uri().authority().map(|authority| authority.as_str()).or(from_header);
    let authority = authority.ok_or_else(|| Problem::bad("The request names no host."))?;
    let name = host_of(authority);
    let own = name.eq_ignore_ascii_case(&shared.settings.host)
        || name.eq_ignore_ascii_case("localhost")
        || name.trim_matches(['[', ']']).parse::<IpAddr>().is_ok();
    if !own {
        let detail =
            format!("This door is not reached by that name; use {}.", shared.settings.host);
        return Err(Problem::new(StatusCode::MISDIRECTED_REQUEST, "Wrong host", detail));
    }
    Ok(Origin(format!("{}://{}", via.scheme(), authority.to_ascii_lowercase())))
}

fn host_of(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        Some(_) | None => authority,
    }
}

/// Whether a request is from this very origin. Browsers always say; who is no browser has no
/// cookie that a stranger's page could borrow.
fn is_own(headers: &HeaderMap, origin: &Origin) -> bool {
    let mut said = headers.get_all(header::ORIGIN).iter();
    said.all(|said| said.as_bytes().eq_ignore_ascii_case(origin.0.as_bytes()))
}

fn dress(headers: &mut HeaderMap, shared: &Shared, via: Via, api: bool) {
    let mut set = |name: HeaderName, value: &'static str| {
        headers.insert(name, HeaderValue::from_static(value));
    };
    set(header::CONTENT_SECURITY_POLICY, CSP);
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::REFERRER_POLICY, "no-referrer");
    set(header::X_FRAME_OPTIONS, "DENY");
    set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    // Where the page is also offered without TLS, a browser that obeyed would lock it out.
    if via.secure && shared.localhost_http.is_none() {
        set(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    if api {
        set(header::CACHE_CONTROL, "no-store");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_its_cookie_among_others() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("a=b; xpicket_session=no"));
        assert_eq!(cookie(&headers), None);
        headers.append(header::COOKIE, HeaderValue::from_static("c=d;picket_session=yes"));
        assert_eq!(cookie(&headers), Some("yes"));
    }

    #[test]
    fn takes_the_port_off_a_host() {
        for (authority, host) in [
            ("localhost:8446", "localhost"),
            ("[::1]:8446", "[::1]"),
            ("[::1]", "[::1]"),
            ("a.b", "a.b"),
        ] {
            assert_eq!(host_of(authority), host);
        }
    }

    #[test]
    fn an_origin_must_be_the_very_same() {
        let origin = Origin("https://localhost:8446".to_owned());
        for (said, own) in [
            ("https://localhost:8446", true),
            ("https://LOCALHOST:8446", true),
            ("http://localhost:8446", false),
            ("https://localhost", false),
            ("https://localhost:8446.example.org", false),
            ("null", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ORIGIN, HeaderValue::from_static(said));
            assert_eq!(is_own(&headers, &origin), own, "{said}");
        }
    }
}

//! The page's files, built into the program.

use axum::body::{Body, Bytes};
use axum::http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, header,
};
use axum::response::IntoResponse;

use crate::problem::Problem;

/// One file of the page.
struct File {
    path: &'static str,
    kind: &'static str,
    etag: &'static str,
    bytes: &'static [u8],
}

mod table {
    use super::File;
    include!(concat!(env!("OUT_DIR"), "/page.rs"));
}

/// The file that opens every view of the page.
const INDEX: &str = "/index.html";

/// Answers with a file, or with the page itself for the address of a view.
pub(crate) async fn serve(request: Request<Body>) -> Response<Body> {
    let (head, _) = request.into_parts();
    if head.uri.path().starts_with("/api/") {
        return Problem::absent("part of the API").into_response();
    }
    if !matches!(head.method, Method::GET | Method::HEAD) {
        let detail = "The page can only be read.";
        return Problem::new(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed", detail)
            .into_response();
    }
    match find(head.uri.path()) {
        Some(file) => answer(file, &head.headers, head.method == Method::HEAD),
        None => Problem::absent("file").into_response(),
    }
}

/// A path without a dot in its last part is a view of the page.
fn find(path: &str) -> Option<&'static File> {
    let is_view = !path.rsplit('/').next().is_some_and(|last| last.contains('.'));
    let path = if is_view { INDEX } else { path };
    let at = table::FILES.binary_search_by(|file| file.path.cmp(path)).ok()?;
    table::FILES.get(at)
}

fn answer(file: &'static File, asked: &HeaderMap, head_only: bool) -> Response<Body> {
    let bytes = Bytes::from_static(file.bytes);
    let mut response = Response::new(Body::empty());
    let mut set = |name: HeaderName, value: HeaderValue| response.headers_mut().insert(name, value);
    set(header::CONTENT_TYPE, HeaderValue::from_static(file.kind));
    set(header::ETAG, HeaderValue::from_static(file.etag));
    set(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    set(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if is_known(asked, file.etag) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return response;
    }
    let body = match range(asked, file.etag, bytes.len()) {
        Range::Whole => bytes,
        Range::Part { first, last } => {
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
            set_text(
                &mut response,
                header::CONTENT_RANGE,
                &format!("bytes {first}-{last}/{}", bytes.len()),
            );
            bytes.slice(first..=last)
        }
        Range::Beyond => {
            *response.status_mut() = StatusCode::RANGE_NOT_SATISFIABLE;
            set_text(&mut response, header::CONTENT_RANGE, &format!("bytes */{}", bytes.len()));
            Bytes::new()
        }
    };
    set_text(&mut response, header::CONTENT_LENGTH, &body.len().to_string());
    if !head_only {
        *response.body_mut() = Body::from(body);
    }
    response
}

fn set_text(response: &mut Response<Body>, name: HeaderName, text: &str) {
    if let Ok(value) = HeaderValue::from_str(text) {
        response.headers_mut().insert(name, value);
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn is_known(asked: &HeaderMap, etag: &str) -> bool {
    let known = text(asked, &header::IF_NONE_MATCH).unwrap_or_default();
    known
        .split(',')
        .map(|each| each.trim().trim_start_matches("W/"))
        .any(|each| each == "*" || each == etag)
}

/// What of a file is asked for.
#[derive(Debug, PartialEq, Eq)]
enum Range {
    Whole,
    /// Both ends belong to it.
    Part {
        first: usize,
        last: usize,
    },
    Beyond,
}

/// Reads one range of bytes. Several at once, or what is none, is answered with the whole.
///
/// `Standard:` RFC 9110 §14.1.2, §14.2.
fn range(asked: &HeaderMap, etag: &str, length: usize) -> Range {
    let Some(range) = text(asked, &header::RANGE).and_then(|range| range.strip_prefix("bytes="))
    else {
        return Range::Whole;
    };
    if text(asked, &header::IF_RANGE).is_some_and(|known| known != etag) {
        return Range::Whole;
    }
    let Some((first, last)) = range.trim().split_once('-') else { return Range::Whole };
    let end = length.saturating_sub(1);
    let (first, last) = match (first.parse::<usize>(), last.parse::<usize>()) {
        (Ok(first), Ok(last)) if first <= last => (first, last.min(end)),
        (Ok(first), Err(_)) if last.is_empty() => (first, end),
        (Err(_), Ok(count)) if first.is_empty() && count > 0 => (length.saturating_sub(count), end),
        (Err(_), Ok(_)) if first.is_empty() => return Range::Beyond,
        (Ok(_) | Err(_), Ok(_) | Err(_)) => return Range::Whole,
    };
    if first >= length { Range::Beyond } else { Range::Part { first, last } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_ranges_of_rfc_9110() {
        // RFC 9110 §14.1.2, with its file of 10,000 bytes.
        for (asked, expected) in [
            ("bytes=0-499", Range::Part { first: 0, last: 499 }),
            ("bytes=500-999", Range::Part { first: 500, last: 999 }),
            ("bytes=-500", Range::Part { first: 9_500, last: 9_999 }),
            ("bytes=9500-", Range::Part { first: 9_500, last: 9_999 }),
            ("bytes=0-0,-1", Range::Whole),
            ("bytes=9999-20000", Range::Part { first: 9_999, last: 9_999 }),
            ("bytes=-20000", Range::Part { first: 0, last: 9_999 }),
            ("bytes=10000-", Range::Beyond),
            ("bytes=-0", Range::Beyond),
            ("bytes=5-4", Range::Whole),
            ("bytes=a-b", Range::Whole),
            ("lines=1-2", Range::Whole),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::RANGE, HeaderValue::from_static(asked));
            assert_eq!(range(&headers, "\"x\"", 10_000), expected, "{asked}");
        }
    }

    #[test]
    fn a_range_of_an_older_file_is_answered_with_the_whole() {
        let mut headers = HeaderMap::new();
        headers.insert(header::RANGE, HeaderValue::from_static("bytes=0-1"));
        headers.insert(header::IF_RANGE, HeaderValue::from_static("\"old\""));
        assert_eq!(range(&headers, "\"new\"", 10), Range::Whole);
        assert_eq!(range(&headers, "\"old\"", 10), Range::Part { first: 0, last: 1 });
    }

    #[test]
    fn an_address_of_a_view_opens_the_page() {
        for path in ["/", "/enrol", "/alerts/3f", "/index.html"] {
            assert_eq!(find(path).map(|file| file.path), Some("/index.html"), "{path}");
        }
        assert!(find("/assets/none.js").is_none());
        assert!(find("/../Cargo.toml").is_none());
        assert!(find("/world.pmtiles").is_some());
    }

    #[test]
    fn the_table_is_in_order_so_that_each_file_is_found() {
        for file in table::FILES {
            assert_eq!(find(file.path).map(|found| found.path), Some(file.path));
        }
    }
}

//! `picket why`: the tree of causes of an alert or a record, down to the frames.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use clap::ArgMatches;
use picket_log::{FileStore, Reader, Scanned};
use picket_model::{Body, Entry, RecordId, Seq};
use serde_json::{Value, json};

use crate::decode::text;
use crate::exit::{Failure, Outcome};
use crate::inspect::open;
use crate::run::print;

/// Fewest digits of an id that are taken; fewer would fit too many.
const DIGITS_MIN: usize = 8;
/// Deepest cause shown; causes lie before what they cause, so a tree of alerts stays shallow.
const DEPTH_MAX: usize = 16;
/// Most records shown.
const RECORDS_MAX: usize = 2_000;

pub(crate) fn why(args: &ArgMatches) -> Outcome {
    let reader = open(args)?;
    let id = text(args, "id").to_ascii_lowercase();
    if id.len() < DIGITS_MIN || !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(Failure::usage(format!(
            "{id:?} is no id: give {DIGITS_MIN} hexadecimal digits or more"
        )));
    }
    let Some(root) = find(&reader, &id)? else {
        return Err(Failure::Finding(format!(
            "no alert or record has an id that begins with {id}"
        )));
    };
    let places = places_of_causes(&reader, &root)?;
    let root = root.seq;
    let mut tree = Tree { reader: &reader, places: &places, shown: BTreeSet::new() };
    if args.get_flag("json") {
        let value = tree.json(root, 0)?;
        return print(&format!("{value:#}\n"));
    }
    let mut out = String::new();
    tree.lines(root, 0, &mut out)?;
    print(&out)
}

/// The newest word of the alert, or the record, whose id begins so.
fn find(reader: &Reader<FileStore>, id: &str) -> Result<Option<Box<Entry>>, Failure> {
    let mut found = None;
    let scan = reader.scan(Seq(0), &mut |scanned| {
        if let Scanned::Entry(entry) = scanned
            && (alert_id(&entry).is_some_and(|alert| alert.starts_with(id))
                || entry.id.to_string().starts_with(id))
        {
            found = Some(entry);
        }
        ControlFlow::Continue(())
    });
    scan.map_err(Failure::environment)?;
    Ok(found)
}

fn alert_id(entry: &Entry) -> Option<String> {
    match &entry.record.body {
        Body::Alert(alert) => Some(alert.id.to_string()),
        Body::Observation(_)
        | Body::Status(_)
        | Body::Act(_)
        | Body::Refusal(_)
        | Body::Tick
        | Body::Site(_) => None,
    }
}

/// Where the causes of an entry stand, and theirs: one pass over the log for each depth, so that
/// memory grows with the tree and not with the log.
fn places_of_causes(
    reader: &Reader<FileStore>,
    root: &Entry,
) -> Result<BTreeMap<RecordId, Seq>, Failure> {
    let mut places = BTreeMap::new();
    let mut wanted: BTreeSet<RecordId> = root.record.cites.iter().copied().collect();
    for _ in 0..DEPTH_MAX {
        if wanted.is_empty() || places.len() >= RECORDS_MAX {
            break;
        }
        let mut next = BTreeSet::new();
        let scan = reader.scan(Seq(0), &mut |scanned| {
            let Scanned::Entry(entry) = scanned else { return ControlFlow::Continue(()) };
            if wanted.remove(&entry.id) {
                places.insert(entry.id, entry.seq);
                next.extend(entry.record.cites.iter().copied());
            }
            if wanted.is_empty() || entry.seq >= root.seq {
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        });
        scan.map_err(Failure::environment)?;
        next.retain(|id| !places.contains_key(id));
        wanted = next;
    }
    Ok(places)
}

struct Tree<'a> {
    reader: &'a Reader<FileStore>,
    places: &'a BTreeMap<RecordId, Seq>,
    shown: BTreeSet<Seq>,
}

impl Tree<'_> {
    fn lines(&mut self, seq: Seq, depth: usize, out: &mut String) -> Outcome {
        let indent = "  ".repeat(depth);
        if !self.shown.insert(seq) {
            out.push_str(&format!("{indent}{seq}  (shown above)\n"));
            return Ok(());
        }
        let Some(entry) = self.read(seq)? else {
            out.push_str(&format!("{indent}{seq}  (erased)\n"));
            return Ok(());
        };
        let record = &entry.record;
        out.push_str(&format!(
            "{indent}{seq}  {}  {}  {}  {}\n",
            record.body.kind(),
            record.occurred_at,
            record.author,
            said(&entry)
        ));
        match &record.body {
            Body::Alert(alert) => {
                for reason in &alert.why {
                    out.push_str(&format!(
                        "{indent}  because {}: {} (against {})\n",
                        reason.text, reason.value, reason.threshold
                    ));
                }
            }
            Body::Observation(seen) => {
                let frame = String::from_utf8_lossy(&seen.frame.bytes);
                out.push_str(&format!("{indent}  frame ({}) ", seen.frame.format));
                out.push_str(&frame.escape_debug().to_string());
                out.push('\n');
            }
            Body::Status(_) | Body::Act(_) | Body::Refusal(_) | Body::Tick | Body::Site(_) => {}
        }
        for cause in &record.cites {
            match self.places.get(cause) {
                Some(&place) if depth < DEPTH_MAX && self.shown.len() < RECORDS_MAX => {
                    self.lines(place, depth + 1, out)?;
                }
                Some(place) => out.push_str(&format!("{indent}  {place}  (not shown)\n")),
                None => out.push_str(&format!("{indent}  {cause}  (erased)\n")),
            }
        }
        Ok(())
    }

    fn json(&mut self, seq: Seq, depth: usize) -> Result<Value, Failure> {
        self.shown.insert(seq);
        let Some(entry) = self.read(seq)? else {
            return Ok(json!({ "seq": seq.0, "erased": true }));
        };
        let record = &entry.record;
        let mut causes = Vec::with_capacity(record.cites.len());
        for cause in &record.cites {
            causes.push(match self.places.get(cause) {
                Some(&place) if depth < DEPTH_MAX && self.shown.len() < RECORDS_MAX => {
                    self.json(place, depth + 1)?
                }
                Some(place) => json!({ "seq": place.0, "id": cause.to_string() }),
                None => json!({ "id": cause.to_string(), "erased": true }),
            });
        }
        let mut node = json!({
            "seq": seq.0,
            "id": entry.id.to_string(),
            "kind": record.body.kind(),
            "author": record.author.to_string(),
            "auth": record.auth.as_str(),
            "occurred_at": record.occurred_at.to_string(),
            "received_at": record.received_at.to_string(),
            "said": said(&entry),
        });
        let more = match &record.body {
            Body::Alert(alert) => {
                let because = alert.why.iter().map(|reason| {
                    json!({ "text": &*reason.text, "value": &*reason.value, "threshold": &*reason.threshold })
                });
                Some(("because", Value::Array(because.collect())))
            }
            Body::Observation(seen) => {
                let frame = String::from_utf8_lossy(&seen.frame.bytes).into_owned();
                Some(("frame", json!({ "format": &*seen.frame.format, "text": frame })))
            }
            Body::Status(_) | Body::Act(_) | Body::Refusal(_) | Body::Tick | Body::Site(_) => None,
        };
        if let Some(object) = node.as_object_mut() {
            object.extend(more.map(|(key, value)| (key.to_owned(), value)));
            object.insert("causes".to_owned(), Value::Array(causes));
        }
        Ok(node)
    }

    fn read(&self, seq: Seq) -> Result<Option<Entry>, Failure> {
        match self.reader.read(seq) {
            Ok(entry) => Ok(entry),
            Err(picket_log::LogError::Unreadable { .. }) => Ok(None),
            Err(error) => Err(Failure::environment(error)),
        }
    }
}

/// What a record says, in a line.
fn said(entry: &Entry) -> String {
    let subject = entry.record.subject.as_ref().map(ToString::to_string).unwrap_or_default();
    match &entry.record.body {
        Body::Alert(alert) => format!("{}: {} ({})", alert.detector, alert.why_text, alert.id),
        Body::Observation(seen) => {
            let place = seen.position.map_or_else(String::new, |at| {
                format!(" at {:.5}, {:.5}", at.lat.degrees(), at.lon.degrees())
            });
            format!("{subject}{place}")
        }
        Body::Act(act) => format!("{} {subject}", act.verb()),
        Body::Status(status) => format!("{status:?}"),
        Body::Refusal(sum) => format!("{} refused by {}", sum.count, sum.rule),
        Body::Tick => String::new(),
        Body::Site(site) => {
            format!("{}: {} areas, {} lines", site.name, site.areas.len(), site.lines.len())
        }
    }
}

//! `picket decode`: bytes in, one JSON object a message on stdout, rejects on stderr.

use std::collections::BTreeMap;
use std::io::{self, BufWriter, Read, Write};
use std::path::Path;

use clap::ArgMatches;
use picket_codec::{Decoded, Settings};
use picket_model::{Position, Time};

use crate::exit::{Failure, Outcome};

/// What is read from the file at once; the decoder is fed `--chunk` bytes of it at a time.
const READ_BYTES: usize = 1024 * 1024;

pub(crate) fn decode(args: &ArgMatches) -> Outcome {
    let name = text(args, "format");
    let format = picket_codec::format(name).ok_or_else(|| {
        let known: Vec<&str> = picket_codec::FORMATS.iter().map(|format| format.name).collect();
        Failure::usage(format!("no format is called {name:?}; formats are: {}", known.join(", ")))
    })?;
    let path = text(args, "file");
    let mut input: Box<dyn Read> = if path == "-" {
        Box::new(io::stdin().lock())
    } else {
        let file = std::fs::File::open(Path::new(path));
        Box::new(file.map_err(|error| Failure::usage(format!("cannot read {path}: {error}")))?)
    };
    let chunk = args.get_one::<u32>("chunk").and_then(|chunk| usize::try_from(*chunk).ok());
    let stats = args.get_flag("stats");
    let mut sink = Sink::new(!stats);
    let received_at = args.get_one::<Time>("received-at").copied().unwrap_or(UNKNOWN);
    let mut decoder = (format.decoder)(&settings(args)?);
    let mut decoded = Decoded::default();
    let mut buffer = vec![0; READ_BYTES];
    loop {
        let length = input
            .read(&mut buffer)
            .map_err(|error| Failure::usage(format!("cannot read {path}: {error}")))?;
        if length == 0 {
            break;
        }
        let bytes = buffer.get(..length).unwrap_or_default();
        for part in bytes.chunks(chunk.unwrap_or(READ_BYTES).max(1)) {
            decoder.feed(part, received_at, &mut decoded);
            sink.take(&mut decoded)?;
        }
    }
    decoder.end(received_at, &mut decoded);
    sink.take(&mut decoded)?;
    sink.finish(stats)?;
    if args.get_flag("strict") && sink.rejects > 0 {
        return Err(Failure::Finding(format!("{} frames were rejected", sink.rejects)));
    }
    Ok(())
}

/// A recording has no receive time of ours unless it is given; the decoders are told the
/// beginning of time, and complete no date from it.
const UNKNOWN: Time = Time::from_unix_s(0);

/// What the command line says of the source.
fn settings(args: &ArgMatches) -> Result<Settings, Failure> {
    let editions = args.get_many::<(String, String)>("edition").into_iter().flatten();
    let editions: BTreeMap<String, String> = editions.cloned().collect();
    picket_codec::asterix::table::check(&editions).map_err(Failure::usage)?;
    Ok(Settings {
        place: args.get_one::<Position>("place").copied(),
        editions,
        checksum_required: args.get_flag("require-checksum"),
        source: None,
    })
}

struct Sink {
    lines: bool,
    out: BufWriter<io::Stdout>,
    err: BufWriter<io::Stderr>,
    kinds: BTreeMap<String, u64>,
    rejects: u64,
}

impl Sink {
    fn new(lines: bool) -> Self {
        Self {
            lines,
            out: BufWriter::with_capacity(256 * 1024, io::stdout()),
            err: BufWriter::new(io::stderr()),
            kinds: BTreeMap::new(),
            rejects: 0,
        }
    }

    fn take(&mut self, decoded: &mut Decoded) -> Outcome {
        for (offset, message) in decoded.messages.drain(..) {
            if self.lines {
                let line = serde_json::Value::Object(message.json(offset));
                writeln!(self.out, "{line}").map_err(closed)?;
            } else {
                *self.kinds.entry(message.kind()).or_default() += 1;
            }
        }
        for (offset, error) in decoded.rejects.drain(..) {
            self.rejects += 1;
            let reason = error.to_string();
            let line = serde_json::json!({ "offset": offset, "reason": reason });
            writeln!(self.err, "{line}").map_err(closed)?;
        }
        Ok(())
    }

    fn finish(&mut self, stats: bool) -> Outcome {
        if stats {
            let messages: u64 = self.kinds.values().sum();
            let line = serde_json::json!({
                "messages": messages, "rejects": self.rejects, "types": self.kinds,
            });
            writeln!(self.out, "{line}").map_err(closed)?;
        }
        self.out.flush().map_err(closed)?;
        self.err.flush().map_err(closed)
    }
}

fn closed(error: io::Error) -> Failure {
    Failure::environment(format!("cannot write: {error}"))
}

pub(crate) fn text<'a>(args: &'a ArgMatches, name: &str) -> &'a str {
    args.get_one::<String>(name).map_or("", String::as_str)
}

//! Reference pages printed from the tables themselves, so that they cannot lie.

use std::io::{self, Write};

use clap::ArgMatches;

use crate::exit::{Failure, Outcome};

pub(crate) fn formats(args: &ArgMatches) -> Outcome {
    let rows = picket_codec::FORMATS.iter().map(|format| {
        let writes = if format.encoder.is_some() { "reads, writes" } else { "reads" };
        [format.name, writes, format.standard]
    });
    print(args, ["name", "direction", "standard"], rows)
}

pub(crate) fn detectors(args: &ArgMatches) -> Outcome {
    let rows = picket_detect::DETECTORS.iter().map(|row| [row.id, row.group, row.says]);
    print(args, ["id", "group", "about"], rows)
}

fn print<'a>(
    args: &ArgMatches,
    head: [&str; 3],
    rows: impl Iterator<Item = [&'a str; 3]>,
) -> Outcome {
    let rows: Vec<[&str; 3]> = rows.collect();
    let mut out = String::new();
    if args.get_flag("json") {
        let objects: Vec<serde_json::Value> = rows
            .iter()
            .map(|row| {
                head.iter()
                    .zip(row)
                    .map(|(key, cell)| ((*key).to_owned(), (*cell).into()))
                    .collect()
            })
            .map(serde_json::Value::Object)
            .collect();
        out = format!("{}\n", serde_json::Value::Array(objects));
    } else {
        for [first, second, third] in std::iter::once(&head).chain(&rows) {
            out.push_str(&format!("{first:<22} {second:<14} {third}\n"));
        }
    }
    io::stdout().write_all(out.as_bytes()).map_err(Failure::environment)
}

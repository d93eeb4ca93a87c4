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
    if args.get_flag("score") {
        return score(args);
    }
    let rows = picket_detect::DETECTORS.iter().map(|row| [row.id, row.group, row.says]);
    print(args, ["id", "group", "about"], rows)
}

/// The score of each detector, as a table or as JSON.
fn score(args: &ArgMatches) -> Outcome {
    let seed = args.get_one::<u64>("seed").copied().unwrap_or(1);
    let scores = picket_sim::score::score(seed, picket_sim::score::Episodes::default());
    let out = if args.get_flag("json") {
        let rows: Vec<serde_json::Value> = scores
            .iter()
            .map(|score| {
                serde_json::json!({
                    "detector": score.detector,
                    "positive": score.episodes.positive,
                    "negative": score.episodes.negative,
                    "pd": score.found_share(),
                    "false_per_hour": score.false_per_hour(),
                    "negative_hours": score.negative_hours,
                    "ttd_s_median": score.delay_s_median(),
                    "revised": score.late,
                    "revised_right": score.late_right,
                })
            })
            .collect();
        format!("{}\n", serde_json::Value::Array(rows))
    } else {
        picket_sim::score::table(&scores)
    };
    io::stdout().write_all(out.as_bytes()).map_err(Failure::environment)
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

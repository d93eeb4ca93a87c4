//! The command line: one table of commands, each with its help and an example.

use clap::{Arg, ArgAction, Command, value_parser};
use picket_model::{Position, Time};

/// The whole command line.
pub(crate) fn command() -> Command {
    Command::new("picket")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Watches, fuses, warns and explains: one binary for a base, a border or a coast.")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommands([
            demo(),
            run(),
            decode(),
            formats(),
            detectors(),
            verify(),
            prove(),
            why(),
            replay(),
        ])
}

fn demo() -> Command {
    Command::new("demo")
        .about("Runs a real node in a fresh folder, fed by a recording and a scripted night, and opens the page")
        .after_help("Example: picket demo --for 60s --report report.json --no-browser")
        .arg(data().help("Data folder; must be new or empty [default: a fresh temporary folder]"))
        .arg(Arg::new("for").long("for").value_name("TIME").value_parser(parse_span).help("Ends after this long, such as 60s or 5m [default: until interrupted]"))
        .arg(Arg::new("speed").long("speed").value_name("N").default_value("1").value_parser(parse_speed).help("How many times as fast as the world"))
        .arg(Arg::new("report").long("report").value_name("FILE").help("Writes a summary at the end"))
        .arg(Arg::new("no-browser").long("no-browser").action(ArgAction::SetTrue).help("Does not try to open a browser"))
        .arg(Arg::new("people").long("people").value_name("ADDRESS").default_value("127.0.0.1:8446").value_parser(value_parser!(std::net::SocketAddr)).help("Where the page is served with TLS; a port in use moves it to a free one"))
}

fn run() -> Command {
    Command::new("run")
        .about("Runs a node until SIGTERM; without a configuration: embedded defaults on loopback")
        .after_help("Example: picket run --config picket.toml --data /var/lib/picket --ready-json")
        .arg(config())
        .arg(data())
        .arg(
            Arg::new("ready-json")
                .long("ready-json")
                .action(ArgAction::SetTrue)
                .help("Prints one line of JSON once all doors are open"),
        )
        .arg(
            Arg::new("print-config")
                .long("print-config")
                .action(ArgAction::SetTrue)
                .help("Prints the effective configuration with a comment for each key, and ends"),
        )
}

fn decode() -> Command {
    Command::new("decode")
        .about("Decodes bytes: one JSON object a message on stdout, rejects with offset and reason on stderr")
        .after_help(
            "Example: picket decode ais recording.nmea --stats\n\
             Example: picket decode asterix radar.bin --place 7.9,54.1,60 --edition 048=1.31",
        )
        .arg(Arg::new("format").value_name("FORMAT").required(true).help("A name of `picket formats`"))
        .arg(Arg::new("file").value_name("FILE").default_value("-").help("The file; - is standard input"))
        .arg(Arg::new("strict").long("strict").action(ArgAction::SetTrue).help("Exit 1 if anything was rejected"))
        .arg(Arg::new("stats").long("stats").action(ArgAction::SetTrue).help("Prints counts by type instead"))
        .arg(Arg::new("chunk").long("chunk").value_name("N").default_value("65536").value_parser(value_parser!(u32).range(1..=16_777_216)).help("Feeds the decoder N bytes at a time"))
        .arg(
            Arg::new("place")
                .long("place")
                .value_name("LON,LAT[,HEIGHT]")
                .allow_hyphen_values(true)
                .value_parser(parse_place)
                .help("Where the sensor stands, degrees and metres: the origin of ranges and bearings"),
        )
        .arg(
            Arg::new("edition")
                .long("edition")
                .value_name("CATEGORY=EDITION")
                .action(ArgAction::Append)
                .value_parser(parse_edition)
                .help("The edition of a category that the source speaks; again for each category"),
        )
        .arg(
            Arg::new("require-checksum")
                .long("require-checksum")
                .action(ArgAction::SetTrue)
                .help("Refuses NMEA sentences without a checksum"),
        )
        .arg(
            Arg::new("received-at")
                .long("received-at")
                .value_name("TIME")
                .value_parser(parse_time)
                .help("When the bytes came, RFC 3339: tells the date where they tell only the hour, and sets right a date of 1,024 weeks ago [default: unknown, so that no date is completed and the output is the same every day]"),
        )
}

fn formats() -> Command {
    Command::new("formats")
        .about("Lists the formats with their standard and edition")
        .after_help("Example: picket formats --json")
        .arg(json())
}

fn detectors() -> Command {
    Command::new("detectors")
        .about("Lists the detectors: what each looks at and what it says; or plays them episodes whose truth is known")
        .after_help("Example: picket detectors --score --seed 1")
        .arg(Arg::new("score").long("score").action(ArgAction::SetTrue).help("Plays each detector 50 true and 200 near-miss episodes with noise, loss and late data, and prints what it found; under a minute"))
        .arg(Arg::new("seed").long("seed").value_name("N").default_value("1").requires("score").value_parser(value_parser!(u64)).help("Makes other episodes"))
        .arg(json())
}

fn verify() -> Command {
    Command::new("verify")
        .about("Checks a log or a proof offline and names the first bad position")
        .after_help("Example: picket verify /var/lib/picket")
        .arg(
            Arg::new("path")
                .value_name("DIR|PROOF")
                .required(true)
                .help("A data folder, or a .tlog-proof file"),
        )
        .arg(
            Arg::new("key")
                .long("key")
                .value_name("VKEY")
                .help("For a proof: the node's public key, as its data folder shows it"),
        )
        .arg(json())
}

fn prove() -> Command {
    Command::new("prove")
        .about("Writes the inclusion proof of one entry")
        .after_help("Example: picket prove 4711 --data /var/lib/picket > 4711.tlog-proof")
        .arg(
            Arg::new("seq")
                .value_name("SEQ")
                .required(true)
                .value_parser(value_parser!(u64))
                .help("The entry's place in the log"),
        )
        .arg(data())
        .arg(json())
}

fn why() -> Command {
    Command::new("why")
        .about("Prints the tree of causes of an alert or a record, down to the frames")
        .after_help("Example: picket why 3f2a91c0 --data /var/lib/picket")
        .arg(
            Arg::new("id")
                .value_name("ID")
                .required(true)
                .help("An alert's or record's id, or the first 8 digits or more of it"),
        )
        .arg(data())
        .arg(json())
}

fn replay() -> Command {
    Command::new("replay")
        .about("Folds the log again and compares the machine's words with it")
        .after_help("Example: picket replay --data /var/lib/picket --digest")
        .arg(data())
        .arg(
            Arg::new("to")
                .long("to")
                .value_name("SEQ")
                .value_parser(value_parser!(u64))
                .help("Ends after this entry"),
        )
        .arg(
            Arg::new("digest")
                .long("digest")
                .action(ArgAction::SetTrue)
                .help("Prints one hash of every view"),
        )
        .arg(json())
}

fn data() -> Arg {
    Arg::new("data")
        .long("data")
        .value_name("DIR")
        .help("Data folder [default: the platform's data folder + picket]")
}

fn config() -> Arg {
    Arg::new("config").long("config").value_name("FILE").help("Configuration file (TOML)")
}

fn json() -> Arg {
    Arg::new("json").long("json").action(ArgAction::SetTrue).help("Prints JSON")
}

/// Reads `90`, `90s`, `5m` or `2h` as seconds.
fn parse_span(text: &str) -> Result<f64, String> {
    let (digits, factor) = match text.char_indices().next_back() {
        Some((at, 's')) => (text.get(..at), 1.0),
        Some((at, 'm')) => (text.get(..at), 60.0),
        Some((at, 'h')) => (text.get(..at), 3_600.0),
        _ => (Some(text), 1.0),
    };
    match digits.unwrap_or_default().parse::<f64>() {
        Ok(count) if count.is_finite() && count > 0.0 => Ok(count * factor),
        Ok(_) | Err(_) => Err("a time looks like 90s, 5m or 2h".to_owned()),
    }
}

/// Reads `7.9,54.1` or `7.9,54.1,60`: longitude, latitude, height.
fn parse_place(text: &str) -> Result<Position, String> {
    let numbers: Result<Vec<f64>, _> = text.split(',').map(str::parse).collect();
    let expected = || "a place is LON,LAT or LON,LAT,HEIGHT, as 7.9,54.1,60".to_owned();
    let numbers = numbers.map_err(|_| expected())?;
    crate::settings::place(&numbers).map_err(|error| format!("{error}; {}", expected()))
}

/// Reads `048=1.31`.
fn parse_edition(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((category, edition)) if !category.is_empty() && !edition.is_empty() => {
            Ok((category.to_owned(), edition.to_owned()))
        }
        Some(_) | None => Err("an edition is CATEGORY=EDITION, as 048=1.31".to_owned()),
    }
}

fn parse_time(text: &str) -> Result<Time, String> {
    Time::parse_rfc3339(text).ok_or_else(|| "a time looks like 2026-11-24T12:00:00Z".to_owned())
}

fn parse_speed(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(speed) if (0.1..=100.0).contains(&speed) => Ok(speed),
        Ok(_) | Err(_) => Err("a speed is a number from 0.1 to 100".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_is_sound_and_shows_an_example() {
        let command = command();
        command.clone().debug_assert();
        for sub in command.get_subcommands() {
            let help = sub.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.starts_with("Example: picket "), "{}", sub.get_name());
        }
    }

    #[test]
    fn spans_read_as_people_write_them() {
        for (text, seconds) in [
            ("60s", Some(60.0)),
            ("5m", Some(300.0)),
            ("90", Some(90.0)),
            ("x", None),
            ("-1s", None),
            ("", None),
        ] {
            assert_eq!(parse_span(text).ok(), seconds, "{text}");
        }
    }
}

//! Picket: one binary that watches, fuses, warns and explains.
//!
//! `main` parses, hands over to one module for each command, and turns what comes back
//! into an exit code and one sentence on stderr.

mod cli;
mod decode;
mod demo;
mod exit;
mod inspect;
mod node;
mod reference;
mod run;
mod settings;
mod why;

use std::process::ExitCode;

use clap::ArgMatches;

use exit::{Failure, Outcome};

fn main() -> ExitCode {
    let matches = match cli::command().try_get_matches() {
        Ok(matches) => matches,
        Err(error) => {
            let is_help = error.exit_code() == 0;
            // If not even this can be printed there is nobody to tell.
            drop(error.print());
            return if is_help { ExitCode::SUCCESS } else { ExitCode::from(2) };
        }
    };
    match dispatch(&matches) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("picket: {failure}");
            failure.code()
        }
    }
}

fn dispatch(matches: &ArgMatches) -> Outcome {
    match matches.subcommand() {
        Some(("demo", args)) => demo::demo(args),
        Some(("run", args)) => run::run(args),
        Some(("decode", args)) => decode::decode(args),
        Some(("formats", args)) => reference::formats(args),
        Some(("detectors", args)) => reference::detectors(args),
        Some(("verify", args)) => inspect::verify(args),
        Some(("prove", args)) => inspect::prove(args),
        Some(("why", args)) => why::why(args),
        Some(("replay", args)) => inspect::replay(args),
        Some(_) | None => Err(Failure::usage("no such command; see picket --help")),
    }
}

use std::env;
use std::ffi::OsString;
use std::process::exit;

use clap::builder::{OsStr, Resettable};
use clap::{ArgMatches, Command};

use super::entries::{Entry, entries};
use super::file::{Place, named_in};
use super::settings::{Arity, Setting};
use super::source::{Source, sources, variable_faults};
use super::typed::Typed;
use crate::logging;

/// Commands that have to work with a file that is wrong: they tell of it, or of the program.
const WITHOUT_FILE: [&str; 8] = [
    "config",
    "completions",
    "man",
    "doctor",
    "--help",
    "-h",
    "--version",
    "-V",
];

/// What was typed for `command` and set, as one; ends the program when that is wrong, as clap does.
pub fn matches(command: Command) -> ArgMatches {
    let arguments: Vec<OsString> = env::args_os().collect();
    let is_free = arguments
        .iter()
        .skip(1)
        .any(|a| WITHOUT_FILE.iter().any(|w| a == w));
    let settings = Setting::all(&command);
    let entries = match entries_in_use(&arguments, &settings) {
        Ok(entries) => entries,
        Err(_) if is_free => Vec::new(),
        Err(faults) => refuse(&faults),
    };
    let typed = Typed::find(&command, &arguments);
    let sources = sources(&settings, &entries, &typed);
    let faults = variable_faults(&settings, &sources, &typed);
    if !faults.is_empty() {
        refuse(&faults);
    }
    with_sources(command, &settings, &sources).get_matches_from(arguments)
}

/// Ends the program: what is set is wrong usage, as what is typed may be.
fn refuse(faults: &[String]) -> ! {
    for fault in faults {
        logging::error(fault);
    }
    exit(2)
}

/// The entries of the file in use; none where there is no file.
fn entries_in_use(arguments: &[OsString], settings: &[Setting]) -> Result<Vec<Entry>, Vec<String>> {
    match Place::find(named_in(arguments)) {
        None => Ok(Vec::new()),
        Some(place) => entries(&place.path, settings),
    }
}

/// The command with what sets each setting as defaults of its arguments.
fn with_sources(command: Command, settings: &[Setting], sources: &[Option<Source>]) -> Command {
    let set = settings.iter().zip(sources);
    set.fold(command, |command, (setting, source)| {
        // Of a switch that is off clap would say that it cannot stand beside another.
        let source = source.as_ref().filter(|source| !source.is_off(setting));
        let is_left_out = source.is_none()
            && setting
                .arg
                .get_env()
                .is_some_and(|name| env::var_os(name).is_some());
        if source.is_none() && !is_left_out {
            return command;
        }
        let id = setting.arg.get_id().clone();
        change(command, &setting.command, &|sub| {
            sub.mut_arg(&id, |arg| match source {
                None => arg.env(Resettable::Reset),
                Some(Source::Variable(name)) => arg.env(kept(name)),
                Some(Source::File(entry)) if setting.arity() == Arity::Many => arg
                    .required(false)
                    .default_values(entry.values.iter().map(|v| kept(v))),
                Some(Source::File(entry)) => {
                    let value = entry.values.first().map_or("", String::as_str);
                    arg.required(false).default_value(kept(value))
                }
            })
        })
    })
}

/// A text for as long as the program runs: clap's arguments want no less, and there are but few.
fn kept(text: &str) -> OsStr {
    let text: &'static str = text.to_owned().leak();
    text.into()
}

/// Changes the command at a path of names.
fn change(command: Command, path: &[String], with: &dyn Fn(Command) -> Command) -> Command {
    match path.split_first() {
        None => with(command),
        Some((name, rest)) => command.mut_subcommand(name, |sub| change(sub, rest, with)),
    }
}

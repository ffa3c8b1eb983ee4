use std::env;
use std::ffi::OsString;
use std::process::exit;

use clap::builder::OsStr;
use clap::{ArgMatches, Command};

use super::entries::{Entry, entries};
use super::file::{Place, named_in};
use super::settings::{Arity, Setting};
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
    let entries = match entries_in_use(&arguments, &Setting::all(&command)) {
        Ok(entries) => entries,
        Err(_) if is_free => Vec::new(),
        Err(faults) => {
            for fault in faults {
                logging::error(&fault);
            }
            exit(2);
        }
    };
    with_defaults(command, &entries).get_matches_from(arguments)
}

/// The entries of the file in use; none where there is no file.
fn entries_in_use(arguments: &[OsString], settings: &[Setting]) -> Result<Vec<Entry>, Vec<String>> {
    match Place::find(named_in(arguments)) {
        None => Ok(Vec::new()),
        Some(place) => entries(&place.path, settings),
    }
}

/// The command with what is set as defaults of its arguments.
fn with_defaults(command: Command, entries: &[Entry]) -> Command {
    let settings = Setting::all(&command);
    settings.iter().fold(command, |command, setting| {
        let Some(source) = Source::of(setting, entries) else {
            return command;
        };
        let id = setting.arg.get_id().clone();
        change(command, &setting.command, &|sub| {
            sub.mut_arg(&id, |arg| match &source {
                Source::Variable(name) => arg.env(kept(name)),
                Source::File(entry) if setting.arity() == Arity::Many => arg
                    .required(false)
                    .default_values(entry.values.iter().map(|v| kept(v))),
                Source::File(entry) => {
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

/// What sets a setting, beside the command line and the default.
pub enum Source {
    /// A variable that is set.
    Variable(String),
    File(Entry),
}

impl Source {
    /// The strongest of what is there.
    pub fn of(setting: &Setting, entries: &[Entry]) -> Option<Self> {
        let mut variables = setting.variables().into_iter();
        if let Some(variable) = variables.find(|name| env::var_os(name).is_some()) {
            return Some(Self::Variable(variable));
        }
        let of_table = |table: Option<&str>| {
            let fits = |e: &&Entry| e.key == setting.key && e.table.as_deref() == table;
            entries.iter().find(fits).cloned()
        };
        let own = setting.table.as_deref().and_then(|table| of_table(Some(table)));
        own.or_else(|| setting.is_general.then(|| of_table(None)).flatten())
            .map(Self::File)
    }
}

use std::any::TypeId;
use std::path::PathBuf;

use clap::builder::Resettable;
use clap::{Arg, ArgAction, Command, Id};

/// Options that belong to one call, not to a person or a machine.
const OF_ONE_CALL: [&str; 11] = [
    "help", "version", "config", "output", "force", "onnx", "segments", "resume", "from", "to", "all",
];

/// Commands that cannot be set up: they are about the settings or about the program.
const WITHOUT_SETTINGS: [&str; 4] = ["config", "completions", "man", "help"];

/// What begins the name of every variable.
pub const PREFIX: &str = "WOOFER_";

/// Something that can be set: an option of a command.
#[derive(Debug, Clone)]
pub struct Setting {
    /// The names of the command and its own commands; empty for the program's own options.
    pub command: Vec<String>,
    /// The table of the file that the command's own settings stand in; none for the program's own options.
    pub table: Option<String>,
    /// Name of the option in the file.
    pub key: String,
    /// Whether the key may also stand at the top of the file, for all commands that have it.
    pub is_general: bool,
    pub arg: Arg,
    /// The arguments of the command that cannot stand beside it.
    pub excludes: Vec<Id>,
}

/// How many values an option takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arity {
    /// None: it is there or not.
    Switch,
    One,
    Many,
}

impl Setting {
    /// All settings, in the order of the commands.
    pub fn all(command: &Command) -> Vec<Self> {
        let mut settings = Vec::new();
        add(command, &[], &mut settings);
        settings
    }

    pub fn arity(&self) -> Arity {
        match self.arg.get_action() {
            ArgAction::SetTrue | ArgAction::SetFalse => Arity::Switch,
            ArgAction::Append => Arity::Many,
            _ => Arity::One,
        }
    }

    /// Variables that set it, the strongest first.
    pub fn variables(&self) -> Vec<String> {
        let key = self.key.to_uppercase();
        let own = self
            .table
            .as_ref()
            .map(|table| format!("{PREFIX}{}_{key}", table.to_uppercase().replace('-', "_")));
        let declared = self.arg.get_env().map(|name| name.to_string_lossy().into_owned());
        let general = (self.is_general && declared.is_none()).then(|| format!("{PREFIX}{key}"));
        let mut names: Vec<String> = own.into_iter().chain(declared).chain(general).collect();
        names.dedup();
        names
    }

    /// Whether it cannot stand beside another.
    pub fn excludes(&self, other: &Self) -> bool {
        self.command == other.command && self.excludes.contains(other.arg.get_id())
    }

    /// Whether a value leaves the setting as it is by default: a switch that is off.
    pub fn is_off(&self, value: &str) -> bool {
        self.arity() == Arity::Switch && value == "false"
    }

    /// Its name for people: `classify.format`, or `threads` for what is the same for all.
    pub fn name(&self) -> String {
        match &self.table {
            Some(table) => format!("{table}.{}", self.key),
            None => self.key.clone(),
        }
    }

    /// Whether its values are paths, or may be.
    pub fn paths(&self) -> Paths {
        let names = self.arg.get_value_names().unwrap_or_default();
        if self.arg.get_value_parser().type_id() == TypeId::of::<PathBuf>() {
            Paths::Always
        } else if names.iter().any(|name| name.contains("FILE")) {
            Paths::IfThere
        } else {
            Paths::Never
        }
    }

    /// Why its values are refused, if they are; what the command line would say.
    pub fn fault(&self, values: &[String]) -> Option<String> {
        let long = self.arg.get_long()?;
        match (self.arity(), values) {
            (Arity::Switch, [value]) if value == "true" || value == "false" => return None,
            (Arity::Switch, _) => return Some("allowed are true and false".to_owned()),
            (Arity::One, [_]) | (Arity::Many, _) => {}
            (Arity::One, _) => return Some("it takes one value".to_owned()),
        }
        // By itself, without its relations to others: nothing else can then be wrong.
        let alone = self
            .arg
            .clone()
            .required(false)
            .env(Resettable::Reset)
            .conflicts_with(Resettable::Reset)
            .overrides_with(Resettable::Reset)
            .requires(Resettable::Reset);
        let words = values.iter().map(|value| format!("--{long}={value}"));
        let parsed = Command::new("woofer")
            .no_binary_name(true)
            .disable_help_flag(true)
            .color(clap::ColorChoice::Never)
            .arg(alone)
            .try_get_matches_from(words);
        let error = parsed.err()?.to_string();
        // What it says first, without the hint to a help that is not asked for here.
        let said = error.split("\n\nFor more information").next().unwrap_or_default();
        let said = said.trim_start_matches("error: ");
        let lines: Vec<&str> = said
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .collect();
        Some(lines.join(" "))
    }
}

/// Whether the values of a setting are paths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paths {
    Always,
    /// They are where such a file is there, and names otherwise.
    IfThere,
    Never,
}

fn add(command: &Command, path: &[String], settings: &mut Vec<Setting>) {
    let table = (!path.is_empty()).then(|| path.join("-"));
    for arg in command.get_arguments() {
        let Some(long) = arg.get_long().filter(|long| !OF_ONE_CALL.contains(long)) else {
            continue;
        };
        let key = long.replace('-', "_");
        let general = format!("{PREFIX}{}", key.to_uppercase());
        settings.push(Setting {
            command: path.to_vec(),
            is_general: table.is_none() || arg.get_env().is_some_and(|name| name == general.as_str()),
            table: table.clone(),
            key,
            excludes: excluded(command, arg),
            arg: arg.clone(),
        });
    }
    for sub in command.get_subcommands() {
        if path.is_empty() && WITHOUT_SETTINGS.contains(&sub.get_name()) {
            continue;
        }
        let mut path = path.to_vec();
        path.push(sub.get_name().to_owned());
        add(sub, &path, settings);
    }
}

/// The arguments that cannot stand beside another, as clap knows them: whichever of two names the other, and the others of a group of
/// which only one may be given.
fn excluded(command: &Command, arg: &Arg) -> Vec<Id> {
    let id = arg.get_id();
    let named = |arg: &Arg| {
        let named = command.get_arg_conflicts_with(arg);
        named.into_iter().map(Arg::get_id).cloned().collect::<Vec<Id>>()
    };
    let naming = command.get_arguments().filter(|other| named(other).contains(id));
    let groups = command
        .get_groups()
        .filter(|group| group.get_args().any(|member| member == id));
    let grouped = groups
        .filter(|group| !(*group).clone().is_multiple())
        .flat_map(clap::ArgGroup::get_args);
    let mut excluded = named(arg);
    excluded.extend(naming.map(|other| other.get_id().clone()));
    excluded.extend(grouped.filter(|member| *member != id).cloned());
    excluded
}

/// The places of the settings that cannot stand beside each other, two and two.
pub fn excluding_pairs(settings: &[&Setting]) -> Vec<(usize, usize)> {
    let places = settings.iter().enumerate();
    places
        .flat_map(|(a, one)| {
            let later = settings.iter().enumerate().skip(a + 1);
            later
                .filter(|(_, other)| one.excludes(other))
                .map(move |(b, _)| (a, b))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use clap::{ArgGroup, CommandFactory};

    use super::*;
    use crate::command_line::Cli;

    fn excluded_by(settings: &[Setting], name: &str) -> Vec<String> {
        let setting = settings.iter().find(|s| s.name() == name).unwrap();
        let of_it = settings.iter().filter(|other| setting.excludes(other));
        of_it.map(Setting::name).collect()
    }

    #[test]
    fn what_excludes_what_is_read_from_the_arguments_either_way_round() {
        let settings = Setting::all(&Cli::command());
        for (one, others) in [
            ("classify.mode", &["classify.min_score"][..]),
            ("classify.min_score", &["classify.mode"]),
            ("classify.timeline", &["classify.summary"]),
            ("quiet", &["verbose"]),
            ("verbose", &["quiet"]),
            ("serve.check", &["serve.host", "serve.multi_model"]),
            ("train.experiments", &["train.extra_classes"]),
            ("audioset-tables.strong", &["audioset-tables.set"]),
            ("audioset-fetch.cookies", &["audioset-fetch.cookies_from_browser"]),
            ("classify.format", &[]),
        ] {
            assert_eq!(excluded_by(&settings, one), others, "{one}");
        }
    }

    #[test]
    fn of_a_group_of_which_one_may_be_given_each_excludes_the_others() {
        let arg = |name: &'static str| Arg::new(name).long(name);
        let group = |multiple| ArgGroup::new("g").args(["a", "b"]).multiple(multiple);
        let command = |multiple| {
            Command::new("x")
                .args([arg("a"), arg("b"), arg("c")])
                .group(group(multiple))
        };
        assert_eq!(excluded_by(&Setting::all(&command(false)), "a"), ["b"]);
        assert!(excluded_by(&Setting::all(&command(true)), "a").is_empty());
    }
}

use std::ffi::OsString;

use clap::parser::ValueSource;
use clap::{ArgMatches, Command};

use super::settings::Setting;

/// What stands on the command line, found before it is judged: what may stand beside it depends on it.
#[derive(Default)]
pub struct Typed {
    /// None where only the program's help or version is asked for.
    matches: Option<ArgMatches>,
}

impl Typed {
    /// Reads the arguments as far as they can be understood; what is wrong with them is said later.
    pub fn find(command: &Command, arguments: &[OsString]) -> Self {
        let lenient = command.clone().ignore_errors(true);
        Self {
            matches: lenient.try_get_matches_from(arguments).ok(),
        }
    }

    /// Whether the setting's command is the one that runs, or around it.
    pub fn is_in_use(&self, setting: &Setting) -> bool {
        self.of_command(setting).is_some()
    }

    /// Whether the setting's option is on the command line.
    pub fn has(&self, setting: &Setting) -> bool {
        self.has_argument(setting, setting.arg.get_id().as_str())
    }

    /// Whether something on the command line cannot stand beside the setting.
    pub fn excludes(&self, setting: &Setting) -> bool {
        let mut excluded = setting.excludes.iter();
        excluded.any(|id| self.has_argument(setting, id.as_str()))
    }

    /// Whether an argument of the setting's command is on the command line.
    fn has_argument(&self, setting: &Setting, id: &str) -> bool {
        let matches = self.of_command(setting);
        // Asked for an argument that it does not know, clap ends the program.
        let known = matches.filter(|matches| matches.ids().any(|known| known.as_str() == id));
        known.and_then(|matches| matches.value_source(id)) == Some(ValueSource::CommandLine)
    }

    /// What was typed for the command of a setting.
    fn of_command(&self, setting: &Setting) -> Option<&ArgMatches> {
        setting
            .command
            .iter()
            .try_fold(self.matches.as_ref()?, |matches, name| {
                match matches.subcommand() {
                    Some((typed, below)) if typed == name => Some(below),
                    _ => None,
                }
            })
    }
}

use std::env;

use super::entries::{Entry, entry_of};
use super::settings::{Setting, excluding_pairs};
use super::typed::Typed;

/// What sets a setting, beside the command line and the default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A variable that is set.
    Variable(String),
    File(Entry),
}

impl Source {
    /// The strongest of what is there.
    fn of(setting: &Setting, entries: &[Entry]) -> Option<Self> {
        let mut variables = setting.variables().into_iter();
        let variable = variables.find(|name| env::var_os(name).is_some());
        let entry = || entry_of(setting, entries).cloned();
        variable.map(Self::Variable).or_else(|| entry().map(Self::File))
    }

    /// Whether it leaves the setting as it is by default: a switch that is off.
    pub fn is_off(&self, setting: &Setting) -> bool {
        match self {
            Self::Variable(name) => env::var(name).is_ok_and(|value| setting.is_off(&value)),
            Self::File(entry) => {
                entry.values.iter().all(|value| setting.is_off(value)) && !entry.values.is_empty()
            }
        }
    }
}

/// What sets each setting, in their order; none for what is typed, for what nobody sets, and for what cannot stand beside something stronger
/// that is set.
pub fn sources(settings: &[Setting], entries: &[Entry], typed: &Typed) -> Vec<Option<Source>> {
    let mut found: Vec<Option<Source>> = settings
        .iter()
        .map(|setting| {
            let source = Source::of(setting, entries)?;
            let is_off = source.is_off(setting);
            (!typed.has(setting) && (is_off || !typed.excludes(setting))).then_some(source)
        })
        .collect();
    // The variables that are left are stronger than the file.
    let variables: Vec<&Setting> = settings
        .iter()
        .zip(&found)
        .filter(|(setting, source)| {
            let is_variable =
                |source: &Source| matches!(source, Source::Variable(_)) && !source.is_off(setting);
            source.as_ref().is_some_and(is_variable)
        })
        .map(|(setting, _)| setting)
        .collect();
    for (setting, source) in settings.iter().zip(&mut found) {
        let of_file = matches!(source, Some(Source::File(_)));
        if of_file && variables.iter().any(|variable| variable.excludes(setting)) {
            *source = None;
        }
    }
    found
}

/// The variables that are wrong of those that set something of the command that runs, and those that cannot stand beside each other.
pub fn variable_faults(settings: &[Setting], sources: &[Option<Source>], typed: &Typed) -> Vec<String> {
    let set: Vec<(&Setting, &str)> = settings
        .iter()
        .zip(sources)
        .filter(|(setting, _)| typed.is_in_use(setting))
        .filter_map(|(setting, source)| match source {
            Some(Source::Variable(name)) => Some((setting, name.as_str())),
            _ => None,
        })
        .collect();
    let wrong = set.iter().filter_map(|(setting, name)| {
        let value = env::var(name).ok()?;
        let reason = setting.fault(std::slice::from_ref(&value))?;
        let empty = if value.is_empty() {
            "is set and empty: "
        } else {
            ""
        };
        Some(format!("{name}: {empty}{reason}"))
    });
    wrong.chain(excluding_variables(&set)).collect()
}

/// Of settings and the variables that set them, the pairs that cannot stand beside each other.
pub fn excluding_variables(set: &[(&Setting, &str)]) -> Vec<String> {
    let on = set.iter().filter(|(setting, name)| {
        let source = Source::Variable((*name).to_owned());
        !source.is_off(setting)
    });
    let on: Vec<&(&Setting, &str)> = on.collect();
    let settings: Vec<&Setting> = on.iter().map(|(setting, _)| *setting).collect();
    let pairs = excluding_pairs(&settings).into_iter();
    let name = |at: usize| on.get(at).map_or("", |(_, name)| name);
    pairs
        .map(|(a, b)| {
            format!(
                "{} and {} exclude each other; unset one of them",
                name(a),
                name(b)
            )
        })
        .collect()
}

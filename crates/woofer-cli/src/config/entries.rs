use std::path::Path;

use toml::Value;
use toml::de::DeTable;
use woofer_nn::Bundle;

use super::file::text;
use super::settings::{Arity, Paths, Setting, excluding_pairs};
use crate::suggestion::suggestion;

/// Settings that name a model, where the built-in one may stand.
const NAMES_MODELS: [&str; 2] = ["model", "backbone"];

/// A value of the file that fits a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The table it stands in; none at the top.
    pub table: Option<String>,
    pub key: String,
    /// One, or as many as there are.
    pub values: Vec<String>,
    /// From 1 on.
    pub line: usize,
}

/// The entries of a file, or all that is wrong with it.
pub fn entries(path: &Path, settings: &[Setting]) -> Result<Vec<Entry>, Vec<String>> {
    let unreadable = |error| vec![format!("{}: cannot be read: {error}", path.display())];
    read(&text(path).map_err(unreadable)?, path, settings)
}

/// The entries of a file's text, or all that is wrong with it; each names the file and the line.
///
/// Paths are told from the folder of the file.
fn read(text: &str, file: &Path, settings: &[Setting]) -> Result<Vec<Entry>, Vec<String>> {
    let shown = file.display();
    let tables = match text.parse::<toml::Table>() {
        Ok(tables) => tables,
        Err(error) => return Err(vec![format!("{shown}: {}", error.to_string().trim_end())]),
    };
    let lines = Lines::new(text);
    let mut reading = Reading {
        folder: file.parent().unwrap_or(Path::new("")),
        settings,
        entries: Vec::new(),
        faults: Vec::new(),
    };
    for (key, value) in &tables {
        match value {
            Value::Table(table) if is_table(settings, key) => {
                for (inner, value) in table {
                    reading.take(Some(key), inner, value, lines.of(&[key, inner]));
                }
            }
            value => reading.take(None, key, value, lines.of(&[key])),
        }
    }
    reading.find_excluding();
    if reading.faults.is_empty() {
        return Ok(reading.entries);
    }
    reading.faults.sort();
    reading.faults.dedup();
    let faults = reading.faults.into_iter();
    Err(faults
        .map(|(line, reason)| format!("{shown}, line {line}: {reason}"))
        .collect())
}

fn is_table(settings: &[Setting], name: &str) -> bool {
    settings.iter().any(|s| s.table.as_deref() == Some(name))
}

struct Reading<'a> {
    folder: &'a Path,
    settings: &'a [Setting],
    entries: Vec<Entry>,
    /// With their lines.
    faults: Vec<(usize, String)>,
}

/// The entry that sets a setting: its own table's, or else the one for all commands.
pub fn entry_of<'e>(setting: &Setting, entries: &'e [Entry]) -> Option<&'e Entry> {
    let of_table = |table: Option<&str>| {
        let fits = |e: &&Entry| e.key == setting.key && e.table.as_deref() == table;
        entries.iter().find(fits)
    };
    let own = setting.table.as_deref().and_then(|table| of_table(Some(table)));
    own.or_else(|| setting.is_general.then(|| of_table(None)).flatten())
}

impl Reading<'_> {
    fn take(&mut self, table: Option<&str>, key: &str, value: &Value, line: usize) {
        let fits = |s: &&Setting| {
            s.key == key
                && match table {
                    Some(table) => s.table.as_deref() == Some(table),
                    None => s.is_general,
                }
        };
        let fault = match self.settings.iter().find(fits) {
            None => Err(self.unknown(table, key, value)),
            Some(setting) => values_of(value)
                .and_then(|values| {
                    let values: Vec<String> = values.into_iter().map(|v| self.placed(setting, v)).collect();
                    match setting.fault(&values) {
                        Some(reason) => Err(reason),
                        None => Ok(values),
                    }
                })
                .map_err(|reason| format!("{key}: {reason}")),
        };
        match fault {
            Ok(values) => self.entries.push(Entry {
                table: table.map(str::to_owned),
                key: key.to_owned(),
                values,
                line,
            }),
            Err(reason) => self.faults.push((line, reason)),
        }
    }

    /// Finds entries of which only one may stand in the file.
    fn find_excluding(&mut self) {
        let set = self.settings.iter().filter_map(|setting| {
            let entry = entry_of(setting, &self.entries)?;
            let is_on = !entry.values.iter().any(|value| setting.is_off(value));
            is_on.then_some((setting, entry))
        });
        let (settings, entries): (Vec<&Setting>, Vec<&Entry>) = set.unzip();
        let pairs = excluding_pairs(&settings).into_iter();
        let faults = pairs.filter_map(|(a, b)| {
            let (mut first, mut second) = (*entries.get(a)?, *entries.get(b)?);
            if first.line > second.line {
                (first, second) = (second, first);
            }
            let reason = format!(
                "{} and {} (line {}) exclude each other; leave one of them out",
                second.key, first.key, first.line
            );
            Some((second.line, reason))
        });
        let faults: Vec<(usize, String)> = faults.collect();
        self.faults.extend(faults);
    }

    /// A path as it is told from the folder of the file.
    fn placed(&self, setting: &Setting, value: String) -> String {
        let path = self.folder.join(&value);
        // The built-in model lies in no folder.
        if NAMES_MODELS.contains(&setting.key.as_str()) && Bundle::is_built_in(Path::new(&value)) {
            return value;
        }
        let is_path = match setting.paths() {
            Paths::Always => true,
            Paths::IfThere => path.is_file(),
            Paths::Never => false,
        };
        match path.to_str() {
            Some(path) if is_path && setting.arity() != Arity::Switch => path.to_owned(),
            _ => value,
        }
    }

    fn unknown(&self, table: Option<&str>, key: &str, value: &Value) -> String {
        if let Some(table) = table {
            let keys = self
                .settings
                .iter()
                .filter(|s| s.table.as_deref() == Some(table))
                .map(|s| s.key.as_str());
            let keys: Vec<&str> = keys.collect();
            return format!("[{table}] has no key {key:?}{}", suggestion(key, &keys));
        }
        if value.is_table() {
            let mut tables: Vec<&str> = self.settings.iter().filter_map(|s| s.table.as_deref()).collect();
            tables.dedup();
            return format!("there is no table [{key}]{}", suggestion(key, &tables));
        }
        let general = self.settings.iter().filter(|s| s.is_general);
        let general: Vec<&str> = general.map(|s| s.key.as_str()).collect();
        let own: Vec<&str> = self
            .settings
            .iter()
            .filter(|s| s.key == key)
            .filter_map(|s| s.table.as_deref())
            .collect();
        if own.is_empty() {
            format!("there is no key {key:?}{}", suggestion(key, &general))
        } else {
            format!(
                "the key {key:?} does not stand at the top; it belongs into a table of: {}",
                own.join(", ")
            )
        }
    }
}

fn values_of(value: &Value) -> Result<Vec<String>, String> {
    let one = |value: &Value| match value {
        Value::String(text) => Ok(text.clone()),
        Value::Integer(number) => Ok(number.to_string()),
        Value::Float(number) => Ok(number.to_string()),
        Value::Boolean(is_so) => Ok(is_so.to_string()),
        Value::Datetime(_) | Value::Array(_) | Value::Table(_) => Err(format!(
            "a value is a text, a number, true or false, or a list of such, and not a {}",
            value.type_str()
        )),
    };
    match value {
        Value::Array(values) => values.iter().map(one).collect(),
        value => Ok(vec![one(value)?]),
    }
}

/// On which lines the keys of a file stand.
struct Lines<'a> {
    text: &'a str,
    spans: Option<toml::Spanned<DeTable<'a>>>,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            spans: DeTable::parse(text).ok(),
        }
    }

    /// The line of a key, given with those of the tables around it.
    fn of(&self, keys: &[&str]) -> usize {
        let mut table = self.spans.as_ref().map(toml::Spanned::get_ref);
        let mut at = 0;
        for key in keys {
            let found = table.and_then(|t| t.iter().find(|(k, _)| k.get_ref() == key));
            let Some((key, value)) = found else { break };
            at = key.span().start;
            table = value.get_ref().as_table();
        }
        self.text.get(..at).unwrap_or_default().matches('\n').count() + 1
    }
}

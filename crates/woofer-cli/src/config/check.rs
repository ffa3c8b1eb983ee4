use std::env;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::entries::entries;
use super::file::{Place, VARIABLE, named};
use super::settings::{Arity, PREFIX, Setting};
use super::source::{Source, excluding_variables, sources};
use super::typed::Typed;
use crate::exit::Outcome;
use crate::output::{Sink, counted};
use crate::suggestion::suggestion;
use crate::{decoder, logging};

/// Variables that are no settings of a command.
const OTHER_VARIABLES: [&str; 4] = [VARIABLE, decoder::VARIABLE, "WOOFER_FETCH_TRIES", "WOOFER_COMMIT"];

/// Checks a file, or the one in use, and the variables.
pub fn run(file: Option<&Path>, settings: &[Setting]) -> anyhow::Result<Outcome> {
    let path = file
        .map(Path::to_owned)
        .or_else(|| Place::find(named()).map(|p| p.path));
    let mut faults = variable_faults(settings);
    let mut out = Sink::open(None)?;
    match &path {
        None => {
            let usual: Vec<String> = Place::usual().iter().map(|p| p.display().to_string()).collect();
            writeln!(out, "there is no file; it would be {}", usual.join(" or "))?;
        }
        Some(path) => match entries(path, settings) {
            Ok(entries) => {
                let settings = counted(entries.len(), "setting");
                writeln!(out, "{}: {settings}, all known", path.display())?;
            }
            Err(found) => faults.extend(found),
        },
    }
    out.finish()?;
    for fault in &faults {
        logging::error(fault);
    }
    Ok(if faults.is_empty() {
        Outcome::Done
    } else {
        Outcome::SomeFailed
    })
}

/// The file in use and how many settings it holds, or all that is wrong with it and with the variables.
pub fn state(settings: &[Setting]) -> Result<Option<(PathBuf, usize)>, Vec<String>> {
    let mut faults = variable_faults(settings);
    let mut found = None;
    if let Some(place) = Place::find(named()) {
        match entries(&place.path, settings) {
            Ok(entries) => found = Some((place.path, entries.len())),
            Err(of_file) => faults.extend(of_file),
        }
    }
    if faults.is_empty() { Ok(found) } else { Err(faults) }
}

/// Prints the file in use.
pub fn path() -> anyhow::Result<Outcome> {
    let mut out = Sink::open(None)?;
    if let Some(place) = Place::find(named()) {
        writeln!(out, "{}", place.path.display())?;
    } else {
        let usual: Vec<String> = Place::usual().iter().map(|p| p.display().to_string()).collect();
        logging::warning(&format!("no file is in use; it would be {}", usual.join(" or ")));
    }
    out.finish()?;
    Ok(Outcome::Done)
}

/// What is wrong with the variables that begin as ours do.
fn variable_faults(settings: &[Setting]) -> Vec<String> {
    let known: Vec<(String, &Setting)> = settings
        .iter()
        .flat_map(|s| s.variables().into_iter().map(move |name| (name, s)))
        .collect();
    let mut faults = Vec::new();
    for (name, value) in env::vars_os() {
        let Some(name) = name.to_str().filter(|name| name.starts_with(PREFIX)) else {
            continue;
        };
        if OTHER_VARIABLES.contains(&name) {
            continue;
        }
        let mut same = known.iter().filter(|(known, _)| known == name).peekable();
        if same.peek().is_none() {
            let names: Vec<&str> = known.iter().map(|(name, _)| name.as_str()).collect();
            faults.push(format!("there is no variable {name}{}", suggestion(name, &names)));
            continue;
        }
        let value = value.to_string_lossy().into_owned();
        let fault = same.find_map(|(_, setting)| match setting.arity() {
            Arity::Many => None,
            _ => setting.fault(std::slice::from_ref(&value)),
        });
        faults.extend(fault.map(|reason| format!("{name}: {reason}")));
    }
    let sources = sources(settings, &[], &Typed::default());
    let set = settings.iter().zip(&sources);
    let set = set.filter_map(|(setting, source)| match source {
        Some(Source::Variable(name)) => Some((setting, name.as_str())),
        _ => None,
    });
    faults.extend(excluding_variables(&set.collect::<Vec<_>>()));
    faults
}

use std::env;
use std::io::Write;

use clap::ArgAction;
use serde_json::json;

use super::args::ShowArgs;
use super::entries::entries;
use super::file::{Place, named};
use super::settings::Setting;
use super::source::{Source, sources};
use super::typed::Typed;
use crate::args::ReportFormat;
use crate::exit::Outcome;
use crate::logging;
use crate::output::{Sink, table};

/// Parts of names whose values are nobody's business.
const SECRET: [&str; 6] = ["password", "secret", "token", "camera", "url", "broker"];

/// What stands in place of a secret.
const HIDDEN: &str = "(hidden)";

/// A setting as it is now.
struct Shown {
    name: String,
    value: Option<String>,
    from: String,
}

/// Prints the settings and where each comes from.
pub fn run(args: &ShowArgs, settings: &[Setting]) -> anyhow::Result<Outcome> {
    let place = Place::find(named());
    let mut outcome = Outcome::Done;
    let entries = match &place {
        None => Vec::new(),
        Some(place) => entries(&place.path, settings).unwrap_or_else(|faults| {
            for fault in &faults {
                logging::error(fault);
            }
            logging::warning("the file is left out below, as it is wrong");
            outcome = Outcome::SomeFailed;
            Vec::new()
        }),
    };
    let file = place.as_ref().map(|place| place.path.display().to_string());
    let mut shown: Vec<Shown> = Vec::new();
    let sources = sources(settings, &entries, &Typed::default());
    for (setting, source) in settings.iter().zip(sources) {
        let mut name = setting.name();
        let (value, from) = match source {
            Some(Source::Variable(variable)) => {
                let value = env::var_os(&variable).map(|v| v.to_string_lossy().into_owned());
                if setting.is_general && setting.variables().last() == Some(&variable) {
                    name.clone_from(&setting.key);
                }
                (value, variable)
            }
            Some(Source::File(entry)) => {
                if entry.table.is_none() {
                    name.clone_from(&setting.key);
                }
                let from = format!("{}, line {}", file.as_deref().unwrap_or_default(), entry.line);
                (Some(entry.values.join(", ")), from)
            }
            None if !args.all => continue,
            None => (default(setting), "default".to_owned()),
        };
        // What is set for all commands stands here once.
        if shown.iter().all(|s| s.name != name) {
            shown.push(Shown {
                value: value.map(|value| open(setting, value)),
                name,
                from,
            });
        }
    }
    let mut out = Sink::open(None)?;
    match args.format {
        ReportFormat::Json => {
            let rows = shown
                .iter()
                .map(|s| json!({ "setting": s.name, "value": s.value, "from": s.from }));
            let document = json!({ "schema_version": 1, "file": file, "settings": rows.collect::<Vec<_>>() });
            writeln!(out, "{document:#}")?;
        }
        ReportFormat::Text => {
            match &file {
                Some(file) => writeln!(out, "file: {file}")?,
                None => writeln!(out, "file: none")?,
            }
            if shown.is_empty() {
                writeln!(
                    out,
                    "nothing is set; all settings are at their defaults (--all prints them)"
                )?;
            } else {
                let mut rows = table(["setting", "value", "from"]);
                for s in &shown {
                    rows.add_row([&s.name, s.value.as_deref().unwrap_or("(none)"), &s.from]);
                }
                writeln!(out, "{rows}")?;
            }
        }
    }
    out.finish()?;
    Ok(outcome)
}

/// The default as clap has it; a switch is off.
fn default(setting: &Setting) -> Option<String> {
    let values = setting.arg.get_default_values().iter();
    let values: Vec<_> = values.map(|value| value.to_string_lossy()).collect();
    match (values.is_empty(), setting.arg.get_action()) {
        (true, ArgAction::SetTrue) => Some("false".to_owned()),
        (true, _) => None,
        (false, _) => Some(values.join(", ")),
    }
}

/// The value, unless it may hold a secret.
fn open(setting: &Setting, value: String) -> String {
    let is_secret = setting.arg.is_hide_env_values_set()
        || SECRET.iter().any(|part| setting.key.contains(part))
        || value.contains("://");
    if is_secret { HIDDEN.to_owned() } else { value }
}

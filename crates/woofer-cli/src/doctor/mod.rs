//! `woofer doctor`: what is installed, what works, how fast this machine is.

mod args;
mod speed;

use std::io::Write;
use std::path::Path;
use std::time::Duration;

use serde_json::json;
use woofer::Classifier;
use woofer_fetch::Stop;
use woofer_fetch::child::Program;
use woofer_nn::Model;

use crate::args::ReportFormat;
use crate::exit::Outcome;
use crate::output::{Sink, table};
use crate::{config, decoder, folders, threads, version};
pub use args::DoctorArgs;

/// What was looked at, how it is, and what to do about it.
struct Check {
    about: &'static str,
    state: State,
    finding: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Good,
    /// Something is not there that one may want.
    Missing,
    Bad,
}

impl State {
    const fn word(self) -> &'static str {
        match self {
            Self::Good => "ok",
            Self::Missing => "missing",
            Self::Bad => "wrong",
        }
    }
}

/// Runs the command.
pub fn run(arguments: &clap::Command, args: &DoctorArgs) -> anyhow::Result<Outcome> {
    threads::set(args.threads)?;
    let mut checks = vec![program(), machine()];
    checks.push(settings(arguments));
    checks.push(cache());
    checks.push(ffmpeg());
    checks.push(yt_dlp());
    let classifier = match open_model(&args.listener.model) {
        Ok(model) => {
            let found = format!("{}: {}", model.name(), model.architecture());
            checks.push(good("model", found));
            Some(model)
        }
        Err(reason) => {
            checks.push(bad("model", reason));
            None
        }
    };
    for (about, finding) in speed::measure(classifier)? {
        checks.push(match finding {
            Ok(text) => good(about, text),
            Err(reason) => bad(about, reason),
        });
    }
    print(&checks, args.format)?;
    Ok(if checks.iter().any(|c| c.state == State::Bad) {
        Outcome::SomeFailed
    } else {
        Outcome::Done
    })
}

fn print(checks: &[Check], format: ReportFormat) -> anyhow::Result<()> {
    let mut out = Sink::open(None)?;
    match format {
        ReportFormat::Text => {
            let mut rows = table(["what", "", "found"]);
            for check in checks {
                rows.add_row([check.about, check.state.word(), &check.finding]);
            }
            writeln!(out, "{rows}")?;
        }
        ReportFormat::Json => {
            let checks: Vec<_> = checks
                .iter()
                .map(|c| json!({ "what": c.about, "state": c.state.word(), "found": c.finding }))
                .collect();
            writeln!(out, "{:#}", json!({ "schema_version": 1, "checks": checks }))?;
        }
    }
    out.finish()
}

fn good(about: &'static str, finding: impl Into<String>) -> Check {
    Check {
        about,
        state: State::Good,
        finding: finding.into(),
    }
}

fn missing(about: &'static str, finding: impl Into<String>) -> Check {
    Check {
        state: State::Missing,
        ..good(about, finding)
    }
}

fn bad(about: &'static str, finding: impl Into<String>) -> Check {
    Check {
        state: State::Bad,
        ..good(about, finding)
    }
}

fn program() -> Check {
    let slow = if cfg!(debug_assertions) {
        "; built for development: several times slower than with --release"
    } else {
        ""
    };
    good("program", version::LONG.replace('\n', ", ") + slow)
}

fn machine() -> Check {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get);
    let mut facts = vec![
        format!("{cores} cores"),
        format!("{} threads", rayon::current_num_threads()),
    ];
    #[cfg(target_arch = "x86_64")]
    {
        let known = [
            ("AVX2", is_x86_feature_detected!("avx2")),
            ("FMA", is_x86_feature_detected!("fma")),
            ("AVX-512", is_x86_feature_detected!("avx512f")),
        ];
        let known = known.iter().filter(|(_, is_there)| *is_there);
        facts.extend(known.map(|(name, _)| (*name).to_owned()));
    }
    good("machine", facts.join(", "))
}

fn settings(arguments: &clap::Command) -> Check {
    match config::state(arguments) {
        Ok(None) => good("settings", "no woofer.toml; all is at its defaults"),
        Ok(Some((file, entries))) => good("settings", format!("{}: {entries} settings", file.display())),
        Err(faults) => bad("settings", faults.join("; ")),
    }
}

/// Whether the folder for what can be fetched again can be written to.
fn cache() -> Check {
    let Some(folder) = folders::cache() else {
        return missing(
            "folder for caches",
            "there is none (HOME is not set); --weights names one to `model fetch`",
        );
    };
    let probe = folder.join(format!(".probe-{}", std::process::id()));
    let written = std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(&probe, b"woofer"));
    let _ = std::fs::remove_file(&probe);
    match written {
        Ok(()) => good("folder for caches", folder.display().to_string()),
        Err(error) => bad(
            "folder for caches",
            format!("{}: cannot be written to: {error}", folder.display()),
        ),
    }
}

fn ffmpeg() -> Check {
    match decoder::ffmpeg().version() {
        Ok(version) => good("ffmpeg", format!("{version}: reads Opus, WebM, HE-AAC and films")),
        Err(error) => missing("ffmpeg", format!("{error}; Opus, WebM, HE-AAC and films need it")),
    }
}

fn yt_dlp() -> Check {
    let said = Program::new("yt-dlp")
        .arg("--version")
        .time_limit(Duration::from_secs(20))
        .run(&Stop::new())
        .and_then(woofer_fetch::child::Finished::success);
    match said {
        Ok(said) => good("yt-dlp", String::from_utf8_lossy(&said.stdout).trim().to_owned()),
        Err(error) => missing(
            "yt-dlp",
            format!("{error}; only gathering AudioSet clips needs it"),
        ),
    }
}

fn open_model(path: &Path) -> Result<Model, String> {
    Model::open(path).map_err(|error| format!("{:#}", anyhow::Error::from(error)))
}

/// The name of a model for a line of the report.
fn name_of(model: &Model) -> String {
    format!("{}, features {}", model.name(), model.front_end())
}

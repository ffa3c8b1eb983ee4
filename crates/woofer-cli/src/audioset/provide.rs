//! The tables: on disk, or fetched.

use std::path::PathBuf;

use anyhow::Context;
use indicatif::{ProgressBar, ProgressStyle};
use woofer::audioset::{Events, Mapping, NameTable, StrongCount, StrongRow, Wanted};
use woofer::taxonomy::Taxonomy;
use woofer_fetch::Stop;
use woofer_fetch::audioset::{Came, Table, provide};
use woofer_fetch::download::{Downloader, Event, Settings};

use super::args::{Set, TableArgs};
use crate::logging;

/// Where the tables lie.
pub struct TableFiles {
    pub strong: Vec<PathBuf>,
    pub names: PathBuf,
    pub weak: Vec<PathBuf>,
}

/// What the tables tell of a taxonomy's labels.
pub struct Gathered {
    pub taxonomy: Taxonomy,
    pub wanted: Wanted,
    pub events: Events,
    pub strong: Vec<(PathBuf, StrongCount)>,
}

/// Finds the tables, and fetches those that are to be fetched and are not there. `both` fetches both strong sets.
pub fn files(args: &TableArgs, both: bool) -> anyhow::Result<TableFiles> {
    let mut missing: Vec<Table> = Vec::new();
    if args.strong.is_empty() {
        match args.set {
            Set::Train if !both => missing.push(Table::TrainStrong),
            Set::Eval if !both => missing.push(Table::EvalStrong),
            _ => missing.extend([Table::TrainStrong, Table::EvalStrong]),
        }
    }
    if args.names.is_none() {
        missing.push(Table::Names);
    }
    if args.with_weak {
        missing.extend(Table::WEAK);
    }
    if !missing.is_empty() {
        let stop = Stop::on_interrupt()?;
        let downloader = Downloader::new(&Settings::default(), &stop)?;
        for table in missing {
            one(table, args, &downloader)?;
        }
    }
    let in_folder = |table: Table| args.dir.join(table.file_name());
    Ok(TableFiles {
        strong: match (args.strong.is_empty(), args.set) {
            (false, _) => args.strong.clone(),
            (true, Set::Train) => vec![in_folder(Table::TrainStrong)],
            (true, Set::Eval) => vec![in_folder(Table::EvalStrong)],
            (true, Set::Both) => vec![in_folder(Table::TrainStrong), in_folder(Table::EvalStrong)],
        },
        names: args.names.clone().unwrap_or_else(|| in_folder(Table::Names)),
        weak: if args.with_weak {
            Table::WEAK.map(in_folder).to_vec()
        } else {
            args.weak.clone()
        },
    })
}

fn one(table: Table, args: &TableArgs, downloader: &Downloader) -> anyhow::Result<()> {
    let bar = ProgressBar::no_length();
    bar.set_message(table.file_name());
    let mut tell = |event: Event| match event {
        Event::Progress { bytes, total } if !logging::is_quiet() => {
            if let (Some(total), None) = (total, bar.length()) {
                bar.set_length(total);
                let style =
                    ProgressStyle::with_template("{msg} {bar:30} {bytes} of {total_bytes}, {eta} left");
                bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            }
            bar.set_position(bytes);
        }
        Event::Progress { .. } => {}
        Event::Waiting { reason, pause } => bar.suspend(|| {
            let seconds = pause.as_secs_f64();
            logging::warning(&format!(
                "{}: {reason}; the next attempt follows in {seconds:.0} s",
                table.file_name()
            ));
        }),
    };
    let provided = provide(table, &args.dir, &args.mirror, downloader, &mut tell);
    bar.finish_and_clear();
    let (path, recorded, came) = provided?;
    let how = match came {
        Came::First => format!("fetched from {}", recorded.url),
        Came::Again => format!("fetched again from {}, the same as before", recorded.url),
        Came::WasThere => "was there, and is what it was when it came".to_owned(),
        Came::WasThereUnknown => "was there; its size and hash are written down now".to_owned(),
    };
    logging::detail(&format!(
        "{}: {how}, {} bytes, SHA-256 {}",
        path.display(),
        recorded.bytes,
        recorded.sha256
    ));
    Ok(())
}

/// Reads the tables; `each` sees every usable row of the strong ones, and whether clips are gathered for its label.
pub fn gather(
    args: &TableArgs,
    files: &TableFiles,
    mut each: impl FnMut(&StrongRow<'_>, &NameTable, bool) -> Result<(), woofer::audioset::AudioSetError>,
) -> anyhow::Result<Gathered> {
    let taxonomy = Taxonomy::open(&args.taxonomy)?;
    let mapping = if args.extended {
        Mapping::Extended
    } else {
        Mapping::Plain
    };
    let names = NameTable::open(&files.names)?;
    let wanted = Wanted::new(&taxonomy, mapping, &names)?;
    let mut events = Events::default();
    let mut strong = Vec::new();
    for path in &files.strong {
        let count = events.add_strong(path, &names, &wanted, |row, is_source| {
            each(row, &names, is_source)
        })?;
        warn(&path.display().to_string(), count.faults.sentences());
        strong.push((path.clone(), count));
    }
    for path in &files.weak {
        let count = events
            .add_weak(path, &wanted)
            .with_context(|| "a table of ten-second segments is needed here")?;
        warn(&path.display().to_string(), count.faults.sentences());
    }
    Ok(Gathered {
        taxonomy,
        wanted,
        events,
        strong,
    })
}

fn warn(file: &str, sentences: impl Iterator<Item = String>) {
    for sentence in sentences {
        logging::warning(&format!("{file}: {sentence}"));
    }
}

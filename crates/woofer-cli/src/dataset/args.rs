use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};
use woofer::sounds::SoundKind;

use crate::args::{LabelledClipArgs, ReportFormat, count};

/// Longest sound in seconds; all of one is in memory.
const MAX_SECONDS: f64 = 3_600.0;

#[derive(Debug, Subcommand)]
pub enum DatasetCommand {
    /// Listen to all clips and say what there is, what is wrong, and what to do about it
    #[command(after_help = "\
A list is a CSV file with the columns path and label, and if wanted fine, recording, source, weak, onset_s, offset_s and \
others; or meta_train.csv of the Tomofun challenge, with its clips beside it or in train, raw or audio. A folder has one \
sub-folder a class.

Exit codes: 0 training can begin, 1 something has to be mended first, 2 wrong usage, 3 the list cannot be read.

Examples:
  woofer dataset check clips/manifest.csv
  woofer dataset check meta_train.csv --clips wav/ --folds original
  woofer dataset check my_sounds/ --taxonomy my_classes.toml --format json -o report.json")]
    Check(DatasetCheckArgs),
    /// Make labelled sounds: alarms, door chimes, and household noises that are neither
    Sounds(SoundsArgs),
}

#[derive(Debug, Args)]
pub struct DatasetCheckArgs {
    #[command(flatten)]
    pub labelled: LabelledClipArgs,

    /// Seed of the folds, unless a column gives them
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,

    /// How to print
    #[arg(short, long, value_enum, default_value_t = ReportFormat::Text)]
    pub format: ReportFormat,

    /// Threads to work with [default: all cores]
    #[arg(long, env = "WOOFER_THREADS", value_name = "N", value_parser = count)]
    pub threads: Option<NonZeroUsize>,

    /// Write the report to a file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Kinds, and what they are labelled in the taxonomy tomofun:
  smoke_alarm  CO_Smoke          three pulses and a pause (ISO 8201), at 3 kHz or 520 Hz
  co_alarm     CO_Smoke          four short pulses and five seconds of pause (UL 2034); from 2 s on four are heard
  door_chime   Doorbell          ding-dong, single bar, electronic tones, tunes, bell with a hammer, buzzer
  glass        GlassBreaking     a window or a bottle that goes to pieces
  music        Music_Instrument  notes, tunes, drums and pieces of eight instruments
  beep         Other             what is no alarm: ovens, keys, telephones, reversing vehicles, whistling kettles
  noise        Other             noise of one colour, from a little blue to beyond brown
  hum          Other             mains hum and buzz
  fan          Other             fans and ventilators
  water        Other             taps, showers and rain
  appliance    Other             vacuum cleaners, mixers and washing machines
  silence      Other             zeros, faint noise floors, offsets
  room         Other             a home with steps, knocks, drips, creaks and clinks now and then; ask for minutes

The number in a file's name is the seed of its sound: smoke_alarm_0003.wav is the same whatever else is made with it, and \
sounds of one seed and length are the same to the bit. Test with other seeds than you train with. All is 16 bits at 32 kHz.

Examples:
  woofer dataset sounds -o sounds
  woofer dataset sounds -o alarms --kind smoke_alarm,co_alarm --count 200
  woofer dataset sounds -o rooms --kind room --count 60 --seconds 600 --seed 1000000")]
pub struct SoundsArgs {
    /// Folder for the sounds and their list, manifest.csv
    #[arg(short, long, value_name = "FOLDER")]
    pub output: PathBuf,

    /// What to make [default: all kinds]
    #[arg(short, long = "kind", value_name = "NAME,NAME...", value_delimiter = ',', value_parser = kinds())]
    pub kinds: Vec<SoundKind>,

    /// How many of each kind
    #[arg(short = 'n', long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub count: u32,

    /// How long each is, 1 to 3600 seconds
    #[arg(long, value_name = "S", default_value = "6", value_parser = seconds, allow_negative_numbers = true)]
    pub seconds: f64,

    /// Seed of the first sound of each kind; the others count up
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,

    /// Replace sounds and a list that are there already
    #[arg(long)]
    pub force: bool,

    /// Threads to work with [default: all cores]
    #[arg(long, env = "WOOFER_THREADS", value_name = "N", value_parser = count)]
    pub threads: Option<NonZeroUsize>,
}

fn kinds() -> impl TypedValueParser<Value = SoundKind> {
    PossibleValuesParser::new(SoundKind::ALL.map(SoundKind::name)).try_map(|name| name.parse::<SoundKind>())
}

fn seconds(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(seconds) if (1.0..=MAX_SECONDS).contains(&seconds) => Ok(seconds),
        _ => Err(format!("allowed are 1 to {MAX_SECONDS} seconds")),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::command_line::Cli;

    #[test]
    fn every_kind_of_sound_is_told_with_its_label() {
        let mut command = Cli::command();
        let sounds = command
            .find_subcommand_mut("dataset")
            .and_then(|dataset| dataset.find_subcommand_mut("sounds"));
        let help = sounds.unwrap().render_long_help().to_string();
        for kind in SoundKind::ALL {
            let told = format!("{:<11}  {}", kind.name(), kind.tomofun_label());
            assert!(help.contains(&told), "{told}");
        }
    }
}

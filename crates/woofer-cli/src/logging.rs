use crate::output::printable;
use std::sync::atomic::{AtomicU8, Ordering};

const ERRORS: u8 = 0;
const WARNINGS: u8 = 1;
const DETAILS: u8 = 2;

/// How much is said on stderr.
static LEVEL: AtomicU8 = AtomicU8::new(WARNINGS);

/// Sets how much is said, from `-q` and `-v`.
pub fn init(quiet: bool, verbose: bool) {
    LEVEL.store(
        if quiet {
            ERRORS
        } else if verbose {
            DETAILS
        } else {
            WARNINGS
        },
        Ordering::Relaxed,
    );
}

/// Keeps panics of the audio decoders off stderr: they are caught, and become an error that names the file.
pub fn leave_out_mended_panics() {
    let print = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let in_decoder = panic
            .location()
            .is_some_and(|place| place.file().contains("symphonia"));
        if !in_decoder {
            print(panic);
        }
    }));
}

/// Whether progress may be shown.
pub fn is_quiet() -> bool {
    LEVEL.load(Ordering::Relaxed) == ERRORS
}

/// Whether more is to be said.
pub fn is_verbose() -> bool {
    LEVEL.load(Ordering::Relaxed) == DETAILS
}

/// Says what failed.
pub fn error(message: &str) {
    say(ERRORS, "error", message);
}

/// Says what is odd but stopped nothing.
pub fn warning(message: &str) {
    say(WARNINGS, "warning", message);
}

/// Says what is good to know, with `-v`.
pub fn detail(message: &str) {
    say(DETAILS, "info", message);
}

#[expect(clippy::print_stderr, reason = "this is the one place that does")]
fn say(level: u8, kind: &str, message: &str) {
    if LEVEL.load(Ordering::Relaxed) >= level {
        // A message may have several lines: TOML errors point at the place.
        let lines: Vec<_> = message.lines().map(printable).collect();
        eprintln!("{kind}: {}", lines.join("\n"));
    }
}

use tracing::level_filters::LevelFilter;

use crate::logging;

/// Sends what the service says to stderr: starts, stops and failures; every request with `-v`; only errors with `-q`.
pub fn init() {
    let level = if logging::is_quiet() {
        LevelFilter::ERROR
    } else if logging::is_verbose() {
        LevelFilter::DEBUG
    } else {
        LevelFilter::INFO
    };
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .with_target(false)
        .finish();
    // It fails when another is set already, which then says the same.
    let _ = tracing::subscriber::set_global_default(subscriber);
}

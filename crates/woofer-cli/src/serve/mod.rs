//! `woofer serve`: models -> service -> a port, or one recording through it without a port.

mod args;
mod log;
mod open_files;
mod sources;

use std::env::VarError;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;
use woofer::ModelSource;
use woofer::taxonomy::Taxonomy;
use woofer_server::{Limits, Listener, MultiModel, Service, Settings, StartError, Token, check, serve};

pub use args::ServeArgs;

use crate::decoder;
use crate::exit::Outcome;
use crate::model_loading::Loader;

/// Largest file that `--check` reads, in bytes; the service has its own limit on top.
const MAX_CHECKED_BYTES: u64 = 1 << 30;

/// Runs the command.
pub fn run(args: &ServeArgs) -> anyhow::Result<Outcome> {
    log::init();
    if !args.no_ffmpeg {
        decoder::hand_in_for_uploads();
    }
    let taxonomy = args.taxonomy.as_deref().map(Taxonomy::open).transpose()?;
    let settings = settings(args)?;
    let sources = sources::find(args)?;
    let loader = Arc::new(Loader { taxonomy });
    let service = Service::start(settings, loader)?;
    // Requests only move bytes about; scoring has threads of its own.
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("the threads cannot be started")?;
    if let Some(file) = &args.check {
        return check_file(&runtime, &service, &sources, file, args.accept.as_deref());
    }
    open_files::raise_limit(args.limits.max_connections.get());
    let listener = Listener::bind(&host(args), args.port)?;
    run_service(&runtime, listener, service, sources)
}

/// Serves until the system or a person says stop, or a model cannot be loaded.
fn run_service(
    runtime: &Runtime,
    listener: Listener,
    service: Service,
    sources: Vec<ModelSource>,
) -> anyhow::Result<Outcome> {
    let address = listener.address()?;
    tracing::info!("listening at http://{address}/");
    runtime.block_on(async {
        let loader = service.clone();
        let loading = tokio::spawn(async move { loader.load(&sources).await });
        let mut failed = None;
        let stop = async {
            tokio::select! {
                signal = stop_signal() => signal.context("signals cannot be waited for"),
                error = failure(loading) => { failed = Some(error); Ok(()) }
            }
        };
        let mut outcome = Ok(());
        serve(listener, service, async { outcome = stop.await }).await?;
        outcome?;
        match failed {
            Some(error) => Err(error),
            None => Ok(Outcome::Done),
        }
    })
}

/// Why the models are not loaded; it never comes where they are.
async fn failure(loading: JoinHandle<Result<(), StartError>>) -> anyhow::Error {
    match loading.await {
        Ok(Ok(())) => std::future::pending().await,
        Ok(Err(error)) => error.into(),
        Err(error) => anyhow!("the service cannot start: loading the models ended by a defect: {error}"),
    }
}

/// Waits for Ctrl-C or, on Unix, SIGTERM.
async fn stop_signal() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            result = tokio::signal::ctrl_c() => result,
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}

#[expect(clippy::print_stdout, reason = "the answer is the result")]
fn check_file(
    runtime: &Runtime,
    service: &Service,
    sources: &[ModelSource],
    file: &Path,
    accept: Option<&str>,
) -> anyhow::Result<Outcome> {
    let sound = read_file(file)?;
    let answer = runtime.block_on(async {
        service.load(sources).await?;
        anyhow::Ok(check(service, sound, accept).await?)
    })?;
    println!("{}", answer.body.trim_end());
    if answer.status == 200 {
        return Ok(Outcome::Done);
    }
    bail!("{}: the service answers {}", file.display(), answer.status)
}

/// A file whole, which must be a regular one.
pub fn read_file(file: &Path) -> anyhow::Result<Vec<u8>> {
    let metadata =
        std::fs::metadata(file).with_context(|| format!("{}: cannot be opened", file.display()))?;
    if !metadata.is_file() {
        bail!("{}: is no file", file.display());
    }
    if metadata.len() > MAX_CHECKED_BYTES {
        bail!(
            "{}: has {} bytes; at most {MAX_CHECKED_BYTES} are sent",
            file.display(),
            metadata.len()
        );
    }
    std::fs::read(file).with_context(|| format!("{}: cannot be read", file.display()))
}

fn host(args: &ServeArgs) -> String {
    let everywhere = || args.opt_ml.is_dir().then(|| "0.0.0.0".to_owned());
    let host = args.host.clone().or_else(everywhere);
    host.unwrap_or_else(|| "127.0.0.1".to_owned())
}

fn settings(args: &ServeArgs) -> anyhow::Result<Settings> {
    let limits = &args.limits;
    let bytes = |mib: NonZeroUsize| mib.get().saturating_mul(1 << 20);
    for origin in &args.cors_origin {
        let host = origin
            .strip_prefix("http://")
            .or_else(|| origin.strip_prefix("https://"));
        if host.is_none_or(|host| host.is_empty() || host.contains(['/', '*', ' '])) {
            bail!("--cors-origin {origin:?}: wanted is a scheme and a host, as https://example.org");
        }
    }
    Ok(Settings {
        limits: Limits {
            body_bytes: bytes(limits.max_body_mib),
            held_bytes: bytes(limits.max_held_mib).max(bytes(limits.max_body_mib)),
            duration_s: limits.max_duration_s.into(),
            queue: limits.queue.get().min(1 << 20),
            wait: Duration::from_millis(limits.max_wait_ms.into()),
            batch: limits.batch.get(),
            request: Duration::from_secs(limits.timeout_s.into()),
            connections: limits.max_connections.get().min(1 << 20),
            ..Limits::default()
        },
        workers: args.threads.and_then(NonZeroUsize::new),
        token: token(args)?,
        cors_origins: args.cors_origin.clone(),
        multi_model: args.multi_model.clone().map(|root| MultiModel { root }),
    })
}

/// The token from its file or the environment; never from an argument, which every user of the machine can see.
fn token(args: &ServeArgs) -> anyhow::Result<Option<Token>> {
    let (text, origin) = match (&args.token_file, std::env::var("WOOFER_TOKEN")) {
        (Some(file), _) => {
            let text = std::fs::read_to_string(file)
                .with_context(|| format!("{}: the token cannot be read", file.display()))?;
            (Some(text), file.display().to_string())
        }
        (None, Err(VarError::NotPresent)) => return Ok(None),
        (None, variable) => (variable.ok(), "WOOFER_TOKEN".to_owned()),
    };
    match text.and_then(|text| Token::new(&text)) {
        Some(token) => Ok(Some(token)),
        None => bail!("{origin}: a token is one word of visible ASCII characters"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loading_that_panics_is_a_failure() {
        let runtime = Builder::new_current_thread().build().unwrap();
        let error = runtime.block_on(async { failure(tokio::spawn(async { panic!("a defect") })).await });
        assert!(error.to_string().contains("loading the models"), "{error}");
    }
}

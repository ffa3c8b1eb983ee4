//! `woofer request`: sends recordings to a service and prints what it answers.

mod args;

use std::io::Write;
use std::time::Duration;

use anyhow::{Context, bail};
use ureq::Agent;

pub use args::RequestArgs;

use crate::exit::Outcome;
use crate::logging;
use crate::output::printable;
use crate::serve::read_file;

/// Largest answer that is read, in bytes.
const MAX_ANSWER_BYTES: u64 = 64 << 20;

/// Runs the command.
pub fn run(args: &RequestArgs) -> anyhow::Result<Outcome> {
    let url = with_path(&args.url)?;
    let agent: Agent = Agent::config_builder()
        .timeout_global(Some(Duration::from_secs(args.timeout_s.get())))
        .http_status_as_error(false)
        .build()
        .into();
    let token = std::env::var("WOOFER_TOKEN").ok();
    let mut failed = 0;
    for file in &args.files {
        let answer = read_file(file).and_then(|sound| send(&agent, &url, args, token.as_deref(), &sound));
        let file = file.display().to_string();
        match answer {
            Ok((200, body)) => {
                let name = if args.files.len() > 1 {
                    format!("{}\t", printable(&file))
                } else {
                    String::new()
                };
                let mut out = std::io::stdout().lock();
                writeln!(out, "{name}{}", printable_lines(body.trim_end()))?;
            }
            Ok((status, body)) => {
                failed += 1;
                logging::error(&format!("{file}: {status}: {}", reason(&body)));
            }
            Err(error) => {
                failed += 1;
                logging::error(&format!("{file}: {error:#}"));
            }
        }
    }
    Ok(match failed {
        0 => Outcome::Done,
        all if all == args.files.len() => Outcome::NothingDone,
        _ => Outcome::SomeFailed,
    })
}

/// The status and the body of the answer.
fn send(
    agent: &Agent,
    url: &str,
    args: &RequestArgs,
    token: Option<&str>,
    sound: &[u8],
) -> anyhow::Result<(u16, String)> {
    let mut request = agent.post(url).header("Content-Type", &args.content_type);
    if let Some(accept) = &args.accept {
        request = request.header("Accept", accept);
    }
    if let Some(token) = token {
        request = request.header("Authorization", format!("Bearer {}", token.trim()));
    }
    let mut response = request.send(sound).with_context(|| url.to_owned())?;
    let status = response.status().as_u16();
    let body = response
        .body_mut()
        .with_config()
        .limit(MAX_ANSWER_BYTES)
        .read_to_string()
        .with_context(|| format!("{url}: the answer broke off"))?;
    Ok((status, body))
}

/// The URL with the path of SageMaker's contract where it has none.
fn with_path(url: &str) -> anyhow::Result<String> {
    let Some(rest) = url.strip_prefix("http://") else {
        if url.starts_with("https://") {
            bail!("{url}: woofer request speaks plain http only; curl speaks TLS");
        }
        bail!("{url}: wanted is a URL such as http://127.0.0.1:8080");
    };
    Ok(match rest.split_once('/') {
        None => format!("{url}/invocations"),
        Some((_, "")) => format!("{url}invocations"),
        Some(_) => url.to_owned(),
    })
}

/// What a refusal says, without the JSON around it where it is Woofer's.
fn reason(body: &str) -> String {
    let parsed: Option<serde_json::Value> = serde_json::from_str(body).ok();
    let message = parsed
        .as_ref()
        .and_then(|value| value.pointer("/error/message"))
        .and_then(serde_json::Value::as_str);
    message.unwrap_or(body).to_owned()
}

fn printable_lines(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(printable).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_without_a_path_means_invocations() {
        for (url, full) in [
            ("http://h:1", "http://h:1/invocations"),
            ("http://h:1/", "http://h:1/invocations"),
            ("http://h:1/v1/classify?top_k=3", "http://h:1/v1/classify?top_k=3"),
        ] {
            assert_eq!(with_path(url).unwrap(), full);
        }
        assert!(with_path("https://h").is_err() && with_path("h:1").is_err());
    }

    #[test]
    fn a_refusal_is_told_in_its_own_words() {
        assert_eq!(
            reason(r#"{"error":{"code":"x","message":"too large"}}"#),
            "too large"
        );
        assert_eq!(reason("<html>"), "<html>");
    }
}

use super::problem::{Code, Problem};

/// How scores are sent to whoever calls `/invocations`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    /// `{"label": 3, "probability": [...]}` as `text/json`, as the original system sends it.
    Original,
    /// The same with names, as `application/json`.
    Json,
    /// The same on one line that ends, as `application/jsonlines`.
    JsonLines,
    /// The label and the probabilities as one row, as `text/csv`.
    Csv {
        /// Whether a row of names comes first: `text/csv; header=present`.
        header: bool,
    },
}

/// What is sent, from the `Accept` header.
///
/// Without one, or when anything is accepted, it is the original's shape.
pub fn wanted(accept: Option<&str>) -> Result<Reply, Problem> {
    let Some(accept) = accept.filter(|accept| !accept.trim().is_empty()) else {
        return Ok(Reply::Original);
    };
    let mut best: Option<(f32, Reply)> = None;
    for range in accept.split(',') {
        let Some((quality, reply)) = understood(range) else {
            continue;
        };
        if quality > 0.0 && best.is_none_or(|(highest, _)| quality > highest) {
            best = Some((quality, reply));
        }
    }
    best.map(|(_, reply)| reply).ok_or_else(|| {
        Problem::new(
            Code::NotAcceptable,
            format!(
                "Accept {accept:?} names none of what can be sent: text/json, application/json, \
                 application/jsonlines, text/csv"
            ),
        )
    })
}

/// A range that can be served, with its quality.
fn understood(range: &str) -> Option<(f32, Reply)> {
    let mut parts = range.split(';').map(str::trim);
    let essence = parts.next()?.to_ascii_lowercase();
    let (mut quality, mut header) = (1.0, false);
    for parameter in parts {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        match name.trim().to_ascii_lowercase().as_str() {
            "q" => quality = value.trim().parse().ok().filter(|q| (0.0..=1.0).contains(q))?,
            "header" => header = value.trim().eq_ignore_ascii_case("present"),
            _ => {}
        }
    }
    let reply = match essence.as_str() {
        "*/*" | "text/*" | "text/json" => Reply::Original,
        "application/*" | "application/json" => Reply::Json,
        "application/jsonlines"
        | "application/x-jsonlines"
        | "application/jsonl"
        | "application/x-ndjson" => Reply::JsonLines,
        "text/csv" => Reply::Csv { header },
        _ => return None,
    };
    Some((quality, reply))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_original_is_sent_unless_another_is_wanted_more() {
        for (accept, reply) in [
            (None, Reply::Original),
            (Some(""), Reply::Original),
            (Some("*/*"), Reply::Original),
            (Some("text/json"), Reply::Original),
            (Some("application/json"), Reply::Json),
            (Some("image/png, application/json;q=0.5, */*;q=0.1"), Reply::Json),
            (Some("application/jsonlines"), Reply::JsonLines),
            (Some("text/csv"), Reply::Csv { header: false }),
            (Some("TEXT/CSV; Header=Present"), Reply::Csv { header: true }),
            (Some("text/csv;q=0, text/json"), Reply::Original),
        ] {
            assert_eq!(wanted(accept), Ok(reply), "{accept:?}");
        }
    }

    #[test]
    fn what_cannot_be_sent_is_refused() {
        for accept in ["image/png", "text/csv;q=0", "text/csv;q=7", ";;,,"] {
            assert_eq!(
                wanted(Some(accept)).unwrap_err().code,
                Code::NotAcceptable,
                "{accept}"
            );
        }
    }
}

use std::io::Write;

use serde::Serialize;
use woofer::events::Event;

use crate::output::{FileOutcome, FileResult, Sink, counted, length, table};

/// How much was heard and the events of each class.
#[derive(Debug, Serialize)]
pub struct Summary {
    schema_version: u32,
    recordings: usize,
    failed: usize,
    heard_s: f64,
    classes: Vec<ClassSummary>,
}

/// The events of one class.
#[derive(Debug, Serialize)]
struct ClassSummary {
    label: String,
    events: usize,
    recordings: usize,
    event_s: f64,
    longest_s: f64,
    best_score: Option<f64>,
}

impl Summary {
    pub fn new(classes: &[String]) -> Self {
        let class = |label: &String| ClassSummary {
            label: label.clone(),
            events: 0,
            recordings: 0,
            event_s: 0.0,
            longest_s: 0.0,
            best_score: None,
        };
        Self {
            schema_version: 1,
            recordings: 0,
            failed: 0,
            heard_s: 0.0,
            classes: classes.iter().map(class).collect(),
        }
    }

    pub fn take(&mut self, result: &FileResult) {
        match &result.outcome {
            FileOutcome::Skipped => {}
            FileOutcome::Failed(_) => self.failed += 1,
            FileOutcome::Scored(scored) => {
                self.recordings += 1;
                self.heard_s += scored.clip.duration_s;
                for (id, class) in self.classes.iter_mut().enumerate() {
                    class.take(scored.events.iter().filter(|event| event.class == id));
                }
            }
        }
    }

    /// Ends the count: classes without an event stay only if somebody looked for them.
    pub fn write(mut self, to: &mut Sink, as_json: bool, looked_for: &[bool]) -> anyhow::Result<()> {
        let mut looked_for = looked_for.iter();
        let many = self.classes.len() > 20;
        self.classes
            .retain(|class| *looked_for.next().unwrap_or(&false) && (class.events > 0 || !many));
        if as_json {
            let round = |value: &mut f64| *value = (*value * 1e3).round() / 1e3;
            round(&mut self.heard_s);
            for class in &mut self.classes {
                round(&mut class.event_s);
                round(&mut class.longest_s);
            }
            writeln!(to, "{}", serde_json::to_string_pretty(&self)?)?;
            return Ok(());
        }
        let failed = match self.failed {
            0 => String::new(),
            failed => format!(", {failed} failed"),
        };
        writeln!(
            to,
            "{} heard in {}{failed}",
            length(self.heard_s),
            counted(self.recordings, "recording")
        )?;
        self.classes.sort_by(|a, b| b.event_s.total_cmp(&a.event_s));
        let mut rows = table([
            "class",
            "events",
            "an hour",
            "recordings",
            "in all",
            "longest",
            "best score",
        ]);
        let hours = self.heard_s / 3600.0;
        for class in &self.classes {
            let rate = if hours > 0.0 {
                format!("{:.1}", class.events as f64 / hours)
            } else {
                "n/a".to_owned()
            };
            rows.add_row([
                class.label.clone(),
                class.events.to_string(),
                rate,
                class.recordings.to_string(),
                length(class.event_s),
                length(class.longest_s),
                class
                    .best_score
                    .map_or_else(|| "n/a".to_owned(), |score| format!("{score:.3}")),
            ]);
        }
        if self.classes.is_empty() {
            writeln!(to, "no events")?;
        } else {
            writeln!(to, "{rows}")?;
        }
        Ok(())
    }
}

impl ClassSummary {
    fn take<'a>(&mut self, events: impl Iterator<Item = &'a Event>) {
        let before = self.events;
        for event in events {
            self.events += 1;
            self.event_s += event.duration_s();
            self.longest_s = self.longest_s.max(event.duration_s());
            let score = (f64::from(event.peak_score) * 1e6).round() / 1e6;
            self.best_score = Some(self.best_score.map_or(score, |best| best.max(score)));
        }
        self.recordings += usize::from(self.events > before);
    }
}

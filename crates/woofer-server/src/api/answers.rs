use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;
use woofer::audio::Repairs;
use woofer::events::{Event, EventFinder, EventRule, Mode};
use woofer::metrics::best_class;
use woofer::pipeline::WindowScores;

use crate::compute::Heard;
use crate::http::Code;
use crate::models::ServedModel;

/// The version of the objects below.
pub const SCHEMA_VERSION: u32 = 1;

/// What is heard in recordings.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClassifyAnswer {
    pub schema_version: u32,
    /// The model that was asked.
    pub model: String,
    /// The recordings in the order in which they were sent.
    pub files: Vec<FileAnswer>,
}

/// What is heard in one recording, or why it could not be told.
#[derive(Debug, Serialize, ToSchema)]
pub struct FileAnswer {
    /// The file's name, if it came with one.
    pub name: Option<String>,
    /// Length in seconds.
    pub duration_s: Option<f64>,
    /// The best classes, best first; none if there is an error.
    pub classes: Vec<Score>,
    /// The windows of the network, if asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub windows: Option<Vec<Window>>,
    /// The events of each mode, `sensitive`, `balanced` and `quiet`, by onset, if asked for; no mode of a model without thresholds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub events: Option<BTreeMap<&'static str, Vec<EventAnswer>>>,
    /// What had to be mended in the recording, if anything.
    pub repairs: Option<String>,
    /// Why it could not be scored.
    pub error: Option<FileProblem>,
}

/// Why a recording among several could not be scored.
#[derive(Debug, Serialize, ToSchema)]
pub struct FileProblem {
    pub code: Code,
    /// For people.
    pub message: String,
}

/// The classes of one window of the network.
#[derive(Debug, Serialize, ToSchema)]
pub struct Window {
    pub onset_s: f64,
    pub offset_s: f64,
    pub classes: Vec<Score>,
}

/// An event: a class that is heard for a while.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventAnswer {
    pub label: String,
    pub onset_s: f64,
    pub offset_s: f64,
    /// The highest in its windows.
    pub score: f32,
}

/// What is wanted of a recording's answer.
#[derive(Debug, Clone, Copy)]
pub struct Details {
    /// So many of the best classes.
    pub top_k: usize,
    pub timeline: bool,
    pub events: bool,
}

impl Details {
    /// Whether they are told from the scores of windows.
    pub const fn need_windows(self) -> bool {
        self.timeline || self.events
    }
}

/// A class and its score in 0..=1.
#[derive(Debug, Serialize, ToSchema)]
pub struct Score {
    pub label: String,
    pub score: f32,
}

/// The original system's answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct Prediction {
    /// The id of the class that scores best.
    pub label: usize,
    /// The score of each class, in the order of their ids.
    pub probability: Vec<f32>,
}

/// The same with names.
#[derive(Debug, Serialize, ToSchema)]
pub struct NamedPrediction {
    #[serde(flatten)]
    pub prediction: Prediction,
    /// The name of the class that scores best.
    pub name: String,
    /// The name of each class, in the order of their ids.
    pub names: Vec<String>,
    /// Length in seconds.
    pub duration_s: f64,
    /// The model that was asked.
    pub model: String,
}

impl Prediction {
    pub fn of(heard: &Heard) -> Self {
        Self {
            label: best_class(&heard.clip.scores).unwrap_or_default(),
            probability: heard.clip.scores.clone(),
        }
    }
}

impl NamedPrediction {
    pub fn of(model: &ServedModel, heard: &Heard) -> Self {
        let prediction = Prediction::of(heard);
        Self {
            name: model.classes.get(prediction.label).cloned().unwrap_or_default(),
            names: model.classes.clone(),
            duration_s: rounded(heard.clip.duration_s, 1e3),
            model: model.name.clone(),
            prediction,
        }
    }
}

impl FileAnswer {
    /// The answer of a scored recording.
    pub fn of(name: Option<String>, model: &ServedModel, heard: &Heard, details: Details) -> Self {
        let top_k = details.top_k;
        let windows = details.timeline.then(|| {
            let window = |window: &WindowScores| Window {
                onset_s: rounded(window.onset_s, 1e3),
                offset_s: rounded(window.offset_s, 1e3),
                classes: ranked(model, &window.scores, top_k),
            };
            heard.windows.iter().map(window).collect()
        });
        Self {
            name,
            duration_s: Some(rounded(heard.clip.duration_s, 1e3)),
            classes: ranked(model, &heard.clip.scores, top_k),
            windows,
            events: details.events.then(|| events(model, &heard.windows)),
            repairs: repairs(heard.repairs),
            error: None,
        }
    }

    /// The answer of one that could not be scored.
    pub fn failed(name: Option<String>, code: Code, message: String) -> Self {
        Self {
            name,
            duration_s: None,
            classes: Vec::new(),
            windows: None,
            events: None,
            repairs: None,
            error: Some(FileProblem { code, message }),
        }
    }
}

/// The events of each mode that the model has thresholds for.
fn events(model: &ServedModel, windows: &[WindowScores]) -> BTreeMap<&'static str, Vec<EventAnswer>> {
    let of_mode = |(mode, rule): &(Mode, EventRule)| {
        let mut finder = EventFinder::new(rule.clone());
        for window in windows {
            finder.push(window.onset_s, window.offset_s, &window.scores);
        }
        let answer = |event: &Event| EventAnswer {
            label: model.classes.get(event.class).cloned().unwrap_or_default(),
            onset_s: rounded(event.onset_s, 1e3),
            offset_s: rounded(event.offset_s, 1e3),
            score: event.peak_score,
        };
        (mode.name(), finder.finish().iter().map(answer).collect())
    };
    model.rules.iter().map(of_mode).collect()
}

/// What had to be mended, in words, if anything.
pub fn repairs(repairs: Repairs) -> Option<String> {
    (!repairs.is_clean()).then(|| repairs.to_string())
}

/// The best classes, best first; level ones in the order of their ids, as `woofer classify` prints them.
pub fn ranked(model: &ServedModel, scores: &[f32], top_k: usize) -> Vec<Score> {
    let mut ranked: Vec<(&String, f32)> = model.classes.iter().zip(scores.iter().copied()).collect();
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
    ranked.truncate(top_k);
    let score = |(label, score): (&String, f32)| Score {
        label: label.clone(),
        score,
    };
    ranked.into_iter().map(score).collect()
}

/// Rounded to the parts of one given: 1e3 for thousandths.
pub fn rounded(value: f64, parts: f64) -> f64 {
    (value * parts).round() / parts
}

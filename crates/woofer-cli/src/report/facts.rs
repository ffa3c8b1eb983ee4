use std::collections::HashMap;
use std::path::Path;

use woofer::evaluation::ScoreTable;
use woofer::features::FrontEnd;
use woofer_nn::Bundle;

use super::weak;
use crate::evaluate::EvaluationRecord;
use crate::folders::last_part;
use crate::output::counted;

/// What is to be known before the figures are looked at.
pub struct Facts {
    pub title: String,
    /// By name.
    pub known: Vec<(String, String)>,
    pub warnings: Vec<String>,
    /// Features to draw clips by.
    pub front_end: FrontEnd,
}

impl Facts {
    pub fn gather(
        folder: &Path,
        bundle: Option<&Bundle>,
        record: Option<&EvaluationRecord>,
        scores: &ScoreTable,
    ) -> Self {
        let folder_name = std::path::absolute(folder).ok();
        let folder_name = folder_name
            .as_deref()
            .and_then(Path::file_name)
            .unwrap_or(folder.as_os_str());
        let mut gathered = Self {
            title: folder_name.to_string_lossy().into_owned(),
            known: Vec::new(),
            warnings: Vec::new(),
            front_end: FrontEnd::Mn,
        };
        if let Some(bundle) = bundle {
            gathered.of_bundle(bundle);
        } else if let Some(record) = record {
            gathered.of_record(record);
        }
        let weak = weak(scores);
        if weak > 0 {
            gathered.add(
                "not counted",
                format!("{} whose label is not sure", counted(weak, "clip")),
            );
        }
        gathered.warnings.extend(split_recording(scores));
        gathered
    }

    fn add(&mut self, name: &str, value: impl Into<String>) {
        self.known.push((name.to_owned(), value.into()));
    }

    fn of_bundle(&mut self, bundle: &Bundle) {
        let description = bundle.description();
        self.front_end = description.front_end;
        self.title = format!("{}, cross-validated", description.name);
        self.add("network", description.architecture.to_string());
        if let Some(training) = &description.training {
            self.add("list of clips", training.data.clone());
            let size = format!(
                "{} of {}",
                counted(training.clips, "clip"),
                counted(training.recordings, "recording")
            );
            let extra = match training.extra_clips {
                0 => String::new(),
                extra => format!(", and {} of another list", counted(extra, "clip")),
            };
            self.add("trained on", size + &extra);
            self.add("folds", training.folds.clone());
            let reasons = training.optimistic.iter();
            self.warnings
                .extend(reasons.map(|reason| format!("The figures are optimistic: {reason}.")));
        }
        if let Some(taxonomy) = &description.taxonomy {
            self.add("taxonomy", taxonomy.name.clone());
        }
        self.add("trained by", format!("Woofer {}", description.woofer_version));
    }

    fn of_record(&mut self, record: &EvaluationRecord) {
        self.front_end = record.front_end;
        self.title = format!("{} on {}", record.model, last_part(&record.list));
        self.add("network", record.architecture.clone());
        self.add("list of clips", record.list.display().to_string());
        self.add("taxonomy", record.taxonomy.clone());
        let failed = match record.failed {
            0 => String::new(),
            failed => format!("; {failed} could not be read"),
        };
        self.add("scored", format!("{}{failed}", counted(record.clips, "clip")));
        let sha256 = record
            .weights
            .as_ref()
            .and_then(|weights| weights.get("sha256")?.as_str());
        if let Some(sha256) = sha256 {
            self.add("weights, SHA-256", sha256);
        }
        self.add("measured by", format!("Woofer {}", record.woofer_version));
        self.warnings.extend(record.warnings.iter().cloned());
    }
}

/// A warning where clips of one recording were tested in several folds.
fn split_recording(scores: &ScoreTable) -> Option<String> {
    let mut fold_of = HashMap::new();
    let split = scores.counted().find(|row| {
        let fold = fold_of.entry(row.recording.as_str()).or_insert(row.fold.as_str());
        *fold != row.fold.as_str()
    })?;
    Some(format!(
        "Clips of one recording lie in several folds, such as those of {}: the classifier had heard the recording that it was \
         tested on, and the figures are optimistic.",
        split.recording
    ))
}

//! What a person should know before training, and what to do about it.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::dataset::row_fault::lines;
use crate::dataset::{RowFaults, RowProblem, Severity};

/// Examples that a finding names.
pub const MAX_EXAMPLES: usize = 5;

/// Something that a person should know, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How much it matters.
    pub severity: Severity,
    /// A short name of the kind of finding, the same in all versions.
    pub kind: &'static str,
    /// What was found.
    pub message: String,
    /// What to do about it.
    pub advice: &'static str,
    /// How many clips, classes or groups it concerns.
    pub count: usize,
    /// The first of them, or those that matter most, in at most [`MAX_EXAMPLES`] lines.
    pub examples: Vec<String>,
    /// How many of the `count` the examples speak of.
    pub shown: usize,
}

/// Findings as they are gathered.
#[derive(Default)]
pub(super) struct Findings(Vec<Finding>);

impl Findings {
    /// Adds a finding, unless nothing was found.
    pub fn add(
        &mut self,
        severity: Severity,
        kind: &'static str,
        message: impl FnOnce(usize) -> String,
        advice: &'static str,
        found: impl IntoIterator<Item = String>,
    ) {
        let mut found = found.into_iter();
        let examples: Vec<String> = found.by_ref().take(MAX_EXAMPLES).collect();
        let count = examples.len() + found.count();
        if count > 0 {
            self.0.push(Finding {
                severity,
                kind,
                message: message(count),
                advice,
                count,
                shown: examples.len(),
                examples,
            });
        }
    }

    /// All findings, what matters most first.
    pub fn sorted(mut self) -> Vec<Finding> {
        self.0.sort_by_key(|finding| finding.severity);
        self.0
    }

    /// Rows that cannot be used.
    pub fn rows(&mut self, faults: &RowFaults) {
        let mut by_kind: BTreeMap<&'static str, Vec<_>> = BTreeMap::new();
        for fault in faults.kept() {
            by_kind.entry(fault.problem.kind()).or_default().push(fault);
        }
        for (kind, faults) in by_kind {
            let advice = faults.first().map_or("", |fault| advice_on_row(&fault.problem));
            let what = match kind {
                "unknown_folder" => "a name that is no class",
                "unknown_label" => "a label that is no class",
                "unknown_fine_label" => "a fine label that its class does not have",
                "contradicting_labels" => "a fine label of another class",
                "missing_fine_label" => "no fine label, where the class has several",
                "relabelled" => "the file and stretch of another row, and another label",
                "missing_file" => "a file that is not there",
                "bad_value" => "a value that is not allowed",
                _ => "values that cannot be read",
            };
            let rows = match kind {
                "unknown_folder" => counted(faults.len(), "folder", "folders"),
                _ => counted(faults.len(), "row", "rows"),
            };
            let count = faults.len();
            let (examples, shown) = lines(faults, MAX_EXAMPLES);
            self.0.push(Finding {
                severity: Severity::Error,
                kind,
                message: format!("{rows} with {what}"),
                advice,
                count,
                examples,
                shown,
            });
        }
        let more = faults.count() - faults.kept().len();
        self.plain(
            Severity::Error,
            "more_bad_rows",
            more,
            "mend those above first",
            |n| format!("{n} more rows cannot be used and were not looked at one by one"),
        );
    }

    /// Adds a finding without examples, unless nothing was found.
    pub fn plain(
        &mut self,
        severity: Severity,
        kind: &'static str,
        count: usize,
        advice: &'static str,
        message: impl FnOnce(usize) -> String,
    ) {
        if count > 0 {
            self.0.push(Finding {
                severity,
                kind,
                message: message(count),
                advice,
                count,
                examples: Vec::new(),
                shown: 0,
            });
        }
    }

    /// Files of a folder that were left out.
    pub fn left_out(&mut self, files: usize) {
        let advice = "nothing, unless there is audio among them";
        self.plain(Severity::Note, "not_audio", files, advice, |n| {
            let files = counted(n, "file was", "files were");
            format!("{files} left out, since the name does not end like audio")
        });
    }
}

const fn advice_on_row(problem: &RowProblem) -> &'static str {
    match problem {
        RowProblem::UnknownFolder { .. } | RowProblem::AmbiguousFolder { .. } => {
            "rename the folder, move it elsewhere, or give the taxonomy that has the class (--taxonomy; `woofer taxonomy new` writes one)"
        }
        RowProblem::UnknownLabel { .. } => {
            "correct the label, or give the taxonomy that the list is written for (--taxonomy)"
        }
        RowProblem::UnknownFine { .. } => {
            "write one of the class's fine labels, or leave it empty for the class's usual one"
        }
        RowProblem::FineOfOtherClass { .. } => "listen, and correct the label or the fine label",
        RowProblem::FineNeeded { .. } => "write the fine label",
        RowProblem::Relabelled { .. } => "listen, and keep the row that is right",
        RowProblem::MissingFile { .. } => {
            "give the folder of the clips (--clips), correct the path, or take the row out"
        }
        _ => "correct the line",
    }
}

/// A number with the word for it.
pub(super) fn counted(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

//! What is wrong with a single row of a list.

use std::fmt;

/// Faults that are kept one by one; the others are counted.
const MAX_KEPT: usize = 10_000;

/// Where a message of a [`RowProblem`] goes over to what is allowed.
const ALLOWED: &str = "; allowed are ";

/// A row that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowFault {
    /// Line of the list, counted from 1 with the header; 0 in a folder of classes.
    pub line: u64,
    /// The file or folder as it is written there; empty when the row does not tell.
    pub path: String,
    /// What is wrong.
    pub problem: RowProblem,
}

/// What is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RowProblem {
    /// The label is the name or id of no class.
    #[error("label {value:?} is no class; allowed are {allowed}")]
    UnknownLabel {
        /// The label.
        value: String,
        /// Ids and names.
        allowed: String,
    },
    /// A sub-folder is not named after a class.
    #[error("the folder's name is no class and no fine label; allowed are {allowed}")]
    UnknownFolder {
        /// Ids and names.
        allowed: String,
    },
    /// Several classes have a fine label of this name.
    #[error("fine label {value:?} is of several classes; put the class's id in front, as in {example:?}")]
    AmbiguousFolder {
        /// The fine label.
        value: String,
        /// One of those meant.
        example: String,
    },
    /// The class has several fine labels and none of this name.
    #[error("fine label {value:?} is none of class {class}; allowed are {allowed}")]
    UnknownFine {
        /// The fine label.
        value: String,
        /// The class.
        class: String,
        /// The class's fine labels.
        allowed: String,
    },
    /// The fine label is one of another class.
    #[error("fine label {value:?} is of class {other}, but the label says {class}")]
    FineOfOtherClass {
        /// The fine label.
        value: String,
        /// The row's class.
        class: String,
        /// The fine label's class.
        other: String,
    },
    /// The row has no fine label, and the class has several of which none stands for the rest.
    #[error("class {class} has several fine labels, so the row has to name one of {allowed}")]
    FineNeeded {
        /// The class.
        class: String,
        /// The class's fine labels.
        allowed: String,
    },
    /// A value is none of those allowed.
    #[error("{column} is {value:?}; allowed is {allowed}")]
    BadValue {
        /// The column.
        column: &'static str,
        /// What stands there.
        value: String,
        /// What may stand there.
        allowed: &'static str,
    },
    /// The stretch ends before it begins.
    #[error("offset_s {offset_s} is not after onset_s {onset_s}")]
    Reversed {
        /// Start in seconds.
        onset_s: String,
        /// End in seconds.
        offset_s: String,
    },
    /// A column that every row needs is empty.
    #[error("{column} is empty")]
    EmptyValue {
        /// The column.
        column: &'static str,
    },
    /// The row has more or fewer values than the header.
    #[error("{found} values, but the header has {expected} columns")]
    ValueCount {
        /// Values in the row.
        found: usize,
        /// Columns in the header.
        expected: usize,
    },
    /// A value is not text.
    #[error("column {column}: {value:?} is not UTF-8")]
    NotUtf8 {
        /// The column's name.
        column: String,
        /// What stands there, with marks for what cannot be read.
        value: String,
    },
    /// The same stretch of the same file has two labels.
    #[error("is {label} here and {first_label} on line {first_line}")]
    Relabelled {
        /// The row's class and fine label.
        label: String,
        /// Those of the row before.
        first_label: String,
        /// The line of the row before; 0 in a folder of classes.
        first_line: u64,
    },
    /// There is no file at the path.
    #[error("there is no file {file}")]
    MissingFile {
        /// Where it was looked for.
        file: String,
    },
}

impl RowProblem {
    /// A short name of the kind of problem, the same in all versions.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::UnknownFolder { .. } | Self::AmbiguousFolder { .. } => "unknown_folder",
            Self::UnknownLabel { .. } => "unknown_label",
            Self::UnknownFine { .. } => "unknown_fine_label",
            Self::FineOfOtherClass { .. } => "contradicting_labels",
            Self::FineNeeded { .. } => "missing_fine_label",
            Self::Relabelled { .. } => "relabelled",
            Self::MissingFile { .. } => "missing_file",
            Self::BadValue { .. } | Self::Reversed { .. } | Self::EmptyValue { .. } => "bad_value",
            Self::ValueCount { .. } | Self::NotUtf8 { .. } => "bad_row",
        }
    }
}

impl RowFault {
    fn place(&self) -> String {
        match (self.line, self.path.as_str()) {
            (0, path) => path.to_owned(),
            (line, "") => format!("line {line}"),
            (line, path) => format!("line {line}, {path}"),
        }
    }
}

impl fmt::Display for RowFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place(), self.problem)
    }
}

/// The rows that cannot be used: the first of them one by one, all of them counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RowFaults {
    kept: Vec<RowFault>,
    count: usize,
}

impl RowFaults {
    pub(super) fn push(&mut self, fault: RowFault) {
        self.count += 1;
        if self.kept.len() < MAX_KEPT {
            self.kept.push(fault);
        }
    }

    /// How many there are.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.count
    }

    /// The first of them, at most 10,000.
    #[must_use]
    pub fn kept(&self) -> &[RowFault] {
        &self.kept
    }

    pub(super) fn into_kept(mut self) -> Vec<RowFault> {
        self.kept.sort_by_key(|fault| fault.line);
        self.kept
    }
}

/// A line for each different problem, at most `most`, and the number of faults that the lines speak of.
///
/// A column of labels that are all unknown is one line a label, and what is allowed is said once.
pub(super) fn lines<'a>(faults: impl IntoIterator<Item = &'a RowFault>, most: usize) -> (Vec<String>, usize) {
    let mut problems: Vec<(&RowFault, usize)> = Vec::new();
    let mut spoken_of = 0;
    for fault in faults {
        let same = |(first, _): &(&RowFault, usize)| first.problem == fault.problem && first.line > 0;
        match problems.iter().position(same) {
            Some(known) => problems[known].1 += 1,
            None if problems.len() < most => problems.push((fault, 1)),
            None => continue,
        }
        spoken_of += 1;
    }
    let mut last_allowed = String::new();
    let lines = problems.into_iter().map(|(fault, count)| {
        let whole = fault.problem.to_string();
        let (problem, allowed) = whole.split_once(ALLOWED).unwrap_or((&whole, ""));
        let new = !allowed.is_empty() && allowed != last_allowed;
        let allowed = if new {
            format!("{ALLOWED}{allowed}")
        } else {
            String::new()
        };
        if new {
            allowed[ALLOWED.len()..].clone_into(&mut last_allowed);
        }
        match count {
            1 => format!("{}: {problem}{allowed}", fault.place()),
            n => format!("line {} and {} more: {problem}{allowed}", fault.line, n - 1),
        }
    });
    (lines.collect(), spoken_of)
}

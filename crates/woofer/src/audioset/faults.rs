use std::collections::BTreeMap;

/// How many examples are kept for each kind.
const EXAMPLES: usize = 3;
/// How much of a bad line is kept.
const SHOWN: usize = 100;

/// Why a row of a table is passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum RowFault {
    /// It has too few values.
    TooFewValues,
    /// Its clip is not `<video id>_<start in ms>`, or its video id is none.
    BadClip,
    /// A time is no number of seconds from 0 on.
    BadTime,
    /// It ends before it begins.
    Reversed,
    /// It ends where it begins.
    Empty,
    /// It lies outside the ten seconds of its clip.
    OutsideClip,
    /// Its label is not in the table of names.
    UnknownLabel,
    /// The same row stood there before.
    Duplicate,
}

impl RowFault {
    /// The kind in words.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::TooFewValues => "too few values",
            Self::BadClip => "no clip id (11 letters, digits, - and _, then _ and milliseconds)",
            Self::BadTime => "a time that is no number of seconds from 0 on",
            Self::Reversed => "ends before it begins",
            Self::Empty => "ends where it begins",
            Self::OutsideClip => "outside the clip's ten seconds",
            Self::UnknownLabel => "a label without a name",
            Self::Duplicate => "the same row once more",
        }
    }
}

/// Rows of a table that were passed over: counted by kind, each kind with its first lines.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RowFaults {
    kinds: BTreeMap<RowFault, (usize, Vec<(u64, String)>)>,
}

impl RowFaults {
    pub(super) fn push(&mut self, fault: RowFault, line: u64, text: &[u8]) {
        let (count, examples) = self.kinds.entry(fault).or_default();
        *count += 1;
        if examples.len() < EXAMPLES {
            let shown: String = String::from_utf8_lossy(text).chars().take(SHOWN).collect();
            examples.push((line, shown));
        }
    }

    /// How many rows were passed over.
    #[must_use]
    pub fn count(&self) -> usize {
        self.kinds.values().map(|(count, _)| count).sum()
    }

    /// How many rows were passed over for this.
    #[must_use]
    pub fn of(&self, fault: RowFault) -> usize {
        self.kinds.get(&fault).map_or(0, |(count, _)| *count)
    }

    /// A sentence for each kind, with the first lines.
    pub fn sentences(&self) -> impl Iterator<Item = String> {
        self.kinds.iter().map(|(fault, (count, examples))| {
            let first = examples.first();
            let first = first.map_or_else(String::new, |(line, text)| format!("; line {line}: {text:?}"));
            let lines: Vec<_> = examples
                .iter()
                .skip(1)
                .map(|(line, _)| line.to_string())
                .collect();
            let more = match (lines.len(), *count > EXAMPLES) {
                (0, _) => String::new(),
                (_, false) => format!(", and line {}", lines.join(", ")),
                (_, true) => format!(", and lines {}, ...", lines.join(", ")),
            };
            let rows = if *count == 1 { "row" } else { "rows" };
            format!("{count} {rows} passed over: {}{first}{more}", fault.meaning())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_counted_and_shown_with_their_lines() {
        let mut faults = RowFaults::default();
        faults.push(RowFault::BadTime, 4, b"x\tlong");
        for line in 10..20 {
            faults.push(RowFault::Empty, line, &b"y".repeat(1_000));
        }
        let sentences: Vec<_> = faults.sentences().collect();
        assert_eq!(
            sentences[0],
            "1 row passed over: a time that is no number of seconds from 0 on; line 4: \"x\\tlong\""
        );
        let expected = format!(
            "10 rows passed over: ends where it begins; line 10: \"{}\", and lines 11, 12, ...",
            "y".repeat(100)
        );
        assert_eq!(sentences[1], expected);
        assert_eq!((faults.count(), faults.of(RowFault::Empty)), (11, 10));
    }
}

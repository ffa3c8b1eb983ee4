use clap::ValueEnum;

/// How results are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Text,
    /// One JSON document
    Json,
    /// A JSON object a line
    Jsonl,
    /// A row a class
    Csv,
    /// The rows of csv as a Parquet file
    Parquet,
    /// Events as a selection table of Raven
    Raven,
    /// Events as a label track of Audacity
    Audacity,
}

impl Format {
    /// Whether it lists events and not scores.
    pub const fn lists_events(self) -> bool {
        matches!(self, Self::Raven | Self::Audacity)
    }

    /// Whether windows can be told one by one, before what came of their file is known.
    pub const fn tells_windows(self) -> bool {
        matches!(self, Self::Text | Self::Jsonl | Self::Csv)
    }
}

/// Two times that differ by less are the same: a fraction of a sample at the highest rate.
const SAME_TIME_S: f64 = 1e-6;

/// When a class counts as heard, and when two soundings are one.
#[derive(Debug, Clone, PartialEq)]
pub struct EventRule {
    /// The lowest score of each class that counts; none for a class that is not looked for.
    thresholds: Vec<Option<f32>>,
    /// The longest gap in seconds between two windows of one event.
    max_gap_s: f64,
}

impl EventRule {
    /// A rule by a threshold a class, in the order of the classes; one without a threshold is not looked for.
    ///
    /// Windows that abut or overlap are always one event; so are those that lie at most `max_gap_s` seconds apart. A gap
    /// below 0 or one that is no number counts as 0.
    #[must_use]
    pub fn new(thresholds: Vec<Option<f32>>, max_gap_s: f64) -> Self {
        Self {
            thresholds,
            max_gap_s: max_gap_s.max(0.0),
        }
    }

    /// Whether a window that begins at `onset_s` belongs to the event of its class that ends, so far, at `offset_s`.
    #[must_use]
    pub fn joins(&self, offset_s: f64, onset_s: f64) -> bool {
        onset_s <= offset_s + self.max_gap_s + SAME_TIME_S
    }

    /// The thresholds in the order of the classes.
    #[must_use]
    pub fn thresholds(&self) -> &[Option<f32>] {
        &self.thresholds
    }

    /// The longest gap in seconds between two windows of one event.
    #[must_use]
    pub const fn max_gap_s(&self) -> f64 {
        self.max_gap_s
    }
}

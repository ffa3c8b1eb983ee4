/// Two times that differ by less are the same: a fraction of a sample at the highest rate.
const SAME_TIME_S: f64 = 1e-6;

/// When a class counts as heard, when two soundings are one, and how long one has to last.
#[derive(Debug, Clone, PartialEq)]
pub struct EventRule {
    /// The lowest score of each class that counts; none for a class that is not looked for.
    thresholds: Vec<Option<f32>>,
    /// The longest gap in seconds between two windows of one event.
    max_gap_s: f64,
    /// How long in seconds an event of each class lasts at least; 0 for one that is not named.
    min_event_s: Vec<f64>,
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
            min_event_s: Vec::new(),
        }
    }

    /// The same rule, by which an event of a class lasts at least so many seconds, in the order of the classes.
    ///
    /// A time that is missing or no number counts as 0.
    #[must_use]
    pub fn lasting(self, min_event_s: Vec<f64>) -> Self {
        Self { min_event_s, ..self }
    }

    /// Whether an event of a class that lasts so long lasts long enough.
    #[must_use]
    pub fn is_long_enough(&self, class: usize, duration_s: f64) -> bool {
        let least_s = self.min_event_s.get(class).copied().unwrap_or_default();
        least_s.is_nan() || duration_s + SAME_TIME_S >= least_s
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

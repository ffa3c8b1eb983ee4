/// A sound with a beginning and an end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Event {
    /// Id of its class.
    pub class: usize,
    /// Start of its first window, in seconds.
    pub onset_s: f64,
    /// End of its last window, in seconds.
    pub offset_s: f64,
    /// The highest score of the class in its windows.
    pub peak_score: f32,
    /// Number of its windows whose score reaches the threshold.
    pub windows: usize,
}

impl Event {
    /// How long it lasts, in seconds.
    #[must_use]
    pub fn duration_s(&self) -> f64 {
        self.offset_s - self.onset_s
    }
}

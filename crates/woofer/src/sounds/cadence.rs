use crate::augment::Stream;

/// Pulses in groups, again and again.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cadence {
    /// Pulses of a group.
    pub pulses: usize,
    pub on_s: f64,
    /// Between two pulses of a group.
    pub off_s: f64,
    /// Between two groups.
    pub pause_s: f64,
}

impl Cadence {
    /// ISO 8201, the temporal three of evacuation: half a second on and off, three times, then 1.5 s off.
    pub const TEMPORAL_THREE: Self = Self {
        pulses: 3,
        on_s: 0.5,
        off_s: 0.5,
        pause_s: 1.5,
    };

    /// UL 2034, the temporal four of carbon monoxide: four pulses of a tenth of a second, then 5 s off.
    pub const TEMPORAL_FOUR: Self = Self {
        pulses: 4,
        on_s: 0.1,
        off_s: 0.1,
        pause_s: 5.0,
    };

    /// Each time longer or shorter by up to 9 %: the standards allow 10 %, and the rest is for unsteady pulses.
    pub fn varied(self, stream: &mut Stream) -> Self {
        let mut varied = |seconds: f64| seconds * stream.between(0.91, 1.09);
        Self {
            pulses: self.pulses,
            on_s: varied(self.on_s),
            off_s: varied(self.off_s),
            pause_s: varied(self.pause_s),
        }
    }

    /// From the start of a group to its end.
    pub fn group_s(&self) -> f64 {
        self.pulses as f64 * (self.on_s + self.off_s) - self.off_s
    }

    /// From the start of a group to that of the next.
    pub fn period_s(&self) -> f64 {
        self.group_s() + self.pause_s
    }

    /// When each pulse begins that is heard between 0 and `length_s`, if a group begins at `group_at_s`.
    pub fn onsets(&self, group_at_s: f64, length_s: f64) -> impl Iterator<Item = f64> {
        let (this, period_s) = (*self, self.period_s());
        let first_s = group_at_s - (group_at_s / period_s).ceil().max(0.0) * period_s;
        (0u32..)
            .map(move |group| first_s + f64::from(group) * period_s)
            .take_while(move |&group_s| group_s < length_s)
            .flat_map(move |group_s| {
                (0..this.pulses).map(move |pulse| group_s + pulse as f64 * (this.on_s + this.off_s))
            })
            .filter(move |&onset_s| onset_s + this.on_s > 0.0 && onset_s < length_s)
    }
}

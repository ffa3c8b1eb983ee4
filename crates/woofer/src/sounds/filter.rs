use std::f64::consts::PI;

use super::units::RATE;

/// A filter of second order whose corner may move while it runs.
///
/// The state-variable filter by trapezoidal integration (V. Zavalishin, "The Art of VA Filter Design", chapter 4).
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Filter {
    first: f64,
    second: f64,
}

/// What of a sample lies where.
pub(super) struct Bands {
    pub low: f64,
    /// Of gain 1 at the corner.
    pub band: f64,
}

impl Filter {
    /// Takes a sample; `hz` is the corner and `q` how narrow it is.
    pub fn step(&mut self, x: f64, hz: f64, q: f64) -> Bands {
        let g = (PI * (hz / RATE).clamp(1e-5, 0.45)).tan();
        let k = 1.0 / q;
        let band = (self.first + g * (x - self.second)) / (1.0 + g * (g + k));
        let low = self.second + g * band;
        self.first = 2.0 * band - self.first;
        self.second = 2.0 * low - self.second;
        Bands { low, band: k * band }
    }
}

use super::units::{count, kept, length_s};

/// A stretch of time that sounds are laid into.
pub(super) struct Canvas {
    samples: Vec<f32>,
}

impl Canvas {
    /// Silence of so many samples.
    pub fn new(n: usize) -> Self {
        Self {
            samples: vec![0.0; n],
        }
    }

    /// Its length in seconds.
    pub fn length_s(&self) -> f64 {
        length_s(self.samples.len())
    }

    /// Adds a sound that begins at a time; what lies before the start or beyond the end is left out.
    pub fn add(&mut self, at_s: f64, factor: f64, sound: &[f32]) {
        let factor = kept(factor);
        let (skipped, from) = (count(-at_s), count(at_s));
        let room = self.samples.iter_mut().skip(from);
        for (to, x) in room.zip(sound.iter().skip(skipped)) {
            *to += factor * x;
        }
    }

    /// What has come together.
    pub fn into_samples(self) -> Vec<f32> {
        self.samples
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_left_out_at_both_ends() {
        let mut canvas = Canvas::new(4);
        let sample_s = length_s(1);
        canvas.add(-sample_s, 1.0, &[1.0, 2.0, 3.0]);
        canvas.add(3.0 * sample_s, 2.0, &[5.0, 7.0]);
        canvas.add(-10.0, 1.0, &[1.0]);
        canvas.add(10.0, 1.0, &[1.0]);
        assert!(canvas.into_samples().iter().eq([2.0, 3.0, 0.0, 10.0].iter()));
    }
}

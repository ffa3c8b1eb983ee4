use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use woofer::audio::{AudioError, AudioReader, resample};
use woofer::augment::{
    Chain, MelGrid, NOISE_CLIP_RATE_HZ, NoBackgrounds, NoiseGenerator, StreamKey, noise_clip,
};
use woofer::features::{Examples, FrontEnd, LEVEL_VERSION, LogMelPlan, level};
use woofer::pipeline::SegmentReader;
use woofer::with_causes;

use super::clips::{Clip, Role, Sound};
use super::error::TrainingError;
use super::recipe::{Freeze, Recipe};

/// Makes the copies of a clip that are trained on, and those that are scored.
///
/// Copies are counted from 0: first those that start late, as `copies.shifts_s` lists them, which are scored too; then
/// the augmented ones; then those that are made worse and only tested.
pub(super) struct CopyMaker {
    plan: Arc<LogMelPlan>,
    chain: Chain,
    degraded: Vec<Chain>,
    noise: NoiseGenerator,
    lates: Vec<usize>,
    augmented: usize,
    seed: u64,
    level: bool,
    /// Whether an augmented copy is another one in each epoch.
    anew: bool,
}

/// One copy of a segment as the network's input, `[count, 1, height, width]`.
pub(super) struct Copy {
    pub(super) examples: Examples,
    pub(super) values: Vec<f32>,
}

/// The sound of a clip, cut into segments at the front end's rate.
pub(super) enum Heard<'a> {
    /// Segments of a recording.
    Segments(Vec<Cow<'a, [f32]>>),
    /// A noise clip, which is one segment and another noise in each copy.
    Noise(usize),
}

impl CopyMaker {
    pub(super) fn new(recipe: &Recipe, front_end: FrontEnd) -> Result<Self, TrainingError> {
        let rate_hz = front_end.rate_hz();
        let chain = Chain::new(recipe.augment.clone(), rate_hz);
        let degraded = recipe.validation.degraded.iter();
        let degraded: Result<Vec<Chain>, _> = degraded
            .map(|degradation| Chain::new(degradation.augment.clone(), rate_hz))
            .collect();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a shift is between 0 and 2.5 s"
        )]
        let late = |&shift_s: &f64| (shift_s * f64::from(rate_hz)).round() as usize;
        Ok(Self {
            plan: LogMelPlan::new(front_end),
            chain: chain.map_err(|e| TrainingError::Recipe(e.to_string()))?,
            degraded: degraded.map_err(|e| TrainingError::Recipe(e.to_string()))?,
            noise: NoiseGenerator::default(),
            lates: recipe.copies.shifts_s.iter().map(late).collect(),
            augmented: recipe.copies.augmented,
            seed: recipe.seed,
            level: recipe.network.level_segments,
            anew: recipe.network.freeze == Freeze::Nothing,
        })
    }

    /// Reads a clip's file.
    ///
    /// # Errors
    ///
    /// It cannot be read, or the stretch holds no sound; the message names the file.
    pub(super) fn hear(&self, sound: &Sound) -> Result<Heard<'static>, String> {
        let (path, stretch) = match sound {
            Sound::Noise(index) => return Ok(Heard::Noise(*index)),
            Sound::File { path, stretch } => (path, *stretch),
        };
        let told = |e: AudioError| with_causes(&e);
        let mut reader = AudioReader::open(path).map_err(told)?;
        let mut segments = SegmentReader::new(&mut reader, self.plan.front_end(), stretch).map_err(told)?;
        let mut all = Vec::new();
        while let Some(segment) = segments.next_segment().map_err(told)? {
            all.push(Cow::Owned(segment.samples));
        }
        if all.is_empty() {
            return Err(format!("{}: {stretch} holds no sound", path.display()));
        }
        Ok(Heard::Segments(all))
    }

    /// How many copies of each segment there are.
    fn count(&self) -> usize {
        self.lates.len() + self.augmented + self.degraded.len()
    }

    /// Those that are scored.
    pub(super) fn scored(&self) -> Range<usize> {
        0..self.lates.len()
    }

    /// Those that are trained on.
    pub(super) fn trained(&self) -> Range<usize> {
        0..self.lates.len() + self.augmented
    }

    /// The one that is made worse in the way of this number.
    pub(super) fn degraded(&self, way: usize) -> Range<usize> {
        let first = self.lates.len() + self.augmented;
        first + way..first + way + 1
    }

    /// How many copies of each segment of a clip there are: one that is only tested has those that are scored.
    pub(super) fn count_of(&self, clip: &Clip) -> usize {
        match clip.role {
            Role::Retested(_) => self.lates.len(),
            Role::Listed(_) | Role::Noise(_) | Role::Extra => self.count(),
        }
    }

    /// The copies of a clip that are trained on: of another list's clips only the first of those that start late.
    pub(super) fn of(&self, clip: &Clip) -> Vec<usize> {
        let is_taken = |copy: &usize| clip.role != Role::Extra || *copy == 0 || *copy >= self.lates.len();
        (0..self.lates.len() + self.augmented).filter(is_taken).collect()
    }

    /// The front end's features of a copy of a segment; `number` stays with the clip, whatever the list.
    pub(super) fn copy(
        &self,
        heard: &Heard<'_>,
        number: u64,
        segment: usize,
        copy: usize,
        epoch: usize,
    ) -> Copy {
        let late = self.lates.get(copy).copied();
        let way = copy.checked_sub(self.lates.len() + self.augmented);
        let chain = way.and_then(|way| self.degraded.get(way)).unwrap_or(&self.chain);
        let step = if self.anew && late.is_none() && way.is_none() {
            epoch
        } else {
            0
        };
        // Augmented copies of one clip differ in the epoch's place of the key; segments in the clip's.
        let epoch_key = (copy as u64) | (step as u64) << 32;
        let clip_key = number.wrapping_add((segment as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let key = StreamKey::new(self.seed, epoch_key, clip_key);
        let mut samples = self.samples(heard, segment, copy);
        // A noise is another one in each copy, and begins with the segment.
        let late = match heard {
            Heard::Segments(_) => late,
            Heard::Noise(_) => late.map(|_| 0),
        };
        if late.is_some() {
            self.bring_to_level(&mut samples);
        }
        let (examples, masked) = match late {
            Some(0) => (Examples::new(&self.plan, &samples), false),
            Some(late) if late < samples.len() => {
                (Examples::starting_late(&self.plan, &samples, late), false)
            }
            // Nothing would be left of it: it is trained on as it is, once more.
            Some(_) => (Examples::new(&self.plan, &samples), false),
            None => {
                let mut samples = samples.into_owned();
                self.fill(&mut samples);
                chain.apply_waveform(&mut samples, key, &NoBackgrounds);
                let mut samples = Cow::Owned(samples);
                self.bring_to_level(&mut samples);
                (Examples::new(&self.plan, &samples), true)
            }
        };
        let mut values = examples.values().to_vec();
        if masked {
            let grid = MelGrid::of_examples(self.plan.front_end(), examples.shape());
            chain.apply_log_mel(&mut values, &grid, key);
        }
        Copy { examples, values }
    }

    /// The front end's features of a segment as it is; of a noise clip, of the noise in that copy.
    pub(super) fn plain(&self, heard: &Heard<'_>, segment: usize, copy: usize) -> Examples {
        let mut samples = self.samples(heard, segment, copy);
        self.bring_to_level(&mut samples);
        Examples::new(&self.plan, &samples)
    }

    fn samples<'h>(&self, heard: &Heard<'h>, segment: usize, copy: usize) -> Cow<'h, [f32]> {
        match heard {
            Heard::Segments(segments) => segments.get(segment).cloned().unwrap_or_default(),
            Heard::Noise(index) => Cow::Owned(self.noise_segment(*index, copy)),
        }
    }

    fn bring_to_level(&self, samples: &mut Cow<'_, [f32]>) {
        if self.level {
            level(samples.to_mut(), self.plan.front_end());
        }
    }

    /// Silence after a segment that is shorter than what the network reads, so that a room's echo has a place and a
    /// shift has room.
    fn fill(&self, samples: &mut Vec<f32>) {
        let least = self.plan.front_end().spec().min_samples;
        if samples.len() < least {
            samples.resize(least, 0.0);
        }
    }

    fn noise_segment(&self, index: usize, copy: usize) -> Vec<f32> {
        let noise = noise_clip(&self.noise, self.seed, copy, index);
        let rate_hz = self.plan.front_end().rate_hz();
        // Both rates are known to be allowed.
        resample(&noise, NOISE_CLIP_RATE_HZ, rate_hz).unwrap_or_default()
    }

    pub(super) const fn chain(&self) -> &Chain {
        &self.chain
    }

    pub(super) const fn brings_to_level(&self) -> bool {
        self.level
    }

    /// Tells all that decides what the kept copies are, for the key of a cache.
    pub(super) fn description(&self) -> String {
        format!(
            "{}; levelled {LEVEL_VERSION} {}; late by {:?} samples; {} augmented with seed {} by {:?}; worse by {:?}",
            self.plan.front_end().description(),
            self.level,
            self.lates,
            self.augmented,
            self.seed,
            self.chain.configs(),
            self.degraded.iter().map(Chain::configs).collect::<Vec<_>>()
        )
    }
}

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use woofer::audio::{AudioError, AudioReader, resample};
use woofer::augment::{
    AugmentError, Chain, MelGrid, NOISE_CLIP_RATE_HZ, NoiseGenerator, StreamKey, noise_clip,
};
use woofer::features::{Examples, FrontEnd, HEARING_VERSION, Hearing, LEVEL_VERSION, LogMelPlan, level};
use woofer::pipeline::SegmentReader;
use woofer::sounds::{SoundKind, SoundMaker};
use woofer::with_causes;

use super::clips::{Clip, Role, Sound};
use super::error::TrainingError;
use super::made_backgrounds::MadeBackgrounds;
use super::recipe::{Freeze, Recipe};

/// Tells the keys of tested copies from those of others.
const TESTED: u64 = 1 << 63;

/// Makes the copies of a clip that are trained on, and those that are scored.
///
/// Copies are counted from 0: first those that start late, as `copies.shifts_s` lists them, which are scored too; then
/// the augmented ones; then those that are made worse and only tested. Each copy counts once for each way in
/// which it is heard, one right after the other.
pub(super) struct CopyMaker {
    plan: Arc<LogMelPlan>,
    chain: Chain,
    worse: Vec<Worse>,
    noise: NoiseGenerator,
    sounds: SoundMaker,
    /// Kinds of the sounds that are laid under clips.
    backgrounds: Vec<SoundKind>,
    lates: Vec<usize>,
    augmented: usize,
    seed: u64,
    level: bool,
    /// How each copy is heard.
    hearings: Vec<Hearing>,
    /// Whether an augmented copy is another one in each epoch.
    anew: bool,
}

/// How a copy that is only tested is made worse.
struct Worse {
    chain: Chain,
    /// Its way's place in the recipe.
    way: usize,
    /// Which of the way's draws it is.
    draw: usize,
}

/// One copy of a segment as the network's input, `[count, 1, height, width]`.
#[derive(Clone)]
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
        let ways = recipe.validation.degraded.iter().enumerate();
        let worse = ways.flat_map(|(way, degradation)| {
            (0..degradation.draws).map(move |draw| {
                let chain = Chain::new(degradation.augment.clone(), rate_hz)?;
                Ok(Worse { chain, way, draw })
            })
        });
        let told = |e: AugmentError| TrainingError::Recipe(e.to_string());
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a shift is between 0 and 2.5 s"
        )]
        let late = |&shift_s: &f64| (shift_s * f64::from(rate_hz)).round() as usize;
        Ok(Self {
            plan: LogMelPlan::new(front_end),
            chain: chain.map_err(told)?,
            worse: worse.collect::<Result<_, _>>().map_err(told)?,
            noise: NoiseGenerator::default(),
            sounds: SoundMaker::default(),
            backgrounds: recipe.backgrounds.sounds.clone(),
            lates: recipe.copies.shifts_s.iter().map(late).collect(),
            augmented: recipe.copies.augmented,
            seed: recipe.seed,
            level: recipe.network.level_segments,
            hearings: recipe.network.hearings.clone(),
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
        self.trained().end + self.hearings() * self.worse.len()
    }

    /// How often each is heard.
    pub(super) const fn hearings(&self) -> usize {
        self.hearings.len()
    }

    /// The first, each time it is heard.
    pub(super) const fn first(&self) -> Range<usize> {
        0..self.hearings()
    }

    /// Those that are scored.
    pub(super) fn scored(&self) -> Range<usize> {
        0..self.hearings() * self.lates.len()
    }

    /// Those that are trained on.
    pub(super) fn trained(&self) -> Range<usize> {
        0..self.hearings() * (self.lates.len() + self.augmented)
    }

    /// Those that are made worse in the way of this place in the recipe, a draw each.
    pub(super) fn degraded(&self, way: usize) -> Vec<Range<usize>> {
        let copies = (self.trained().end..).step_by(self.hearings()).zip(&self.worse);
        copies
            .filter(|(_, worse)| worse.way == way)
            .map(|(copy, _)| copy..copy + self.hearings())
            .collect()
    }

    /// How many copies of each segment of a clip there are: only a clip of the list is trained on and tested.
    pub(super) fn count_of(&self, clip: &Clip) -> usize {
        match clip.role {
            Role::Retested(_) => self.scored().end,
            Role::Noise(_) | Role::Extra(_) => self.trained().end,
            Role::Listed(_) => self.count(),
        }
    }

    /// Whether a clip has each copy that another clip has.
    pub(super) fn has_all(&self, clip: &Clip) -> bool {
        self.count_of(clip) == self.count()
    }

    /// The copies of a clip that layers are trained on, as they are: of another list's clips only the first of those that
    /// start late.
    pub(super) fn of(&self, clip: &Clip) -> Vec<usize> {
        let is_extra = matches!(clip.role, Role::Extra(_));
        let is_taken = |copy: &usize| !is_extra || *copy == 0 || *copy >= self.scored().end;
        self.trained().step_by(self.hearings()).filter(is_taken).collect()
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
        let made = self.made(heard, number, segment, copy / self.hearings(), epoch);
        let hearing = self.hearings.get(copy % self.hearings()).copied();
        self.as_heard(&made, hearing.unwrap_or(Hearing::Plain))
    }

    /// A copy in each of its hearings, the first of them `copy` as [`CopyMaker::copy`] counts.
    pub(super) fn heard_copies(
        &self,
        heard: &Heard<'_>,
        number: u64,
        segment: usize,
        copy: usize,
    ) -> Vec<Copy> {
        let made = self.made(heard, number, segment, copy / self.hearings(), 0);
        let hearings = self.hearings.iter();
        hearings.map(|hearing| self.as_heard(&made, *hearing)).collect()
    }

    /// A copy in one of its hearings.
    fn as_heard(&self, made: &Copy, hearing: Hearing) -> Copy {
        if hearing == Hearing::Plain {
            return made.clone();
        }
        let heard = made.examples.with_values(made.values.clone());
        let examples = hearing.of(&heard, self.plan.front_end()).into_owned();
        let values = examples.values().to_vec();
        Copy { examples, values }
    }

    /// The `copy`-th copy, where each counts once, before it is heard.
    fn made(&self, heard: &Heard<'_>, number: u64, segment: usize, copy: usize, epoch: usize) -> Copy {
        let late = self.lates.get(copy).copied();
        let worse = copy
            .checked_sub(self.lates.len() + self.augmented)
            .and_then(|place| self.worse.get(place));
        let chain = worse.map_or(&self.chain, |worse| &worse.chain);
        // Copies of one clip differ in the epoch's place of the key; segments in the clip's. Those that are tested are
        // the same however many are trained on.
        let epoch_key = match worse {
            Some(Worse { way, draw, .. }) => TESTED | (*way as u64) << 32 | *draw as u64,
            None if self.anew && late.is_none() => copy as u64 | (epoch as u64) << 32,
            None => copy as u64,
        };
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
                let rate_hz = self.plan.front_end().rate_hz();
                let sounds = MadeBackgrounds::new(&self.sounds, &self.backgrounds, rate_hz, worse.is_some());
                chain.apply_waveform(&mut samples, key, &sounds);
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

    /// The front end's features of a segment as it is, in the first hearing; of a noise clip, of the noise in that copy.
    pub(super) fn clean(&self, heard: &Heard<'_>, segment: usize, copy: usize) -> Examples {
        let copy = copy / self.hearings();
        let mut samples = self.samples(heard, segment, copy);
        self.bring_to_level(&mut samples);
        let examples = Examples::new(&self.plan, &samples);
        self.layers_hear()
            .of(&examples, self.plan.front_end())
            .into_owned()
    }

    /// The first hearing, which layers learn from.
    fn layers_hear(&self) -> Hearing {
        self.hearings.first().copied().unwrap_or(Hearing::Plain)
    }

    fn bring_to_level(&self, samples: &mut Cow<'_, [f32]>) {
        if self.level {
            level(samples.to_mut(), self.plan.front_end());
        }
    }

    fn samples<'h>(&self, heard: &Heard<'h>, segment: usize, copy: usize) -> Cow<'h, [f32]> {
        match heard {
            Heard::Segments(segments) => segments.get(segment).cloned().unwrap_or_default(),
            Heard::Noise(index) => Cow::Owned(self.noise_segment(*index, copy)),
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

    /// Tells all that decides what [`CopyMaker::clean`] makes of a segment, for the key of a cache.
    pub(super) fn target(&self) -> String {
        let heard = match self.layers_hear() {
            Hearing::Plain => String::new(),
            hearing => format!(" {hearing:?} {HEARING_VERSION}"),
        };
        format!("{LEVEL_VERSION} {}{heard}", self.level)
    }

    /// Tells all that decides what the kept copies are, for the key of a cache.
    pub(super) fn description(&self) -> String {
        let again = match self.hearings.as_slice() {
            [Hearing::Plain] => String::new(),
            hearings => format!("; each heard as {hearings:?} {HEARING_VERSION}"),
        };
        let mut chains = self.worse.iter().map(|worse| &worse.chain).chain([&self.chain]);
        let over = if chains.any(Chain::needs_backgrounds) {
            format!("; {}", MadeBackgrounds::description(&self.backgrounds))
        } else {
            String::new()
        };
        format!(
            "{}; levelled {LEVEL_VERSION} {}; late by {:?} samples; {} augmented with seed {} by {:?}; worse by {:?}{again}{over}",
            self.plan.front_end().description(),
            self.level,
            self.lates,
            self.augmented,
            self.seed,
            self.chain.configs(),
            self.worse
                .iter()
                .map(|worse| (worse.chain.configs(), worse.draw))
                .collect::<Vec<_>>()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hearings_follow_each_copy_and_layers_learn_from_the_first() {
        let maker = |hearings: &str| {
            let changes = [
                format!("network.hearings={hearings}"),
                "copies.augmented=2".to_owned(),
            ];
            CopyMaker::new(&Recipe::open("woofer", &changes).unwrap(), FrontEnd::Mn).unwrap()
        };
        let once = maker(r#"["plain"]"#);
        let thrice = maker(r#"["plain", "quieter", "dereverberated"]"#);
        let tone: Vec<f32> = (0..160_000)
            .map(|i| {
                if i % 40_000 < 8_000 {
                    (i as f32 * 0.05).sin()
                } else {
                    0.0
                }
            })
            .collect();
        let tone = || Heard::Segments(vec![Cow::Borrowed(&tone[..])]);
        let copy = |maker: &CopyMaker, copy: usize| maker.copy(&tone(), 7, 0, copy, 0);
        assert_eq!(thrice.count(), 3 * once.count());
        assert_eq!(thrice.scored(), 0..3);
        for at in 0..once.count() {
            let plain = copy(&once, at);
            let plain = plain.examples.with_values(plain.values);
            let together = thrice.heard_copies(&tone(), 7, 0, 3 * at);
            let hearings = [Hearing::Plain, Hearing::Quieter, Hearing::Dereverberated];
            for (i, (hearing, together)) in hearings.iter().zip(together).enumerate() {
                let expected = hearing.of(&plain, FrontEnd::Mn);
                assert_eq!(copy(&thrice, 3 * at + i).values, expected.values(), "copy {at}");
                assert_eq!(together.values, expected.values(), "copy {at}");
            }
        }
        let clip = Clip {
            fine: 0,
            class: 0,
            source: String::new(),
            sound: Sound::Noise(0),
            role: Role::Listed(0),
        };
        assert_eq!(thrice.of(&clip), [0, 3, 6]);
        assert_eq!(
            thrice.degraded(2)[1],
            3 * once.degraded(2)[1].start..3 * once.degraded(2)[1].end
        );
        assert!(once.description() != thrice.description());
    }

    #[test]
    fn what_the_published_network_hears_is_heard_as_layers_hear_copies() {
        let maker = |hearings: &str| {
            let changes = [
                format!("network.hearings={hearings}"),
                "copies.augmented=1".to_owned(),
            ];
            CopyMaker::new(&Recipe::open("woofer", &changes).unwrap(), FrontEnd::Mn).unwrap()
        };
        let fading: Vec<f32> = (0..160_000)
            .map(|i| (i as f32 * 0.05).sin() * (-(i as f32) / 40_000.0).exp())
            .collect();
        let fading = || Heard::Segments(vec![Cow::Borrowed(&fading[..])]);
        let (plain, expanded) = (maker(r#"["plain"]"#), maker(r#"["expanded", "quieter"]"#));
        let clean = plain.clean(&fading(), 0, 0);
        let after = Hearing::Expanded.of(&clean, FrontEnd::Mn).into_owned();
        assert!(clean != after);
        assert_eq!(expanded.clean(&fading(), 0, 0), after);
        assert_eq!(expanded.copy(&fading(), 7, 0, 0, 0).values, after.values());
        assert!(plain.target() != expanded.target());
        assert!(plain.description() != maker(r#"["expanded"]"#).description());
        assert_eq!(plain.target(), maker(r#"["plain", "expanded_quieter"]"#).target());
    }

    #[test]
    fn tested_copies_are_the_same_however_many_are_trained_on() {
        let noise = |draws: usize| {
            format!(
                r#"validation.degraded=[{{ name = "far", augment = [] }}, {{ name = "in noise", draws = {draws}, augment = [{{ kind = "colored_noise", probability = 1, min_beta = 1, max_beta = 1, min_snr_db = 0, max_snr_db = 0 }}] }}]"#
            )
        };
        let maker = |augmented: usize, draws: usize| {
            let changes = [format!("copies.augmented={augmented}"), noise(draws)];
            CopyMaker::new(&Recipe::open("woofer", &changes).unwrap(), FrontEnd::Mn).unwrap()
        };
        let tone: Vec<f32> = (0..160_000).map(|i| (i as f32 * 0.05).sin()).collect();
        let values = |maker: &CopyMaker, copies: &Range<usize>| {
            let heard = Heard::Segments(vec![Cow::Borrowed(&tone[..])]);
            maker.copy(&heard, 7, 0, copies.start, 0).values
        };
        let (few, many) = (maker(0, 1), maker(3, 2));
        let [of_few, of_many] = [&few, &many].map(|maker| maker.degraded(1));
        assert_eq!((of_few.len(), of_many.len()), (1, 2));
        assert_eq!(of_many[1].end, many.count());
        assert_eq!(values(&few, &of_few[0]), values(&many, &of_many[0]));
        assert!(values(&many, &of_many[0]) != values(&many, &of_many[1]));
    }

    #[test]
    fn sounds_are_laid_under_copies_and_others_under_those_that_are_tested() {
        let step = r#"{ kind = "background", probability = 1, min_snr_db = 0, max_snr_db = 0 }"#;
        let maker = |sounds: &str| {
            let changes = [
                "copies.augmented=2".to_owned(),
                format!("augment=[{step}]"),
                format!(r#"validation.degraded=[{{ name = "at home", draws = 2, augment = [{step}] }}]"#),
                format!("backgrounds.sounds={sounds}"),
            ];
            CopyMaker::new(&Recipe::open("mapped", &changes).unwrap(), FrontEnd::Mn).unwrap()
        };
        let tone: Vec<f32> = (0..160_000).map(|i| (i as f32 * 0.05).sin()).collect();
        let (hums, waters) = (maker(r#"["hum"]"#), maker(r#"["water"]"#));
        let values = |maker: &CopyMaker, copy: usize| {
            let heard = Heard::Segments(vec![Cow::Borrowed(&tone[..])]);
            maker.copy(&heard, 7, 0, copy, 0).values
        };
        assert_eq!(values(&hums, 0), values(&waters, 0));
        for copy in 1..hums.count() {
            assert_eq!(values(&hums, copy), values(&hums, copy));
            assert!(values(&hums, copy) != values(&waters, copy), "copy {copy}");
            for other in 0..copy {
                assert!(
                    values(&hums, copy) != values(&hums, other),
                    "copies {copy}, {other}"
                );
            }
        }
        assert!(hums.description() != waters.description());
    }
}

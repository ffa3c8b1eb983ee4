use std::borrow::Cow;

use rayon::prelude::*;
use woofer::dataset::feature_cache::{CacheKey, CachedRows, ContentHash, FeatureCache, FillError};
use woofer::features::Examples;
use woofer::{Classifier as _, with_causes};

use super::clips::{Clip, Sound};
use super::copies::{CopyMaker, Heard};
use super::error::TrainingError;
use super::kept::{Input, Kept, Places};
use super::progress::{Progress, Watch};
use crate::backbone::layer::{tensor, values};
use crate::model::Model;
use crate::network::{Cut, Network};
use burn::tensor::Device;

/// What all clips are to the network above its cut, ready to be taken in any order.
pub(super) struct Material<'a> {
    maker: CopyMaker,
    teacher: Option<&'a Model>,
    /// A kept row of each clip, or why there is none.
    kept: Vec<Result<KeptClip, String>>,
    /// Whether the rows hold samples, of which copies are made when they are taken.
    live: bool,
    /// Whether what the published backbone says of each segment is kept too.
    published: bool,
}

struct KeptClip {
    row: KeptRow,
    places: Places,
    number: u64,
    noise: Option<usize>,
    /// Copies of each segment.
    copies: usize,
}

enum KeptRow {
    Cached(CachedRows),
    Held(Vec<f32>),
}

impl KeptRow {
    fn values(&self) -> &[f32] {
        match self {
            Self::Cached(rows) => rows.row(0).unwrap_or_default(),
            Self::Held(row) => row,
        }
    }
}

/// Who makes the kept part of the copies: the network below its cut, on a device.
pub(super) struct Lower<'a> {
    pub(super) network: &'a Network,
    pub(super) cut: Cut,
    pub(super) device: &'a Device,
    /// Tells the weights apart from others, for the cache.
    pub(super) identity: String,
}

impl<'a> Material<'a> {
    /// Hears every clip once and keeps what does not change from epoch to epoch.
    pub(super) fn new(
        clips: &[Clip],
        maker: CopyMaker,
        lower: &Lower<'_>,
        teacher: Option<&'a Model>,
        published: bool,
        cache: &FeatureCache,
        watch: &dyn Watch,
    ) -> Result<Self, TrainingError> {
        if let Some(teacher) = teacher
            && teacher.front_end() != lower.network.front_end()
        {
            return Err(TrainingError::Recipe(format!(
                "the teacher {} hears by the front end {}, the backbone by {}; they have to be the same",
                teacher.name(),
                teacher.front_end(),
                lower.network.front_end()
            )));
        }
        let live = lower.cut == Cut::Layers(0);
        let mut material = Self {
            maker,
            teacher,
            kept: Vec::new(),
            live,
            published,
        };
        let shared = material.settings(lower);
        let settings = |clip: &Clip| {
            if live || material.maker.has_all(clip) {
                shared.clone()
            } else {
                format!("{shared}; the first {}", material.maker.count_of(clip))
            }
        };
        let done = std::sync::atomic::AtomicUsize::new(0);
        let progress = || {
            let done = done.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1;
            watch.on(&Progress::Heard {
                done,
                clips: clips.len(),
            });
        };
        let files: Vec<&Clip> = clips
            .iter()
            .filter(|clip| matches!(clip.sound, Sound::File { .. }))
            .collect();
        let cached = cache.fill(
            &files,
            |clip| key(clip, &settings(clip)).map(|(key, _)| key),
            |clip| {
                let (_, number) = key(clip, &settings(clip))?;
                let copies = material.maker.count_of(clip);
                Ok(vec![material.row(&clip.sound, number, copies, lower)?])
            },
            &progress,
        );
        let mut cached = cached.into_iter();
        let kept: Vec<Result<KeptClip, String>> = clips
            .iter()
            .map(|clip| match clip.sound {
                Sound::File { .. } => {
                    // Taken before anything can fail: there is one for each file, whatever became of it.
                    let rows = cached.next().ok_or("was not heard")?;
                    let (_, number) = key(clip, &settings(clip))?;
                    let rows = rows.map_err(|error| match error {
                        FillError::Item(reason) => reason,
                        FillError::Cache(error) => format!("{}: {}", name(clip), with_causes(&error)),
                        other => format!("{}: {other}", name(clip)),
                    })?;
                    KeptClip::new(KeptRow::Cached(rows), number, None, material.maker.count_of(clip))
                }
                Sound::Noise(index) => {
                    let number = u64::MAX - index as u64;
                    let copies = material.maker.count_of(clip);
                    let row = material.row(&clip.sound, number, copies, lower)?;
                    progress();
                    KeptClip::new(KeptRow::Held(row), number, Some(index), copies)
                }
            })
            .collect();
        material.kept = kept;
        Ok(material)
    }

    /// Tells all that decides a kept row beside the file.
    fn settings(&self, lower: &Lower<'_>) -> String {
        if self.live {
            let front_end = lower.network.front_end().description();
            // Samples are the same whatever copies are made of them.
            let published = if self.published {
                format!("{} says of level {}", lower.identity, self.maker.target())
            } else {
                "nothing".to_owned()
            };
            return format!("training samples 2; {front_end}; {published}");
        }
        let cut = match lower.cut {
            Cut::Layers(_) => format!("{:?}", lower.cut),
            Cut::Head => format!("{:?} that reads {}", lower.cut, lower.network.read_by_head()),
        };
        format!(
            "training copies 2; {}; {cut} of {}, kept to {}; teacher {}",
            self.maker.description(),
            lower.identity,
            self.published,
            self.teacher.map_or_else(|| "none".to_owned(), Model::identity)
        )
    }

    /// What is kept of a clip: each segment's samples, or each copy of each segment below the cut.
    fn row(&self, sound: &Sound, number: u64, copies: usize, lower: &Lower<'_>) -> Result<Vec<f32>, String> {
        let heard = self.maker.hear(sound)?;
        let mut kept = Kept::default();
        if self.live {
            if let Heard::Segments(segments) = &heard {
                for (segment, samples) in segments.iter().enumerate() {
                    kept.push(&Input {
                        shape: [1, 1, 1, samples.len()],
                        values: Cow::Borrowed(samples),
                        teacher: Cow::Borrowed(&[]),
                        published: self.publish(&heard, segment, 0, lower).into(),
                    });
                }
            }
            return Ok(kept.into_row());
        }
        let segments = match &heard {
            Heard::Segments(segments) => segments.len(),
            Heard::Noise(_) => 1,
        };
        for segment in 0..segments {
            let mut published = Vec::new();
            for copy in (0..copies).step_by(self.maker.hearings()) {
                // A noise clip is another noise in each copy.
                if copy == 0 || matches!(heard, Heard::Noise(_)) {
                    published = self.publish(&heard, segment, copy, lower);
                }
                for copy in self.maker.heard_copies(&heard, number, segment, copy) {
                    let shape = copy.examples.shape();
                    let teacher = self.teach(&copy.examples, &copy.values)?;
                    let maps = lower
                        .network
                        .below(tensor(copy.values, shape, lower.device), 1, lower.cut);
                    kept.push(&Input {
                        shape: maps.dims(),
                        values: values(maps).into(),
                        teacher: teacher.into(),
                        published: Cow::Borrowed(&published),
                    });
                }
            }
        }
        Ok(kept.into_row())
    }

    /// What the published backbone says of a segment as it is: its embedding, then its AudioSet scores.
    fn publish(&self, heard: &Heard<'_>, segment: usize, copy: usize, lower: &Lower<'_>) -> Vec<f32> {
        if !self.published {
            return Vec::new();
        }
        let examples = self.maker.clean(heard, segment, copy);
        let maps = tensor(examples.values().to_vec(), examples.shape(), lower.device);
        values(lower.network.published(maps, 1))
    }

    fn teach(&self, examples: &Examples, values: &[f32]) -> Result<Vec<f32>, String> {
        let Some(teacher) = self.teacher else {
            return Ok(Vec::new());
        };
        let examples = examples.with_values(values.to_vec());
        let logits = teacher
            .logits(std::slice::from_ref(&examples))
            .map_err(|e| e.to_string())?;
        let row = logits.first().and_then(|logits| logits.rows().next());
        Ok(row.map_or_else(Vec::new, |row| teacher.activation().apply(row)))
    }

    /// Why each clip that cannot be used cannot be.
    pub(super) fn failures(&self) -> impl Iterator<Item = (usize, &str)> {
        let failed = |(place, kept): (usize, &'_ Result<KeptClip, String>)| match kept {
            Ok(_) => None,
            Err(_) => Some(place),
        };
        self.kept
            .iter()
            .enumerate()
            .filter_map(failed)
            .filter_map(|place| Some((place, self.kept.get(place)?.as_ref().err()?.as_str())))
    }

    /// Number of segments of a clip; none of one that cannot be used.
    pub(super) fn segments(&self, clip: usize) -> usize {
        match self.kept.get(clip) {
            Some(Ok(kept)) if self.live => kept.noise.map_or(kept.places.len(), |_| 1),
            Some(Ok(kept)) => kept.places.len() / kept.copies.max(1),
            _ => 0,
        }
    }

    /// A copy of a segment as the network reads it above its cut.
    pub(super) fn input(&self, clip: usize, segment: usize, copy: usize, epoch: usize) -> Option<Input<'_>> {
        let kept = self.kept.get(clip)?.as_ref().ok()?;
        let row = kept.row.values();
        if !self.live {
            return kept.places.input(row, segment * kept.copies + copy);
        }
        let (heard, published) = if let Some(index) = kept.noise {
            (Heard::Noise(index), Cow::Borrowed(&[][..]))
        } else {
            let Input {
                values, published, ..
            } = kept.places.input(row, segment)?;
            // The segment's place decides what is drawn for it.
            let mut segments = vec![Cow::Borrowed(&[][..]); segment];
            segments.push(values);
            (Heard::Segments(segments), published)
        };
        let copy = self.maker.copy(&heard, kept.number, segment, copy, epoch);
        let teacher = self.teach(&copy.examples, &copy.values).ok()?;
        Some(Input {
            shape: copy.examples.shape(),
            values: copy.values.into(),
            teacher: teacher.into(),
            published,
        })
    }

    /// What the published backbone says of each segment of a clip, where that is kept.
    pub(super) fn published(&self, clip: usize) -> impl Iterator<Item = &[f32]> {
        let kept = self.kept.get(clip).and_then(|kept| kept.as_ref().ok());
        kept.into_iter().flat_map(|kept| {
            let each = if self.live { 1 } else { kept.copies.max(1) };
            let parts = (0..kept.places.len()).step_by(each);
            parts.filter_map(|part| kept.places.published(kept.row.values(), part))
        })
    }

    /// Several copies at once, on all threads.
    pub(super) fn inputs(&self, of: &[(usize, usize, usize)], epoch: usize) -> Vec<Option<Input<'_>>> {
        let input = |&(clip, segment, copy): &(usize, usize, usize)| self.input(clip, segment, copy, epoch);
        if self.live {
            of.par_iter().map(input).collect()
        } else {
            of.iter().map(input).collect()
        }
    }

    pub(super) const fn maker(&self) -> &CopyMaker {
        &self.maker
    }
}

impl KeptClip {
    fn new(row: KeptRow, number: u64, noise: Option<usize>, copies: usize) -> Result<Self, String> {
        let places = Places::of(row.values()).ok_or("what the cache keeps of it cannot be read")?;
        Ok(Self {
            row,
            places,
            number,
            noise,
            copies,
        })
    }
}

fn name(clip: &Clip) -> String {
    match &clip.sound {
        Sound::File { path, .. } => path.display().to_string(),
        Sound::Noise(index) => format!("noise clip {index}"),
    }
}

/// The key of a clip's kept row, and a number that stays with its sound whatever list it is in.
fn key(clip: &Clip, settings: &str) -> Result<(CacheKey, u64), String> {
    let Sound::File { path, stretch } = &clip.sound else {
        return Err("a noise clip is in no file".to_owned());
    };
    let content = ContentHash::of_file(path).map_err(|e| with_causes(&e))?;
    let of_sound = CacheKey::new(&content, *stretch, "number of a clip").to_string();
    let number = of_sound
        .get(..16)
        .and_then(|digits| u64::from_str_radix(digits, 16).ok());
    Ok((
        CacheKey::new(&content, *stretch, settings),
        number.unwrap_or_default(),
    ))
}

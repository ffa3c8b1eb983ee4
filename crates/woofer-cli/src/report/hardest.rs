use std::collections::HashSet;
use std::path::PathBuf;

use rayon::prelude::*;
use woofer::evaluation::{ScoreRow, ScoreTable};
use woofer::features::FrontEnd;
use woofer::metrics::ScoredClips;
use woofer::render::{HardClip, HardClips};

use super::sound::Sound;

/// Most bytes of sound in a page; in a page they take a third more. What comes after can be seen but not heard.
const MAX_SOUND_BYTES: usize = 8 << 20;

/// Clips to be shown under one heading, by their place among the counted clips.
pub struct Group {
    title: String,
    clips: Vec<usize>,
}

/// The surest mistakes of all, and then of each class those that are not among them.
pub fn pick(clips: &ScoredClips, of_all: usize, per_class: usize) -> Vec<Group> {
    let mistakes = clips.mistakes();
    let first: Vec<usize> = mistakes.iter().copied().take(of_all).collect();
    let shown: HashSet<usize> = first.iter().copied().collect();
    let of_class = |(class, name): (usize, &String)| {
        let own = |clip: &&usize| clips.labels().get(**clip) == Some(&class);
        let wrong = mistakes.iter().filter(own).count();
        let all = clips.labels().iter().filter(|label| **label == class).count();
        let rest = mistakes.iter().filter(own).filter(|clip| !shown.contains(clip));
        Group {
            title: format!("{name}: {wrong} of {all} taken for another class"),
            clips: rest.copied().take(per_class).collect(),
        }
    };
    let classes = clips.classes().iter().enumerate().map(of_class);
    let all = Group {
        title: "The surest mistakes of all classes".to_owned(),
        clips: first,
    };
    std::iter::once(all)
        .chain(classes)
        .filter(|group| !group.clips.is_empty())
        .collect()
}

/// The groups with what their clips look and sound like, and why some do not.
pub fn show(
    scores: &ScoreTable,
    clips: &ScoredClips,
    groups: &[Group],
    folders: &[PathBuf],
    front_end: FrontEnd,
) -> (Vec<HardClips>, Vec<String>) {
    let rows: Vec<&ScoreRow> = scores.counted().collect();
    let places: Vec<usize> = groups.iter().flat_map(|group| &group.clips).copied().collect();
    let sounds: Vec<Option<Result<Sound, String>>> = places
        .par_iter()
        .map(|&place| {
            let row = rows.get(place).filter(|_| !folders.is_empty())?;
            Some(Sound::open(row, folders, front_end))
        })
        .collect();
    let (mut failed, mut bytes) = (Vec::new(), 0);
    let mut sounds = sounds.into_iter();
    let mut group_of = |group: &Group| HardClips {
        title: group.title.clone(),
        clips: group
            .clips
            .iter()
            .filter_map(|&place| {
                let mut clip = clip(rows.get(place)?, clips, place)?;
                match sounds.next().flatten() {
                    Some(Ok(sound)) => {
                        bytes += sound.audio.bytes.len();
                        clip.log_mel = Some((sound.log_mel, front_end));
                        clip.samples = sound.samples;
                        clip.audio = (bytes <= MAX_SOUND_BYTES).then_some(sound.audio);
                    }
                    Some(Err(reason)) => failed.push(reason),
                    None => {}
                }
                Some(clip)
            })
            .collect(),
    };
    let shown = groups.iter().map(&mut group_of).collect();
    (shown, failed)
}

fn clip(row: &ScoreRow, clips: &ScoredClips, place: usize) -> Option<HardClip> {
    let (own, predicted) = (*clips.labels().get(place)?, *clips.predicted().get(place)?);
    let scores = clips.scores().get(place)?;
    Some(HardClip {
        path: row.name(),
        true_class: clips.classes().get(own)?.clone(),
        true_score: *scores.get(own)?,
        predicted: clips.classes().get(predicted)?.clone(),
        predicted_score: *scores.get(predicted)?,
        log_mel: None,
        samples: Vec::new(),
        audio: None,
    })
}

//! The report: whole without anything beside it, and safe whatever the names in it.
//!
//! The sample is written to `target/tmp/report.html`, to be looked at.

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use woofer::features::{FrontEnd, LogMelPlan, LogMelStream};
use woofer::metrics::{Bootstrap, ClassSubset, Evaluation, ScoredClips};
use woofer::render::{
    AudioFormat, EpochRecord, HardClip, HardClips, LearningCurve, Playable, ReportData, report,
};

const CLASSES: [&str; 10] = [
    "Barking",
    "Howling",
    "Crying",
    "CO_Smoke",
    "GlassBreaking",
    "Other",
    "Doorbell",
    "Bird",
    "Music_Instrument",
    "Laugh_Shout_Scream",
];

fn uniform(random: &mut ChaCha8Rng) -> f64 {
    f64::from(random.next_u32()) / f64::from(u32::MAX)
}

fn sample_clips(classes: &[&str]) -> ScoredClips {
    let mut random = ChaCha8Rng::seed_from_u64(2);
    let (mut labels, mut scores, mut recordings) = (Vec::new(), Vec::new(), Vec::new());
    for clip in 0..1300usize {
        // Doorbells are all of one recording, and crying has no clip at all.
        let label = match clip % 10 {
            2 => 0,
            label => label,
        };
        let mut row: Vec<f64> = (0..10).map(|_| (uniform(&mut random) * 5.0).exp()).collect();
        row[label] *= (uniform(&mut random) * 7.0).exp();
        let sum: f64 = row.iter().sum();
        scores.push(row.into_iter().map(|s| s / sum).collect());
        labels.push(label);
        recordings.push(if label == 6 {
            "door".to_owned()
        } else {
            format!("r{}", clip / 20)
        });
    }
    ScoredClips::new(&labels, &scores, &recordings, classes).unwrap()
}

fn sound(seed: u64) -> Vec<f32> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let sample = |i: u32| {
        let t = f64::from(i) / 16_000.0;
        let bark = (-(t % 1.25) * 9.0).exp() * (t * (600.0 + 200.0 * t.sin()) * std::f64::consts::TAU).sin();
        0.6 * bark + 0.02 * (uniform(&mut random) - 0.5)
    };
    #[expect(clippy::cast_possible_truncation, reason = "samples are f32")]
    let samples = (0..80_000).map(sample).map(|s| s as f32).collect();
    samples
}

fn wav(samples: &[f32]) -> Vec<u8> {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 16_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut bytes = std::io::Cursor::new(Vec::new());
    let mut writer = hound::WavWriter::new(&mut bytes, spec).unwrap();
    for sample in samples {
        #[expect(clippy::cast_possible_truncation, reason = "16 bits are wanted")]
        writer.write_sample((sample * 32_767.0) as i16).unwrap();
    }
    writer.finalize().unwrap();
    bytes.into_inner()
}

fn sample(classes: &[&str; 10], text: &str) -> ReportData {
    let clips = sample_clips(classes);
    let subset = ClassSubset {
        name: "macro6".to_owned(),
        classes: vec![0, 4, 5, 7, 8, 9],
    };
    let evaluation = Evaluation::measure(&clips, &[subset], Bootstrap { draws: 200, seed: 0 }).unwrap();
    let plan = LogMelPlan::new(FrontEnd::Vggish);
    let hard = |&clip: &usize| {
        let samples = sound(clip as u64);
        let predicted = clips.predicted()[clip];
        HardClip {
            path: format!("audio/{text}/a-rather-long-name-of-a-recording_{clip:05}.wav"),
            true_class: clips.classes()[clips.labels()[clip]].clone(),
            true_score: clips.scores()[clip][clips.labels()[clip]],
            predicted: clips.classes()[predicted].clone(),
            predicted_score: clips.scores()[clip][predicted],
            log_mel: Some((LogMelStream::new(&plan).whole(&samples), FrontEnd::Vggish)),
            audio: Some(Playable {
                format: AudioFormat::Wav,
                bytes: wav(&samples),
            }),
            samples,
        }
    };
    let curve = |fold: u32| LearningCurve {
        name: format!("fold {fold} {text}"),
        epochs: (1..=40)
            .map(|epoch| EpochRecord {
                epoch,
                loss: Some(0.4 + (2.0 + f64::from(fold) * 0.1) * (-f64::from(epoch) / 8.0).exp()),
                auc: (epoch != 7).then(|| 0.985 - 0.2 * (-f64::from(epoch + fold) / 5.0).exp()),
            })
            .collect(),
        kept: Some(30 + fold),
    };
    ReportData {
        title: format!("woofer, cross-validated by recording {text}"),
        date: "2026-11-22 12:00 UTC".to_owned(),
        facts: [
            ("recipe", "woofer"),
            ("backbone", "mn04_as"),
            ("folds", "fold_recording"),
            ("seed", "0"),
            ("text", text),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec(),
        warnings: vec![format!(
            "The epoch was chosen on the clips that are reported: the figures are optimistic. {text}"
        )],
        hardest: vec![HardClips {
            title: format!("The surest mistakes {text}"),
            clips: clips.mistakes().iter().take(6).map(hard).collect(),
        }],
        evaluation,
        clips: Some(clips),
        hours: Some(1.5),
        learning: (1..=5).map(curve).collect(),
        recipe: format!("# {text}\nbackbone = \"mn04\"\nepochs = 40\nlearning_rate = 1e-3\n"),
    }
}

#[test]
fn it_is_one_well_formed_file_that_asks_for_nothing() {
    let page = report(&sample(&CLASSES, "plain")).unwrap();
    std::fs::write(concat!(env!("CARGO_TARGET_TMPDIR"), "/report.html"), &page).unwrap();
    let xml = page.strip_prefix("<!DOCTYPE html>\n").unwrap();
    let document = roxmltree::Document::parse(xml).unwrap();
    let count = |tag: &str| document.descendants().filter(|n| n.has_tag_name(tag)).count();
    let svg = document
        .descendants()
        .filter(|n| n.tag_name().name() == "svg")
        .count();
    assert_eq!(svg, 7 + 6 + 6, "seven plots, six log-mels and six waveforms");
    let html = |tag: &'static str| ("http://www.w3.org/1999/xhtml", tag);
    let tags = |tag| {
        document
            .descendants()
            .filter(|n| n.has_tag_name(html(tag)))
            .count()
    };
    assert_eq!((tags("img"), tags("audio"), tags("script")), (0, 6, 0));
    assert_eq!(count("link"), 0);
    for node in document.descendants() {
        for attribute in node.attributes() {
            let name = attribute.name();
            assert!(!name.starts_with("on"), "{name}");
            assert!(!matches!(name, "href" | "src") || attribute.value().starts_with("data:"));
        }
    }
    assert!(!page.contains("url(") && !page.contains("@import"));
    assert!(page.contains("n/a"), "a class without clips has no AUC");
    assert_eq!(page, report(&sample(&CLASSES, "plain")).unwrap());
}

#[test]
fn hostile_names_stay_text() {
    let hostile = "\"><script>alert(1)</script><img src=x onerror='alert(2)'>&\u{0}]]><!--";
    let classes = [hostile; 10];
    let page = report(&sample(&classes, hostile)).unwrap();
    let document = roxmltree::Document::parse(page.strip_prefix("<!DOCTYPE html>\n").unwrap()).unwrap();
    assert!(document.descendants().all(|n| n.tag_name().name() != "script"));
    assert!(
        document
            .descendants()
            .all(|n| n.attribute("onerror").is_none() && n.attribute("src") != Some("x"))
    );
    let shown = hostile.replace('\u{0}', "\u{fffd}");
    assert!(document.descendants().any(|n| n.text() == Some(&shown)));
}

#[test]
fn without_curves_clips_or_recipe_it_is_still_a_report() {
    let data = ReportData {
        facts: Vec::new(),
        warnings: Vec::new(),
        clips: None,
        learning: Vec::new(),
        hardest: Vec::new(),
        recipe: String::new(),
        ..sample(&CLASSES, "")
    };
    let page = report(&data).unwrap();
    assert!(roxmltree::Document::parse(page.strip_prefix("<!DOCTYPE html>\n").unwrap()).is_ok());
    assert!(!page.contains("<h2>Curves") && !page.contains("<h2>Recipe"));
}

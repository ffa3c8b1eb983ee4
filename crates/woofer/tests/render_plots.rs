//! Plots are well-formed SVG that shows what it was given; a log-mel is a PNG that a decoder reads.

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

use roxmltree::Document;
use woofer::features::{FrontEnd, LogMel, LogMelPlan, LogMelStream};
use woofer::metrics::{Confusion, ScoredClips};
use woofer::render::{
    EpochRecord, LearningCurve, auc_plot, confusion_plot, false_alarm_plot, heat, log_mel_png, loss_plot,
    precision_recall_plot, reliability_plot, roc_plot, waveform,
};

fn texts(svg: &str) -> Vec<String> {
    let document = Document::parse(svg).unwrap();
    let texts = document.descendants().filter(|n| n.tag_name().name() == "text");
    texts.map(|n| n.text().unwrap().trim().to_owned()).collect()
}

fn elements(svg: &str, tag: &str) -> usize {
    Document::parse(svg)
        .unwrap()
        .descendants()
        .filter(|n| n.tag_name().name() == tag)
        .count()
}

fn clips(n: usize) -> ScoredClips {
    let labels: Vec<usize> = (0..n).map(|i| i % 2).collect();
    let score = |i: usize| (i * 7919 % 1000) as f64 / 1000.0;
    let scores: Vec<Vec<f64>> = (0..n).map(|i| vec![score(i), 1.0 - score(i), 0.0]).collect();
    let recordings: Vec<String> = (0..n).map(|i| i.to_string()).collect();
    ScoredClips::new(&labels, &scores, &recordings, &["A", "B", "none"]).unwrap()
}

#[test]
fn curves_name_every_class_and_say_when_there_is_none() {
    for plot in [roc_plot, precision_recall_plot] {
        let words = texts(&plot(&clips(50)).unwrap());
        for word in ["A", "B", "none", "n/a", "0.0", "1.0"] {
            assert!(words.iter().any(|w| w == word), "{word} in {words:?}");
        }
    }
}

#[test]
fn false_alarms_are_counted_by_the_hour() {
    // Of four clips in half an hour, A is found in one without a false alarm, and in both with one: two an hour.
    let scores = [[0.9, 0.1], [0.7, 0.3], [0.8, 0.2], [0.1, 0.9]].map(|s| s.to_vec());
    let of = |hours: f64| {
        let clips = ScoredClips::new(&[0, 0, 1, 1], &scores, &["a", "b", "c", "d"], &["A", "B"]).unwrap();
        texts(&false_alarm_plot(&clips, hours).unwrap())
    };
    // What stands behind the class's name in the legend.
    let note = |words: &[String]| words[words.iter().position(|word| word == "A").unwrap() + 1].clone();
    assert_eq!(note(&of(0.5)), "0.500");
    assert_eq!(
        note(&of(10.0)),
        "1.000",
        "a false alarm in ten hours is less than one an hour"
    );
}

#[test]
fn a_curve_of_many_clips_stays_small() {
    assert!(roc_plot(&clips(50_000)).unwrap().len() < 100_000);
}

#[test]
fn a_confusion_matrix_shows_counts_and_shares() {
    let mut confusion = Confusion::new(2);
    confusion.add(0, 0, 3);
    confusion.add(0, 1, 1);
    let names = ["Barking".to_owned(), "A class with a very long name".to_owned()];
    let words = texts(&confusion_plot(&confusion, &names).unwrap());
    for word in [
        "3",
        "75 %",
        "1",
        "25 %",
        "0",
        "n/a",
        "Barking",
        "A class with a very…",
    ] {
        assert!(words.iter().any(|w| w == word), "{word} in {words:?}");
    }
}

#[test]
fn a_reliability_diagram_has_a_bar_and_a_dot_for_each_bin_with_clips() {
    let clips = clips(50);
    let filled = clips
        .reliability()
        .bins
        .iter()
        .filter(|bin| bin.clips > 0)
        .count();
    let svg = reliability_plot(&clips.reliability()).unwrap();
    assert_eq!(
        (elements(&svg, "rect"), elements(&svg, "circle")),
        (filled, filled)
    );
}

#[test]
fn learning_curves_survive_whatever_training_did() {
    let curve = |values: &[Option<f64>]| LearningCurve {
        name: "fold".to_owned(),
        epochs: (1u32..)
            .zip(values)
            .map(|(epoch, &value)| EpochRecord {
                epoch,
                loss: value,
                auc: value,
            })
            .collect(),
        kept: Some(1),
    };
    for values in [
        &[][..],
        &[Some(0.5)],
        &[None, None],
        &[Some(f64::NAN), Some(f64::INFINITY), Some(1e300)],
        &[Some(0.5), Some(0.5)],
    ] {
        for plot in [loss_plot, auc_plot] {
            texts(&plot(&[curve(values), curve(values)]).unwrap());
        }
    }
    texts(&loss_plot(&[]).unwrap());
}

#[test]
fn a_waveform_is_drawn_of_any_length_and_any_value() {
    for samples in [
        vec![],
        vec![0.5],
        vec![f32::NAN, f32::INFINITY, -9.0],
        vec![0.1; 100_000],
    ] {
        let svg = waveform(&samples).unwrap();
        assert_eq!(elements(&svg, "polygon"), usize::from(!samples.is_empty()));
    }
}

#[test]
fn a_log_mel_becomes_a_png_with_low_bands_at_the_bottom() {
    let sine: Vec<f32> = (0..32_000u16).map(|i| (f32::from(i) * 0.05).sin()).collect();
    let mel = LogMelStream::new(&LogMelPlan::new(FrontEnd::Vggish)).whole(&sine);
    let png = log_mel_png(&mel).unwrap();
    let mut decoder = png::Decoder::new(std::io::Cursor::new(&png));
    decoder.set_transformations(png::Transformations::EXPAND);
    let mut reader = decoder.read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    assert_eq!(
        (info.width as usize, info.height as usize),
        (mel.frames(), mel.n_mels())
    );
    // 0.05 radians a sample are 127 Hz: the loudest band is among the lowest, and has the lightest colour.
    let row = |r: usize| &pixels[r * mel.frames() * 3..][..3];
    let loudest = (0..mel.n_mels()).find(|&r| row(r) == heat(1.0)).unwrap();
    assert!(loudest >= mel.n_mels() - 4, "row {loudest}");
}

#[test]
fn a_log_mel_without_frames_is_an_error_and_a_flat_one_is_not() {
    assert!(
        log_mel_png(&LogMel::new(64))
            .unwrap_err()
            .to_string()
            .contains("log-mel")
    );
    let silence = LogMelStream::new(&LogMelPlan::new(FrontEnd::Mn)).whole(&vec![0.0; 400_000]);
    assert!(silence.frames() > 1000);
    assert!(log_mel_png(&silence).unwrap().len() < 5_000);
}

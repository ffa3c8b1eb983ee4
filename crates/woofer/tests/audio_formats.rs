//! Every readable format gives back the sound that was written, at its rate, for any number of channels.

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "the numbers of a test are small"
)]

use std::f64::consts::PI;
use std::fs::File;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use woofer::audio::{AudioError, AudioReader, Clip, Container, read_clip};

fn fixture(name: &str) -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/audio")).join(name)
}

/// The chirp of `testdata/audio/generate.py`.
fn chirp(rate_hz: u32, frames: usize) -> Vec<f64> {
    let time = |n: usize| n as f64 / f64::from(rate_hz);
    (0..frames)
        .map(|n| 0.5 * (2.0 * PI * (200.0 * time(n) + 1000.0 * time(n) * time(n))).sin())
        .collect()
}

/// What the mean of `channels` channels leaves of the chirp, as the generator scales them.
fn mean_gain(channels: usize) -> f64 {
    (channels as f64 + 1.0) / (2.0 * channels as f64)
}

/// 10 log10 of signal over noise, over the samples that both have.
fn snr_db(reference: &[f64], samples: &[f32]) -> f64 {
    let signal: f64 = reference.iter().map(|x| x * x).sum();
    let noise: f64 = reference
        .iter()
        .zip(samples)
        .map(|(x, y)| (x - f64::from(*y)).powi(2))
        .sum();
    10.0 * (signal / noise.max(1e-30)).log10()
}

struct Case {
    name: &'static str,
    container: Container,
    codec: &'static str,
    rate_hz: u32,
    channels: usize,
    seconds: f64,
    /// Samples that the format adds in front and cannot tell.
    lead: usize,
    /// Samples that it may add behind.
    tail: usize,
    snr_db: f64,
}

#[rustfmt::skip]
const CASES: &[Case] = &[
    Case { name: "chirp_44100_mono.mp3", container: Container::Mp3, codec: "mp3", rate_hz: 44_100, channels: 1, seconds: 0.5, lead: 0, tail: 0, snr_db: 25.0 },
    Case { name: "chirp_48000_stereo_vbr.mp3", container: Container::Mp3, codec: "mp3", rate_hz: 48_000, channels: 2, seconds: 0.5, lead: 0, tail: 0, snr_db: 25.0 },
    Case { name: "chirp_16000_mono.mp3", container: Container::Mp3, codec: "mp3", rate_hz: 16_000, channels: 1, seconds: 0.5, lead: 0, tail: 0, snr_db: 20.0 },
    Case { name: "chirp_16000_tagged.mp3", container: Container::Mp3, codec: "mp3", rate_hz: 16_000, channels: 1, seconds: 0.5, lead: 0, tail: 0, snr_db: 20.0 },
    Case { name: "chirp_24000_no_xing.mp3", container: Container::Mp3, codec: "mp3", rate_hz: 24_000, channels: 1, seconds: 0.5, lead: 1105, tail: 1152, snr_db: 25.0 },
    Case { name: "chirp_44100_stereo.mp2", container: Container::Mp2, codec: "mp2", rate_hz: 44_100, channels: 2, seconds: 0.4, lead: 481, tail: 1152, snr_db: 25.0 },
    Case { name: "chirp_16000_mono.flac", container: Container::Flac, codec: "flac", rate_hz: 16_000, channels: 1, seconds: 0.5, lead: 0, tail: 0, snr_db: 80.0 },
    Case { name: "chirp_44100_stereo.flac", container: Container::Flac, codec: "flac", rate_hz: 44_100, channels: 2, seconds: 0.3, lead: 0, tail: 0, snr_db: 80.0 },
    Case { name: "chirp_44100_mono.ogg", container: Container::Ogg, codec: "vorbis", rate_hz: 44_100, channels: 1, seconds: 0.5, lead: 0, tail: 0, snr_db: 20.0 },
    Case { name: "chirp_16000_stereo.ogg", container: Container::Ogg, codec: "vorbis", rate_hz: 16_000, channels: 2, seconds: 0.5, lead: 0, tail: 0, snr_db: 15.0 },
    Case { name: "chirp_16000_mono_flac.ogg", container: Container::Ogg, codec: "flac", rate_hz: 16_000, channels: 1, seconds: 0.3, lead: 0, tail: 0, snr_db: 80.0 },
    Case { name: "chirp_44100_mono.m4a", container: Container::Mp4, codec: "aac", rate_hz: 44_100, channels: 1, seconds: 0.5, lead: 0, tail: 0, snr_db: 16.0 },
    Case { name: "chirp_48000_stereo_faststart.m4a", container: Container::Mp4, codec: "aac", rate_hz: 48_000, channels: 2, seconds: 0.5, lead: 0, tail: 0, snr_db: 20.0 },
    Case { name: "chirp_44100_mono_fragmented.m4a", container: Container::Mp4, codec: "aac", rate_hz: 44_100, channels: 1, seconds: 0.5, lead: 1024, tail: 0, snr_db: 16.0 },
    Case { name: "chirp_16000_mono_alac.m4a", container: Container::Mp4, codec: "alac", rate_hz: 16_000, channels: 1, seconds: 0.4, lead: 0, tail: 0, snr_db: 80.0 },
    Case { name: "chirp_44100_mono.aac", container: Container::Adts, codec: "aac", rate_hz: 44_100, channels: 1, seconds: 0.5, lead: 1024, tail: 1024, snr_db: 16.0 },
    Case { name: "chirp_8000_mono.aiff", container: Container::Aiff, codec: "pcm_s16be", rate_hz: 8_000, channels: 1, seconds: 0.5, lead: 0, tail: 0, snr_db: 80.0 },
    Case { name: "chirp_16000_stereo_f32.aiff", container: Container::Aiff, codec: "pcm_f32be", rate_hz: 16_000, channels: 2, seconds: 0.1, lead: 0, tail: 0, snr_db: 80.0 },
    Case { name: "chirp_16000_mono.caf", container: Container::Caf, codec: "pcm_s16le", rate_hz: 16_000, channels: 1, seconds: 0.3, lead: 0, tail: 0, snr_db: 80.0 },
    Case { name: "chirp_16000_mono_alac.caf", container: Container::Caf, codec: "alac", rate_hz: 16_000, channels: 1, seconds: 0.3, lead: 0, tail: 0, snr_db: 80.0 },
    Case { name: "chirp_16000_mono_ima.wav", container: Container::Wav, codec: "adpcm_ima_wav", rate_hz: 16_000, channels: 1, seconds: 0.5, lead: 0, tail: 2048, snr_db: 25.0 },
    Case { name: "chirp_16000_stereo_ms.wav", container: Container::Wav, codec: "adpcm_ms", rate_hz: 16_000, channels: 2, seconds: 0.5, lead: 0, tail: 2048, snr_db: 25.0 },
];

fn read_all(mut reader: AudioReader) -> (Clip, AudioReader) {
    let clip = reader.read_clip(60.0).unwrap();
    (clip, reader)
}

#[test]
fn every_format_gives_back_the_chirp() {
    let mut wrong = Vec::new();
    for case in CASES {
        let (clip, reader) = match AudioReader::open(&fixture(case.name)) {
            Ok(reader) => read_all(reader),
            Err(error) => {
                wrong.push(error.to_string());
                continue;
            }
        };
        let frames = (f64::from(case.rate_hz) * case.seconds).round() as usize;
        let gain = mean_gain(case.channels);
        let reference: Vec<f64> = chirp(case.rate_hz, frames).iter().map(|x| x * gain).collect();
        let snr = snr_db(&reference, clip.samples.get(case.lead..).unwrap_or_default());
        let told = (
            reader.container(),
            reader.codec(),
            reader.rate_hz(),
            reader.channels(),
        );
        let extra = clip.samples.len() as i64 - frames as i64;
        println!(
            "{}: {told:?} {extra} frames more, {snr:.1} dB, {:?}",
            case.name,
            reader.declared_frames()
        );
        let limits = case.lead as i64..=(case.lead + case.tail) as i64;
        if told != (case.container, case.codec, case.rate_hz, case.channels)
            || !limits.contains(&extra)
            || snr < case.snr_db
            || !reader.repairs().is_clean()
        {
            let lag = (0..5000).max_by(|a, b| {
                let snr = |lag: usize| snr_db(&reference, clip.samples.get(lag..).unwrap_or_default());
                snr(*a).total_cmp(&snr(*b))
            });
            wrong.push(format!(
                "{}: {told:?} {extra} more, {snr:.1} dB, best lag {lag:?}, {}",
                case.name,
                reader.repairs()
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_stream_gives_the_same_samples_as_the_file() {
    for case in CASES {
        let from_file = read_clip(&fixture(case.name), 60.0).unwrap();
        let bytes = std::fs::read(fixture(case.name)).unwrap();
        let (from_bytes, _) = read_all(AudioReader::from_bytes(bytes.clone(), case.name).unwrap());
        let stream = AudioReader::from_stream(Box::new(Cursor::new(bytes)), case.name).unwrap();
        let (from_stream, _) = read_all(stream);
        assert_eq!(from_file, from_bytes, "{}", case.name);
        assert_eq!(from_file, from_stream, "{}", case.name);
    }
}

#[test]
fn the_name_of_a_file_does_not_matter() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("truly-an-m4a.mp3");
    std::fs::copy(fixture("chirp_44100_mono.m4a"), &path).unwrap();
    assert_eq!(AudioReader::open(&path).unwrap().container(), Container::Mp4);
}

#[test]
fn what_cannot_be_read_is_named() {
    for (name, what) in [
        (
            "chirp_48000_mono_opus.ogg",
            "holds Ogg with Opus, which is not readable",
        ),
        (
            "chirp_48000_mono_opus.webm",
            "holds Matroska or WebM, which is not readable",
        ),
        ("chirp_48000_mono_opus.mp4", "holds MP4 with codec Opus"),
        (
            "chirp_44100_mono.wma",
            "holds Windows Media (WMA), which is not readable",
        ),
        (
            "chirp_44100_mono_mp3.wav",
            "holds WAV with MP3, which is not readable",
        ),
    ] {
        let error = AudioReader::open(&fixture(name)).err().unwrap();
        let message = error.to_string();
        assert!(matches!(error, AudioError::Unsupported { .. }), "{message}");
        assert!(message.contains(name) && message.contains(what), "{message}");
        assert!(message.contains("readable are WAV, AIFF, FLAC"), "{message}");
    }
}

/// A WAV with the header fields as given.
fn wav(tag: u16, bits: u16, channels: u16, rate_hz: u32, data: &[u8]) -> Vec<u8> {
    let block = channels * bits.div_ceil(8);
    let mut bytes = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0".to_vec();
    bytes.extend(tag.to_le_bytes());
    bytes.extend(channels.to_le_bytes());
    bytes.extend(rate_hz.to_le_bytes());
    bytes.extend((rate_hz * u32::from(block)).to_le_bytes());
    bytes.extend(block.to_le_bytes());
    bytes.extend(bits.to_le_bytes());
    bytes.extend(b"data");
    bytes.extend((data.len() as u32).to_le_bytes());
    bytes.extend(data);
    let riff = (bytes.len() - 8) as u32;
    bytes[4..8].copy_from_slice(&riff.to_le_bytes());
    bytes
}

#[test]
fn wav_of_every_width_rate_and_channel_count_is_exact_within_its_quantisation() {
    type Write = fn(f64) -> Vec<u8>;
    let widths: [(u16, u16, f64, Write); 6] = [
        (1, 8, 1.0 / 128.0, |x| vec![(x * 128.0 + 128.0).round() as u8]),
        (1, 16, 1.0 / 32_768.0, |x| {
            ((x * 32_768.0).round() as i16).to_le_bytes().to_vec()
        }),
        (1, 24, 1.0 / 8_388_608.0, |x| {
            ((x * 8_388_608.0).round() as i32).to_le_bytes()[..3].to_vec()
        }),
        (1, 32, 1e-7, |x| {
            ((x * 2_147_483_648.0).round() as i32).to_le_bytes().to_vec()
        }),
        (3, 32, 1e-7, |x| (x as f32).to_le_bytes().to_vec()),
        (3, 64, 1e-7, |x| x.to_le_bytes().to_vec()),
    ];
    for (tag, bits, step, write) in widths {
        for rate_hz in [
            4_000, 7_919, 8_000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000, 192_000,
        ] {
            for channels in [1usize, 2, 3, 6, 8, 64] {
                let mono = chirp(rate_hz, 400);
                let data: Vec<u8> = mono
                    .iter()
                    .flat_map(|x| {
                        (0..channels).flat_map(move |k| write(x * (k + 1) as f64 / channels as f64))
                    })
                    .collect();
                let bytes = wav(tag, bits, channels as u16, rate_hz, &data);
                let (clip, reader) = read_all(AudioReader::from_bytes(bytes, "w").unwrap());
                assert_eq!(
                    (clip.rate_hz, reader.channels(), clip.samples.len()),
                    (rate_hz, channels, 400)
                );
                assert!(reader.repairs().is_clean());
                let gain = mean_gain(channels);
                for (x, y) in mono.iter().zip(&clip.samples) {
                    assert!(
                        (x * gain - f64::from(*y)).abs() <= step * 0.51 + 2e-7,
                        "{bits} bits, {channels} channels"
                    );
                }
            }
        }
    }
}

#[test]
fn hound_writes_what_is_read_back_exactly() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hound.wav");
    // hound writes WAVE_FORMAT_EXTENSIBLE for 24 bits.
    let spec = hound::WavSpec {
        channels: 2,
        sample_rate: 44_100,
        bits_per_sample: 24,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(&path, spec).unwrap();
    for n in 0..1000 {
        writer.write_sample(n * 8000).unwrap();
        writer.write_sample(-n * 4000).unwrap();
    }
    writer.finalize().unwrap();
    let clip = read_clip(&path, 1.0).unwrap();
    let expected: Vec<f32> = (0..1000).map(|n| (n * 2000) as f32 / 8_388_608.0).collect();
    assert_eq!(clip.samples, expected);
}

#[test]
fn companded_wav_is_expanded() {
    for (tag, codes) in [(6, [0xD5, 0x55, 0xAA]), (7, [0xFF, 0x7F, 0x80])] {
        let (clip, _) = read_all(AudioReader::from_bytes(wav(tag, 8, 1, 8_000, &codes), "g711").unwrap());
        assert!(clip.samples[0].abs() < 0.001 && clip.samples[1].abs() < 0.001 && clip.samples[2] > 0.9);
    }
}

#[test]
fn a_long_wav_with_64_bit_lengths_is_read() {
    let mut bytes = wav(1, 16, 1, 8_000, &[0, 0x40, 0, 0xC0]);
    bytes[..4].copy_from_slice(b"RF64");
    bytes[4..8].copy_from_slice(&[0xFF; 4]);
    let at = bytes.len() - 8;
    bytes[at..at + 4].copy_from_slice(&[0xFF; 4]);
    let ds64 = [
        b"ds64".as_slice(),
        &28u32.to_le_bytes(),
        &0u64.to_le_bytes(),
        &4u64.to_le_bytes(),
        &[0; 12],
    ]
    .concat();
    bytes.splice(12..12, ds64);
    bytes.extend(b"LIST\x04\0\0\0abcd");
    let (clip, reader) = read_all(AudioReader::from_bytes(bytes, "rf64").unwrap());
    assert_eq!(clip.samples, [0.5, -0.5]);
    assert_eq!(
        (reader.declared_frames(), reader.repairs().is_clean()),
        (Some(2), true)
    );
}

#[test]
fn a_clip_over_the_limit_is_refused_with_both_lengths() {
    let path = fixture("chirp_16000_mono.flac");
    let message = read_clip(&path, 0.25).unwrap_err().to_string();
    assert!(
        message.ends_with("lasts 0.5 s, which is more than the 0.25 s allowed"),
        "{message}"
    );
    assert!((read_clip(&path, 0.5).unwrap().duration_s() - 0.5).abs() < 1e-9);
}

#[test]
fn a_growing_pipe_is_read_as_it_comes() {
    let file = File::open(fixture("chirp_44100_stereo.flac")).unwrap();
    let reader = AudioReader::from_stream(Box::new(OneByte(file)), "pipe").unwrap();
    let (clip, _) = read_all(reader);
    assert_eq!(clip.samples.len(), 13_230);
}

/// Gives one byte at a time, as a slow pipe may.
struct OneByte(File);

impl std::io::Read for OneByte {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let len = buffer.len().min(1);
        self.0.read(&mut buffer[..len])
    }
}

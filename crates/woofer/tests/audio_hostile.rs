//! Files that lie, break off or are no sound are refused plainly or mended, and nothing panics or runs away.

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "the numbers of a test are small"
)]

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use proptest::prelude::*;
use woofer::audio::{AudioError, AudioReader, Repairs};

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/audio"))
}

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(folder().join(name)).unwrap()
}

fn read(bytes: Vec<u8>) -> Result<(Vec<f32>, Repairs), AudioError> {
    let mut reader = AudioReader::from_bytes(bytes, "x.wav")?;
    let clip = reader.read_clip(3600.0)?;
    Ok((clip.samples, reader.repairs()))
}

fn message(bytes: impl Into<Vec<u8>>) -> String {
    read(bytes.into())
        .map(|(samples, _)| samples.len())
        .unwrap_err()
        .to_string()
}

/// A WAV of 16 bits with 1000 samples, and its format fields as given.
fn wav(channels: u16, rate_hz: u32) -> Vec<u8> {
    wav_of(1, 16, channels, rate_hz, &[0x10, 0x20].repeat(1000))
}

fn wav_of(tag: u16, bits: u16, channels: u16, rate_hz: u32, data: &[u8]) -> Vec<u8> {
    let mut bytes = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0".to_vec();
    bytes.extend([tag, channels].map(u16::to_le_bytes).concat());
    bytes.extend(rate_hz.to_le_bytes());
    bytes.extend([0; 4]);
    bytes.extend([7, bits].map(u16::to_le_bytes).concat());
    bytes.extend(b"data");
    bytes.extend((data.len() as u32).to_le_bytes());
    bytes.extend(data);
    bytes
}

#[test]
fn what_is_no_file_is_refused_by_its_kind() {
    let folder = tempfile::tempdir().unwrap();
    let open = |path: &Path| AudioReader::open(path).err().unwrap().to_string();
    assert!(open(&folder.path().join("none.wav")).ends_with("none.wav: no such file"));
    assert!(open(folder.path()).ends_with("is a directory, not an audio file"));
    let empty = folder.path().join("x.wav");
    std::fs::write(&empty, b"").unwrap();
    assert!(open(&empty).ends_with("x.wav: the file is empty"));
    #[cfg(unix)]
    {
        assert_eq!(
            open(Path::new("/dev/zero")),
            "/dev/zero: is a device, not an audio file"
        );
        let pipe = folder.path().join("pipe.wav");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
        assert!(made.success());
        assert!(open(&pipe).ends_with("pipe.wav: is a pipe, not an audio file"));
        let _socket = std::os::unix::net::UnixListener::bind(folder.path().join("s.wav")).unwrap();
        assert!(open(&folder.path().join("s.wav")).ends_with("is a socket, not an audio file"));
    }
}

#[test]
fn a_text_file_called_wav_is_refused_with_its_first_words() {
    assert_eq!(
        message("hello, these are notes\n"),
        "x.wav: is not audio: it begins with text \"hello, these are notes\"; readable are WAV, AIFF, FLAC, MP3, MP2, \
         Ogg Vorbis or FLAC, M4A or MP4 with AAC-LC or ALAC, ADTS AAC-LC and CAF"
    );
    assert!(message([1, 2, 3]).contains("it begins with bytes 01 02 03"));
}

#[test]
fn rates_and_channels_out_of_range_are_refused_with_their_value() {
    for rate_hz in [0, 3_999, 192_001, 4_000_000_000] {
        let wanted = format!("x.wav: sample rate {rate_hz} Hz is not between 4000 and 192000 Hz");
        assert_eq!(message(wav(1, rate_hz)), wanted);
    }
    assert_eq!(
        message(wav(0, 16_000)),
        "x.wav: 0 channels are not between 1 and 256"
    );
    assert_eq!(
        message(wav(65_535, 16_000)),
        "x.wav: 65535 channels are not between 1 and 256"
    );
    assert_eq!(read(wav(1, 4_000)).unwrap().0.len(), 1000);
}

#[test]
fn a_caf_with_a_thousand_million_channels_or_a_mad_rate_is_refused() {
    let caf = fixture("chirp_16000_mono.caf");
    let mut channels = caf.clone();
    channels[44..48].copy_from_slice(&1_000_000_000u32.to_be_bytes());
    let refused = message(channels);
    assert!(refused.starts_with("x.wav: "), "{refused}");
    for rate_hz in [0.0, -1.0, 4e9, f64::NAN, f64::INFINITY] {
        let mut rate = caf.clone();
        rate[20..28].copy_from_slice(&f64::to_be_bytes(rate_hz));
        assert!(read(rate).is_err(), "{rate_hz}");
    }
}

#[test]
fn a_lying_data_length_is_not_believed() {
    let sound = wav(1, 16_000);
    let len_at = sound.len() - 2000 - 4;
    let with_len = |len: u32| {
        let mut bytes = sound.clone();
        bytes[len_at..len_at + 4].copy_from_slice(&len.to_le_bytes());
        read(bytes).unwrap()
    };
    // Written by a pipe or a recorder that was switched off: the length is not known.
    for len in [u32::MAX, 0] {
        assert_eq!(
            (with_len(len).0.len(), with_len(len).1.is_clean()),
            (1000, true),
            "{len}"
        );
    }
    // Longer than the file: it broke off.
    for len in [2001, 1 << 31] {
        assert_eq!(
            (with_len(len).0.len(), with_len(len).1.ended_early),
            (1000, true),
            "{len}"
        );
    }
    assert_eq!(with_len(1000).0.len(), 500);
}

#[test]
fn a_wav_without_samples_format_or_data_is_refused() {
    let sound = wav(1, 16_000);
    assert_eq!(
        message(&sound[..sound.len() - 2000]),
        "x.wav: the WAV holds no samples"
    );
    assert_eq!(
        message(&sound[..40]),
        "x.wav: is a damaged WAV: it ends before its samples"
    );
    assert_eq!(
        message(&sound[..12]),
        "x.wav: is a damaged WAV: it ends before its samples"
    );
    let unformed = [&sound[..12], &sound[36..]].concat();
    assert_eq!(
        message(unformed),
        "x.wav: is a damaged WAV: its data come before its format"
    );
    let mut short = sound.clone();
    short[16] = 8;
    assert!(message(short).contains("its format chunk is too short"));
}

#[test]
fn odd_wav_codecs_are_named() {
    assert!(message(wav_of(1, 64, 1, 16_000, &[0; 64])).contains("WAV with integer samples of 64 bits"));
    assert!(message(wav_of(3, 16, 1, 16_000, &[0; 64])).contains("WAV with float samples of 16 bits"));
    assert!(message(wav_of(0x31, 0, 1, 16_000, &[0; 64])).contains("WAV with GSM 6.10"));
    assert!(message(wav_of(0x9999, 0, 1, 16_000, &[0; 64])).contains("WAV with codec 0x9999"));
}

#[test]
fn a_sample_that_is_no_number_is_refused_with_its_time() {
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1_000_001.0, -3e38] {
        let mut data = 0.5f32.to_le_bytes().repeat(40_000);
        data[30_000 * 4..30_000 * 4 + 4].copy_from_slice(&bad.to_le_bytes());
        let refused = message(wav_of(3, 32, 1, 8_000, &data));
        assert_eq!(
            refused,
            "x.wav: the sample at 3.750000 s (number 30000) is not a finite number from -1e6 to 1e6"
        );
    }
}

#[test]
fn samples_far_beyond_full_scale_are_kept() {
    let data = [1e6_f32, -1e6, 100.0].map(f32::to_le_bytes).concat();
    assert_eq!(
        read(wav_of(3, 32, 1, 8_000, &data)).unwrap().0,
        [1e6, -1e6, 100.0]
    );
}

#[test]
fn a_file_that_breaks_off_gives_what_is_there_and_says_so() {
    // FLAC begins with 8 KiB of padding, Vorbis with 3 KiB of tables, so little of them is sound.
    for (name, percent) in [
        ("chirp_44100_mono.mp3", 70),
        ("chirp_16000_mono.flac", 80),
        ("chirp_44100_mono.ogg", 92),
        ("chirp_44100_mono.aac", 70),
        ("chirp_8000_mono.aiff", 70),
        ("chirp_16000_mono.caf", 70),
        ("chirp_16000_stereo_ms.wav", 70),
        ("chirp_48000_stereo_faststart.m4a", 70),
    ] {
        let whole = fixture(name);
        let all = read(whole.clone()).unwrap().0.len();
        let (part, repairs) = read(whole[..whole.len() * percent / 100].to_vec()).unwrap();
        println!("{name}: {} of {all}, {repairs}", part.len());
        assert!(
            part.len() > all / 4 && part.len() < all * 9 / 10,
            "{name}: {} of {all}",
            part.len()
        );
        assert!(repairs.ended_early, "{name}");
    }
}

#[test]
fn an_mp4_that_breaks_off_before_its_index_is_refused() {
    let whole = fixture("chirp_44100_mono.m4a");
    let refused = message(&whole[..whole.len() * 7 / 10]);
    assert!(refused.starts_with("x.wav: is a damaged MP4: "), "{refused}");
}

#[test]
fn damaged_packets_in_the_middle_are_left_out_and_counted() {
    let mut mp3 = fixture("chirp_48000_stereo_vbr.mp3");
    let whole = read(mp3.clone()).unwrap().0.len();
    // The side information of a frame in the middle, behind its header, made nonsense.
    let at = mp3.len() / 2;
    let frame = (at..mp3.len())
        .find(|at| mp3[*at] == 0xFF && mp3[at + 1] == 0xFB)
        .unwrap();
    mp3[frame + 4..frame + 90].fill(0xFF);
    let (samples, repairs) = read(mp3).unwrap();
    assert!(
        repairs.skipped_packets >= 1 && repairs.skipped_packets <= 4,
        "{repairs}"
    );
    assert!(samples.len() < whole && samples.len() + 4 * 1152 >= whole);

    let mut flac = fixture("chirp_16000_mono.flac");
    let at = flac.len() - 1500;
    flac[at..at + 9].fill(0x55);
    let (samples, repairs) = read(flac).unwrap();
    assert!(!samples.is_empty() && !repairs.is_clean(), "{repairs}");
}

#[test]
fn a_file_of_which_every_packet_is_damaged_is_refused() {
    let mut mp3 = fixture("chirp_48000_stereo_vbr.mp3");
    let starts: Vec<usize> = (0..mp3.len() - 2)
        .filter(|at| mp3[*at] == 0xFF && mp3[at + 1] == 0xFB)
        .collect();
    for (start, end) in starts
        .iter()
        .zip(starts.iter().skip(1).chain([&mp3.len()]))
        .skip(1)
    {
        mp3[start + 4..*end].fill(0xAA);
    }
    let refused = message(mp3);
    assert!(refused.contains("not one packet could be decoded"), "{refused}");
}

#[test]
fn a_change_of_rate_in_the_middle_is_refused() {
    let error = read(fixture("rate_change.mp3")).unwrap_err();
    assert!(matches!(error, AudioError::FormatChanged { .. }), "{error}");
    let wanted =
        "from 24000 Hz with 1 channels to 16000 Hz with 1; one file must keep one rate and channel count";
    assert!(error.to_string().contains(wanted), "{error}");
}

#[test]
fn ogg_files_joined_end_to_end_are_read_through() {
    let (one, other) = (
        fixture("chirp_44100_mono.ogg"),
        fixture("chirp_44100_mono_other_serial.ogg"),
    );
    let (samples, repairs) = read([one, other].concat()).unwrap();
    assert_eq!((samples.len(), repairs), (2 * 22_050, Repairs::default()));
    assert_eq!(samples[..22_050], samples[22_050..]);
}

#[test]
fn ogg_files_of_different_rates_joined_are_refused() {
    let (one, other) = (fixture("chirp_44100_mono.ogg"), fixture("chirp_16000_stereo.ogg"));
    let refused = message([one, other].concat());
    assert!(
        refused.contains("changes at 0.500 s from 44100 Hz with 1 channels to 16000 Hz with 2"),
        "{refused}"
    );
}

#[test]
fn he_aac_is_refused_by_name() {
    let mut bytes = fixture("chirp_44100_mono.m4a");
    // The decoder configuration: tag 5, a length in four bytes, then AAC-LC at 44100 Hz, mono.
    let at = bytes
        .windows(7)
        .position(|w| w == [5, 0x80, 0x80, 0x80, 5, 0x12, 0x08])
        .unwrap();
    bytes[at + 5] = 0x2A;
    let refused = message(bytes);
    assert!(
        refused.contains("holds MP4 with HE-AAC (AAC with SBR), which is not readable"),
        "{refused}"
    );
}

/// Endless bytes behind a start.
struct Endless {
    start: Vec<u8>,
    at: usize,
    fill: u8,
}

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        for slot in &mut *buffer {
            *slot = self.start.get(self.at).copied().unwrap_or(self.fill);
            self.at += 1;
        }
        Ok(buffer.len())
    }
}

#[test]
fn a_header_without_end_is_given_up() {
    let endless = |start: &[u8], fill: u8| {
        let stream = Endless {
            start: start.to_vec(),
            at: 0,
            fill,
        };
        AudioReader::from_stream(Box::new(stream), "stdin")
            .err()
            .unwrap()
            .to_string()
    };
    let wav = endless(b"RIFF\0\0\0\0WAVE", 0);
    assert_eq!(wav, "stdin: cannot be read");
    assert!(endless(b"", 0).starts_with("stdin: is not audio"));
    let mp4 = endless(b"\0\0\0\x10ftypM4A \0\0\0\0", 0);
    assert!(mp4.contains("at most 64 MiB"), "{mp4}");
    for start in [&b"fLaC\0\0\0"[..], b"ID3\x04\0\0\x7F\x7F\x7F\x7F"] {
        endless(start, 0);
    }
}

#[test]
fn a_stream_that_fails_gives_its_error() {
    struct Failing(Endless);
    impl Read for Failing {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            if self.0.at > 200_000 {
                Err(io::Error::other("the wire was cut"))
            } else {
                self.0.read(buffer)
            }
        }
    }
    let start = [&wav(1, 16_000)[..40], &[0xFF; 4]].concat();
    let mut reader = AudioReader::from_stream(
        Box::new(Failing(Endless {
            start,
            at: 0,
            fill: 3,
        })),
        "stdin",
    )
    .unwrap();
    let error = reader.read_clip(1e9).unwrap_err();
    assert!(matches!(error, AudioError::Read { .. }), "{error}");
    assert!(reader.next_block().unwrap().is_none(), "an error is the end");
}

/// One way to spoil a file.
#[derive(Debug, Clone)]
enum Harm {
    Set(usize, u8),
    SetInHead(usize, u8),
    Fill(usize, usize, u8),
    Cut(usize),
    Drop(usize, usize),
    Repeat(usize, usize),
}

fn harm() -> impl Strategy<Value = Harm> {
    let edge = prop_oneof![Just(0u8), Just(0xFF), Just(0x7F), Just(0x80), any::<u8>()];
    prop_oneof![
        (any::<usize>(), edge.clone()).prop_map(|(at, byte)| Harm::Set(at, byte)),
        (0usize..300, edge.clone()).prop_map(|(at, byte)| Harm::SetInHead(at, byte)),
        (any::<usize>(), 1usize..400, edge).prop_map(|(at, len, byte)| Harm::Fill(at, len, byte)),
        any::<usize>().prop_map(Harm::Cut),
        (any::<usize>(), 1usize..400).prop_map(|(at, len)| Harm::Drop(at, len)),
        (any::<usize>(), 1usize..400).prop_map(|(at, len)| Harm::Repeat(at, len)),
    ]
}

fn apply(bytes: &mut Vec<u8>, harm: &Harm) {
    if bytes.is_empty() {
        return;
    }
    let size = bytes.len();
    let span = |at: usize, len: usize| at % size..(at % size + len).min(size);
    match *harm {
        Harm::Set(at, byte) => bytes[at % size] = byte,
        Harm::SetInHead(at, byte) => bytes[at.min(size - 1)] = byte,
        Harm::Fill(at, len, byte) => bytes[span(at, len)].fill(byte),
        Harm::Cut(at) => bytes.truncate(at % size),
        Harm::Drop(at, len) => drop(bytes.drain(span(at, len))),
        Harm::Repeat(at, len) => {
            let piece = bytes[span(at, len)].to_vec();
            bytes.splice(at % size..at % size, piece);
        }
    }
}

/// Reads to the end, or to an error, and checks that it was reached in time and without inventing sound.
fn survives(bytes: Vec<u8>) -> Result<(), TestCaseError> {
    let (start, size) = (Instant::now(), bytes.len());
    let mut frames = 0;
    let mut check = |mut reader: AudioReader| -> Result<(), TestCaseError> {
        while let Ok(Some(block)) = reader.next_block() {
            prop_assert!(!block.is_empty() && block.iter().all(|sample| sample.is_finite()));
            frames += block.len();
        }
        Ok(())
    };
    if let Ok(reader) = AudioReader::from_bytes(bytes.clone(), "harmed") {
        check(reader)?;
    }
    if let Ok(reader) = AudioReader::from_stream(Box::new(io::Cursor::new(bytes)), "harmed") {
        check(reader)?;
    }
    prop_assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    // Silence packs well in FLAC, yet a frame of at most 65 535 samples takes some bytes.
    prop_assert!(frames <= size * 20_000, "{frames} frames of {size} bytes");
    Ok(())
}

fn fixture_names() -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains("chirp") || name.contains("change"))
        .collect();
    names.sort();
    assert!(names.len() > 20);
    names
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_harm_to_a_file_makes_reading_panic_or_run_away(
        name in prop::sample::select(fixture_names()),
        harms in prop::collection::vec(harm(), 1..6),
    ) {
        let mut bytes = fixture(&name);
        for harm in &harms {
            apply(&mut bytes, harm);
        }
        survives(bytes)?;
    }

    #[test]
    fn noise_behind_any_magic_number_is_survived(
        name in prop::sample::select(fixture_names()),
        kept in 0usize..80,
        noise in prop::collection::vec(any::<u8>(), 0..3000),
    ) {
        let mut bytes = fixture(&name);
        bytes.truncate(kept);
        bytes.extend(noise);
        survives(bytes)?;
    }
}

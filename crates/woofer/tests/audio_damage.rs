//! What follows the sound, breaks into it or is missing from it is told from the sound itself.

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]
#![allow(clippy::cast_possible_truncation, reason = "the numbers of a test are small")]

use std::io::Cursor;
use std::path::Path;

use woofer::audio::{AudioError, AudioReader, Repairs};

fn fixture(name: &str) -> Vec<u8> {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/audio"));
    std::fs::read(folder.join(name)).unwrap()
}

fn read_all(mut reader: AudioReader) -> Result<(Vec<f32>, Repairs), AudioError> {
    let clip = reader.read_clip(3600.0)?;
    Ok((clip.samples, reader.repairs()))
}

fn read(bytes: Vec<u8>) -> Result<(Vec<f32>, Repairs), AudioError> {
    read_all(AudioReader::from_bytes(bytes, "x")?)
}

fn read_stream(bytes: Vec<u8>) -> Result<(Vec<f32>, Repairs), AudioError> {
    read_all(AudioReader::from_stream(Box::new(Cursor::new(bytes)), "x")?)
}

fn message(bytes: Vec<u8>) -> String {
    read(bytes)
        .map(|(samples, _)| samples.len())
        .unwrap_err()
        .to_string()
}

fn chunk(name: [u8; 4], len: u32, body: &[u8]) -> Vec<u8> {
    [name.as_slice(), &len.to_le_bytes(), body].concat()
}

/// A WAV of 16 bits, mono, 16 kHz: what comes before the data, and the data with the length that is stated of them.
fn wav(form: [u8; 4], before: &[u8], data_len: u32, data: &[u8]) -> Vec<u8> {
    let format = [1, 0, 1, 0, 0x80, 0x3E, 0, 0, 0, 0x7D, 0, 0, 2, 0, 16, 0];
    [
        form.as_slice(),
        &[0xFF; 4],
        b"WAVE",
        before,
        &chunk(*b"fmt ", 16, &format),
        &chunk(*b"data", data_len, data),
    ]
    .concat()
}

#[test]
fn an_rf64_whose_length_was_never_filled_in_goes_on_to_the_end() {
    for long in [0u64, u64::MAX] {
        let lengths = [0, long, 0].map(u64::to_le_bytes).concat();
        let ds64 = chunk(*b"ds64", 28, &[lengths, vec![0; 4]].concat());
        let bytes = wav(*b"RF64", &ds64, u32::MAX, &[0, 0x40].repeat(1000));
        for (samples, repairs) in [read(bytes.clone()).unwrap(), read_stream(bytes).unwrap()] {
            assert_eq!(
                (samples, repairs),
                (vec![0.5; 1000], Repairs::default()),
                "{long}"
            );
        }
    }
}

#[test]
fn whole_chunks_up_to_the_end_behind_no_samples_are_no_sound() {
    let list = chunk(*b"LIST", 5, b"INFO!\0");
    let cases = [
        list.clone(),
        [list.clone(), chunk(*b"id3 ", 2, b"ab")].concat(),
        chunk(*b"LIST", 5, b"INFO!"),
        chunk(*b"cue ", 0, b""),
    ];
    for behind in cases {
        assert_eq!(
            message(wav(*b"RIFF", b"", 0, &behind)),
            "x: the WAV holds no samples"
        );
    }
    // A recorder that was switched off: what lies there is no chain of chunks, so it is sound.
    for sound in [
        [0, 0x40].repeat(1000),
        [list, vec![0x40; 10]].concat(),
        chunk(*b"LIST", 5, b"INFO"),
        chunk(*b"\0\x40\0\x40", 4, b"abcd"),
    ] {
        let samples = read(wav(*b"RIFF", b"", 0, &sound)).unwrap().0;
        assert_eq!(samples.len(), sound.len() / 2);
    }
}

/// An `ID3v1` tag.
fn id3v1() -> Vec<u8> {
    let mut tag = b"TAGNight in the yard".to_vec();
    tag.resize(128, 0);
    tag
}

#[test]
fn what_lies_behind_the_boxes_of_an_mp4_is_passed_over() {
    for name in [
        "chirp_44100_mono.m4a",
        "chirp_48000_stereo_faststart.m4a",
        "chirp_44100_mono_fragmented.m4a",
        "chirp_16000_mono_alac.m4a",
    ] {
        let whole = read(fixture(name)).unwrap();
        // A tag, padding of two kinds, and a box that breaks off.
        for behind in [
            id3v1(),
            vec![0; 1000],
            vec![0xFF; 1000],
            b"\0\0\x10\0free0000".to_vec(),
            vec![7; 5],
        ] {
            let bytes = [fixture(name), behind].concat();
            assert_eq!(read(bytes.clone()).unwrap(), whole, "{name}");
            assert_eq!(read_stream(bytes).unwrap(), whole, "{name}");
        }
    }
}

#[test]
fn a_tag_behind_the_last_frame_of_a_flac_costs_no_sound() {
    for name in ["chirp_16000_mono.flac", "chirp_44100_stereo.flac"] {
        let whole = read(fixture(name)).unwrap();
        assert!(whole.1.is_clean());
        assert_eq!(read([fixture(name), id3v1()].concat()).unwrap(), whole, "{name}");
    }
}

/// Bytes without any order: xorshift64 (Marsaglia, 2003).
fn noise(len: usize, mut state: u64) -> Vec<u8> {
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    (0..len).map(|_| next()).collect()
}

#[test]
fn noise_amid_mpeg_frames_is_damage_and_no_change_of_rate() {
    for name in ["chirp_24000_no_xing.mp3", "chirp_44100_stereo.mp2"] {
        let part = fixture(name).repeat(4);
        let whole = read(part.clone()).unwrap().0;
        for seed in 1..=12 {
            let bytes = [part.clone(), noise(60_000, seed), part.clone()].concat();
            let (samples, repairs) = read(bytes).unwrap();
            assert!(repairs.skipped_packets > 0, "{name}, {seed}: {repairs}");
            // What lies behind the noise is heard again.
            assert!(
                samples.len() > whole.len() * 7 / 4,
                "{name}, {seed}: {}",
                samples.len()
            );
        }
    }
}

#[test]
fn an_aac_that_breaks_off_in_its_first_frame_is_told_so() {
    let start = fixture("chirp_44100_mono.aac")[..20].to_vec();
    assert_eq!(
        message(start),
        "x: is a damaged ADTS: it breaks off before one packet is whole"
    );
}

#[test]
fn an_mp2_of_a_bit_rate_that_its_channels_may_not_have_is_told_so() {
    // MPEG-1 Layer II at 44.1 kHz: 384 kbit/s in one channel, 56 kbit/s in two.
    for (header, len, what) in [
        (
            [0xFF, 0xFD, 0xE0, 0xC0],
            1253,
            "384 kbit/s in one channel (at most 192 kbit/s are",
        ),
        (
            [0xFF, 0xFD, 0x30, 0x00],
            182,
            "56 kbit/s in two channels (64 kbit/s and from 96 kbit/s on are",
        ),
    ] {
        let mut frame = header.to_vec();
        frame.resize(len, 0);
        let refused = message(frame.repeat(8));
        assert!(
            refused.starts_with(&format!("x: holds MP2 of {what}")),
            "{refused}"
        );
    }
}

#[test]
fn a_film_without_sound_is_told_to_have_no_sound_track() {
    let mut film = fixture("chirp_48000_stereo_faststart.m4a");
    for (sound, picture) in [(b"soun", b"vide"), (b"mp4a", b"tmcd")] {
        let at = film.windows(4).position(|window| window == sound).unwrap();
        film[at..at + 4].copy_from_slice(picture);
    }
    assert_eq!(message(film), "x: the MP4 has no sound track");
}

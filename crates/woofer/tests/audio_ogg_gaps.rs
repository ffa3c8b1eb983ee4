//! Pages that an Ogg lacks are told, and silence stands for them, so that what follows keeps its time.

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]
#![allow(clippy::cast_possible_truncation, reason = "the numbers of a test are small")]

use std::io::Cursor;
use std::path::Path;

use woofer::audio::{AudioReader, Repairs};

const PACKETS_A_PAGE: usize = 10;

fn read(bytes: &[u8]) -> (Vec<f32>, Repairs) {
    let mut reader = AudioReader::from_bytes(bytes.to_vec(), "x").unwrap();
    let clip = reader.read_clip(3600.0).unwrap();
    let mut stream = AudioReader::from_stream(Box::new(Cursor::new(bytes.to_vec())), "x").unwrap();
    assert_eq!(stream.read_clip(3600.0).unwrap(), clip);
    assert_eq!(stream.repairs(), reader.repairs());
    (clip.samples, reader.repairs())
}

/// The packets of an Ogg with one stream (RFC 3533, section 6).
fn packets(mut bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut packets = vec![Vec::new()];
    while !bytes.is_empty() {
        let segments = usize::from(bytes[26]);
        let mut at = 27 + segments;
        for len in &bytes[27..27 + segments] {
            let len = usize::from(*len);
            packets.last_mut().unwrap().extend(&bytes[at..at + len]);
            at += len;
            if len < 255 {
                packets.push(Vec::new());
            }
        }
        bytes = &bytes[at..];
    }
    packets.pop();
    packets
}

/// The checksum of an Ogg page, bit by bit.
fn crc(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte) << 24, |crc, _| {
            if crc >> 31 == 1 {
                crc << 1 ^ 0x04C1_1DB7
            } else {
                crc << 1
            }
        })
    })
}

fn page(flags: u8, granule: u64, sequence: u32, packets: &[Vec<u8>]) -> Vec<u8> {
    let mut table = Vec::new();
    for packet in packets {
        table.extend(vec![255; packet.len() / 255]);
        table.push((packet.len() % 255) as u8);
    }
    let mut page = [b"OggS\0".as_slice(), &[flags], &granule.to_le_bytes(), b"WOOF"].concat();
    page.extend(sequence.to_le_bytes());
    page.extend([0; 4]);
    page.push(u8::try_from(table.len()).unwrap());
    page.extend(table);
    page.extend(packets.concat());
    let sum = crc(&page);
    page[22..26].copy_from_slice(&sum.to_le_bytes());
    page
}

/// A Vorbis stream of 100 packets of sound, paged anew.
struct Ogg {
    headers: Vec<Vec<u8>>,
    sound: Vec<Vec<u8>>,
    /// Frames up to and with each packet of sound.
    ends: Vec<u64>,
}

impl Ogg {
    fn new() -> Self {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../testdata/audio/chirp_44100_mono.ogg"
        );
        let mut headers = packets(&std::fs::read(Path::new(path)).unwrap());
        let sound = headers.split_off(3);
        let sound: Vec<Vec<u8>> = sound.iter().cycle().take(100).cloned().collect();
        let mut ogg = Self {
            headers,
            sound,
            ends: Vec::new(),
        };
        // Without the last granule position nothing is trimmed: the decoder says how long the first packets are.
        ogg.ends = (1..=100)
            .map(|count| {
                let last = page(4, 1 << 30, 2, &ogg.sound[..count.max(2)]);
                let frames = read(&[ogg.head(), last].concat()).0.len() as u64;
                if count == 1 { 0 } else { frames }
            })
            .collect();
        ogg
    }

    fn head(&self) -> Vec<u8> {
        [
            page(2, 0, 0, &self.headers[..1]),
            page(0, 0, 1, &self.headers[1..]),
        ]
        .concat()
    }

    /// The pages of sound, from this sequence number and granule position on.
    fn pages(&self, sequence: u32, start: u64) -> Vec<Vec<u8>> {
        let pages = self.sound.len() / PACKETS_A_PAGE;
        (0..pages)
            .map(|at| {
                let (first, behind) = (at * PACKETS_A_PAGE, (at + 1) * PACKETS_A_PAGE);
                let flags = if behind == self.sound.len() { 4 } else { 0 };
                let granule = start + self.ends[behind - 1];
                page(flags, granule, sequence + at as u32, &self.sound[first..behind])
            })
            .collect()
    }

    /// The frame at which the sound of a page ends.
    fn end(&self, page: usize) -> usize {
        self.ends[(page + 1) * PACKETS_A_PAGE - 1] as usize
    }
}

#[test]
fn silence_stands_for_a_page_that_is_damaged_or_missing() {
    let ogg = Ogg::new();
    let pages = ogg.pages(2, 0);
    let (whole, repairs) = read(&[ogg.head(), pages.concat()].concat());
    assert_eq!((whole.len(), repairs), (ogg.end(9), Repairs::default()));
    // Pages in the middle, two in a row, and the last but one.
    for lost in [3..4, 4..6, 8..9] {
        let mut without = pages.clone();
        without.drain(lost.clone());
        let mut spoilt = pages.clone();
        spoilt[lost.clone()]
            .iter_mut()
            .for_each(|page| page[60..90].fill(0x55));
        for pages in [without, spoilt] {
            let (samples, repairs) = read(&[ogg.head(), pages.concat()].concat());
            assert_eq!(
                (samples.len(), repairs.skipped_packets),
                (whole.len(), 1),
                "{lost:?}"
            );
            let (start, end) = (ogg.end(lost.start - 1), ogg.end(lost.end - 1));
            assert_eq!(samples[..start], whole[..start], "{lost:?}");
            assert!(
                samples[start..end].iter().all(|sample| *sample == 0.0),
                "{lost:?}"
            );
            // The first packet behind the gap overlaps another than it should.
            let heard_again = end + 4096;
            assert_eq!(samples[heard_again..], whole[heard_again..], "{lost:?}");
        }
    }
}

#[test]
fn two_gaps_with_a_page_between_them_are_both_filled() {
    let ogg = Ogg::new();
    let mut pages = ogg.pages(2, 0);
    pages.remove(6);
    pages.remove(4);
    let (samples, repairs) = read(&[ogg.head(), pages.concat()].concat());
    assert_eq!((samples.len(), repairs.skipped_packets), (ogg.end(9), 2));
    let silent = |page: usize| {
        let sound = &samples[ogg.end(page - 1)..ogg.end(page)];
        sound.iter().filter(|sample| **sample == 0.0).count() > sound.len() * 9 / 10
    };
    assert_eq!([3, 4, 5, 6, 7].map(silent), [false, true, false, true, false]);
}

#[test]
fn a_recorded_broadcast_begins_where_it_was_without_a_gap() {
    let ogg = Ogg::new();
    let (samples, repairs) = read(&[ogg.head(), ogg.pages(5000, 1 << 40).concat()].concat());
    assert_eq!((samples.len(), repairs), (ogg.end(9), Repairs::default()));
}

#[test]
fn an_hour_that_is_said_to_be_missing_is_told_and_not_made() {
    let ogg = Ogg::new();
    let mut pages = ogg.pages(2, 0);
    pages.splice(5.., ogg.pages(2, 3600 * 44_100).drain(6..));
    let (samples, repairs) = read(&[ogg.head(), pages.concat()].concat());
    assert_eq!(repairs.skipped_packets, 1);
    assert!(samples.len() < ogg.end(9) && samples.len() > ogg.end(7));
}

#[test]
fn a_gap_at_the_end_of_one_of_two_joined_files_is_filled_before_the_other() {
    let ogg = Ogg::new();
    let whole = [ogg.head(), ogg.pages(2, 0).concat()].concat();
    let mut pages = ogg.pages(2, 0);
    pages.remove(8);
    let (samples, repairs) = read(&[ogg.head(), pages.concat(), whole.clone()].concat());
    assert_eq!((samples.len(), repairs.skipped_packets), (2 * ogg.end(9), 1));
    assert_eq!(samples[ogg.end(9)..], read(&whole).0);
    assert!(
        samples[ogg.end(7)..ogg.end(8)]
            .iter()
            .all(|sample| *sample == 0.0)
    );
}

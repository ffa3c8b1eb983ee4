//! What is put into the feature cache comes out again, or nothing does.

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::collections::HashSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use proptest::prelude::*;
use tempfile::TempDir;
use woofer::dataset::feature_cache::{CacheError, CacheKey, CacheSize, ContentHash, FeatureCache};
use woofer::features::FrontEnd;
use woofer::pipeline::Stretch;

fn key(settings: &str) -> CacheKey {
    CacheKey::new(
        &ContentHash::of_bytes(b"a recording"),
        Stretch::default(),
        settings,
    )
}

fn cache() -> (TempDir, FeatureCache) {
    let dir = tempfile::tempdir().unwrap();
    let cache = FeatureCache::open(&dir.path().join("below/cache")).unwrap();
    (dir, cache)
}

/// Rows that no other `seed` has, so many that the file is mapped.
fn rows(seed: u16) -> Vec<Vec<f32>> {
    let row =
        |r: u16| (0..10_000u16).map(move |i| f32::from(i) + 1e5 * f32::from(seed) + 0.25 * f32::from(r));
    (0..3).map(|r| row(r).collect()).collect()
}

fn file_of(cache: &FeatureCache, key: &CacheKey) -> PathBuf {
    let digits = key.to_string();
    cache.dir().join(&digits[..2]).join(format!("{digits}.rows"))
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}

/// Everything below a folder that is a file.
fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_bits_come_back(count in 0usize..6, values in prop_oneof![1usize..40, 3_000usize..9_000], seed: u32) {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            f32::from_bits(state.rotate_left(7))
        };
        let rows: Vec<Vec<f32>> = (0..count).map(|_| (0..values).map(|_| next()).collect()).collect();
        let (_dir, cache) = cache();
        cache.put(&key("s"), &rows).unwrap();
        let found = cache.get(&key("s")).unwrap().unwrap();
        prop_assert_eq!(found.shape(), if count == 0 { [0, 0] } else { [count, values] });
        prop_assert_eq!(bits(&found), bits(&rows.concat()));
        prop_assert_eq!(found.rows().len(), count);
        for (i, row) in rows.iter().enumerate() {
            prop_assert_eq!(bits(found.row(i).unwrap()), bits(row));
        }
        prop_assert!(found.row(count).is_none());
    }
}

#[test]
fn another_content_stretch_setting_or_front_end_finds_nothing() {
    let (_dir, cache) = cache();
    let mut keys = HashSet::new();
    for content in [b"a", b"b"].map(|bytes| ContentHash::of_bytes(bytes)) {
        for stretch in [None, Some(0.5)].map(|onset_s| Stretch {
            onset_s,
            offset_s: None,
        }) {
            for front_end in FrontEnd::ALL {
                for what in ["log-mel", "samples"] {
                    let key =
                        CacheKey::new(&content, stretch, &format!("{what}, {}", front_end.description()));
                    assert!(cache.get(&key).unwrap().is_none());
                    assert!(keys.insert(key));
                    cache.put(&key, &[[1.0]]).unwrap();
                }
            }
        }
    }
    assert_eq!(cache.size().unwrap().entries, 2 * 2 * 3 * 2);
}

#[test]
fn a_value_outlives_its_file_and_the_cache() {
    let (dir, cache) = cache();
    cache.put(&key("s"), &rows(1)).unwrap();
    let found = cache.get(&key("s")).unwrap().unwrap();
    cache.put(&key("s"), &rows(1)).unwrap();
    cache.clear().unwrap();
    drop((cache, dir));
    assert_eq!(found[..], rows(1).concat());
}

/// Whatever happened to a file, it is absent and can be made anew.
#[test]
fn a_damaged_file_is_absent_and_is_replaced() {
    let whole = {
        let (_dir, cache) = cache();
        cache.put(&key("s"), &rows(1)).unwrap();
        fs::read(file_of(&cache, &key("s"))).unwrap()
    };
    let with = |at: usize, value: u8| {
        let mut bytes = whole.clone();
        bytes[at] ^= value;
        bytes
    };
    let damaged = [
        ("zero-length", vec![]),
        ("header cut off", whole[..63].to_vec()),
        ("header alone", whole[..64].to_vec()),
        ("one byte short", whole[..whole.len() - 1].to_vec()),
        ("cut at a page", whole[..8_192].to_vec()),
        ("small and cut", whole[..1_000].to_vec()),
        ("a byte too many", [&whole[..], &[0]].concat()),
        ("wrong magic", with(0, 1)),
        ("wrong version", with(8, 2)),
        ("wrong checksum", with(12, 1)),
        ("wrong key", with(16, 1)),
        ("more rows", with(48, 4)),
        ("far more rows", with(55, 0x80)),
        ("more values", with(57, 1)),
        ("first value altered", with(64, 1)),
        ("last value altered", with(whole.len() - 1, 0x80)),
        ("zeros", vec![0; whole.len()]),
        ("text", b"not a value of the cache\n".repeat(500)),
    ];
    for (what, bytes) in damaged {
        let (_dir, cache) = cache();
        cache.put(&key("s"), &rows(2)).unwrap();
        fs::write(file_of(&cache, &key("s")), bytes).unwrap();
        assert!(cache.get(&key("s")).unwrap().is_none(), "{what}");
        cache.put(&key("s"), &rows(1)).unwrap();
        assert_eq!(
            cache.get(&key("s")).unwrap().unwrap()[..],
            rows(1).concat(),
            "{what}"
        );
    }
}

#[test]
fn a_file_under_another_name_is_absent() {
    let (_dir, cache) = cache();
    cache.put(&key("s"), &rows(1)).unwrap();
    cache.put(&key("t"), &rows(2)).unwrap();
    fs::copy(file_of(&cache, &key("t")), file_of(&cache, &key("s"))).unwrap();
    assert!(cache.get(&key("s")).unwrap().is_none());
    assert!(cache.get(&key("t")).unwrap().is_some());
}

#[test]
fn a_folder_in_the_way_is_absent_and_named_when_writing() {
    let (_dir, cache) = cache();
    let path = file_of(&cache, &key("s"));
    fs::create_dir_all(path.join("full")).unwrap();
    assert!(cache.get(&key("s")).unwrap().is_none());
    let error = cache.put(&key("s"), &rows(1)).unwrap_err().to_string();
    assert!(error.contains(&cache.dir().display().to_string()), "{error}");
    assert!(error.contains(&format!("{} (120064 bytes)", key("s"))), "{error}");
    assert!(files(path.parent().unwrap()).is_empty());
}

#[test]
fn a_folder_that_cannot_be_written_to_is_named() {
    let (_dir, cache) = cache();
    // Stands for a read-only folder, from which the superuser would not be kept.
    let sub_folder = file_of(&cache, &key("s")).parent().unwrap().to_owned();
    fs::write(&sub_folder, "").unwrap();
    assert!(cache.get(&key("s")).unwrap().is_none());
    let error = cache.put(&key("s"), &rows(1)).unwrap_err();
    assert!(matches!(error, CacheError::Write { .. }), "{error:?}");
    assert!(
        error.to_string().contains(&cache.dir().display().to_string()),
        "{error}"
    );
    assert_eq!(cache.size().unwrap(), CacheSize::default());

    let error = FeatureCache::open(&sub_folder).unwrap_err().to_string();
    assert!(error.contains(&sub_folder.display().to_string()), "{error}");
}

#[test]
fn rows_of_different_lengths_are_refused() {
    let (_dir, cache) = cache();
    let error = cache
        .put(&key("s"), &[vec![1.0, 2.0], vec![3.0]])
        .unwrap_err()
        .to_string();
    assert!(error.contains("row 1 has 1 values"), "{error}");
    assert!(cache.put(&key("s"), &[vec![], vec![]]).is_err());
    assert!(cache.get(&key("s")).unwrap().is_none());
    assert_eq!(cache.size().unwrap(), CacheSize::default());
}

#[test]
fn only_old_partial_files_are_removed_at_opening() {
    let (_dir, cache) = cache();
    cache.put(&key("s"), &rows(1)).unwrap();
    let sub_folder = file_of(&cache, &key("s")).parent().unwrap().to_owned();
    let written = |name: String, hours: u64| {
        let path = sub_folder.join(name);
        fs::write(&path, "half").unwrap();
        let then = SystemTime::now() - Duration::from_secs(3_600 * hours);
        File::options()
            .write(true)
            .open(&path)
            .unwrap()
            .set_modified(then)
            .unwrap();
        path
    };
    let old = written(format!("{}-0123456789abcdef.partial", key("s")), 25);
    let new = written(format!("{}-0123456789abcde0.partial", key("s")), 23);
    let other = written("notes.partial".to_owned(), 1_000);
    let again = FeatureCache::open(cache.dir()).unwrap();
    assert_eq!(
        [&old, &new, &other].map(|path| path.exists()),
        [false, true, true]
    );
    assert!(again.get(&key("s")).unwrap().is_some());
    assert_eq!(again.size().unwrap().entries, 1);
}

#[test]
fn what_was_not_used_for_longest_goes_first() {
    let (_dir, cache) = cache();
    let names = ["a", "b", "c", "d"];
    for (i, name) in (0u64..).zip(names) {
        cache.put(&key(name), &[[0.5; 16]]).unwrap();
        let then = SystemTime::now() - Duration::from_secs(1_000 - i);
        let file = File::open(file_of(&cache, &key(name))).unwrap();
        file.set_modified(then).unwrap();
    }
    // Of the oldest and the next, only the oldest is used.
    assert!(cache.get(&key("a")).unwrap().is_some());
    let two = CacheSize {
        entries: 2,
        bytes: 256,
    };
    assert_eq!(cache.size().unwrap().bytes, 512);
    assert_eq!(cache.shrink_to(383).unwrap(), two);
    assert_eq!(cache.shrink_to(256).unwrap(), CacheSize::default());
    let left = names.map(|name| cache.get(&key(name)).unwrap().is_some());
    assert_eq!(left, [true, false, false, true]);
}

#[test]
fn clearing_leaves_what_is_not_the_caches() {
    let (_dir, cache) = cache();
    cache.put(&key("s"), &rows(1)).unwrap();
    let mine = [
        cache.dir().join("notes.txt"),
        file_of(&cache, &key("s")).with_file_name("mine.rows"),
    ];
    for path in &mine {
        fs::write(path, "mine").unwrap();
    }
    assert_eq!(cache.clear().unwrap().entries, 1);
    assert_eq!(cache.size().unwrap(), CacheSize::default());
    assert!(mine.iter().all(|path| path.exists()));
}

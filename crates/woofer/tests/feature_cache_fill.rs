//! Filling the feature cache: each value is made once, whoever else writes and whenever it is interrupted.

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::collections::HashMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use woofer::dataset::feature_cache::{CacheError, CacheKey, ContentHash, FeatureCache, FillError};
use woofer::pipeline::Stretch;

/// What a child process gets by the environment: where to fill, and how many items.
const FOLDER: &str = "WOOFER_TEST_CACHE";
const ITEMS: &str = "WOOFER_TEST_ITEMS";
const CHILD_TEST: &str = "a_list_is_filled_and_found_again";

fn key(item: usize) -> CacheKey {
    CacheKey::new(
        &ContentHash::of_bytes(&item.to_le_bytes()),
        Stretch::default(),
        "test",
    )
}

/// 80 kB that no other item has.
fn rows(item: usize) -> Vec<Vec<f32>> {
    let value = |i: u16| f32::from(u16::try_from(item).unwrap()) + f32::from(i) / 16_384.0;
    vec![
        (0..10_000).map(value).collect(),
        (10_000..20_000).map(value).collect(),
    ]
}

/// Fills with the items below `count`; gives the number that had to be computed, having compared all values.
fn filled(cache: &FeatureCache, count: usize) -> usize {
    let (computed, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let items: Vec<usize> = (0..count).collect();
    let values = cache.fill::<_, CacheError>(
        &items,
        |item| Ok(key(*item)),
        |item| {
            computed.fetch_add(1, Ordering::Relaxed);
            Ok(rows(*item))
        },
        &|| {
            done.fetch_add(1, Ordering::Relaxed);
        },
    );
    assert_eq!(done.into_inner(), count);
    assert_eq!(values.len(), count);
    for (item, value) in values.into_iter().enumerate() {
        let value = value.map_err(|error| format!("item {item}: {error}")).unwrap();
        assert_eq!(value.shape(), [2, 10_000]);
        assert_eq!(value[..], rows(item).concat(), "item {item}");
    }
    computed.into_inner()
}

/// Also what child processes run, with a folder and a number of their own.
#[test]
fn a_list_is_filled_and_found_again() {
    let dir = tempfile::tempdir().unwrap();
    let folder = env::var_os(FOLDER).map_or(dir.path().to_owned(), PathBuf::from);
    let count = env::var(ITEMS).map_or(50, |count| count.parse().unwrap());
    let cache = FeatureCache::open(&folder).unwrap();
    assert!(filled(&cache, count) <= count);
    assert_eq!(filled(&cache, count), 0);
    assert_eq!(cache.size().unwrap().entries, count as u64);
}

fn child(program: &Path, arguments: &[&str], folder: &Path, items: usize) -> Command {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .args(["--exact", CHILD_TEST, "--nocapture"])
        .env(FOLDER, folder)
        .env(ITEMS, items.to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    command
}

#[test]
fn a_killed_fill_leaves_a_cache_that_only_lacks_the_rest() {
    let dir = tempfile::tempdir().unwrap();
    let cache = FeatureCache::open(dir.path()).unwrap();
    let count = 5_000;
    let mut child = child(&env::current_exe().unwrap(), &[], dir.path(), count)
        .spawn()
        .unwrap();
    while cache.size().unwrap().entries < 20 {
        assert!(child.try_wait().unwrap().is_none(), "the child ended by itself");
        thread::sleep(Duration::from_millis(1));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let kept = usize::try_from(cache.size().unwrap().entries).unwrap();
    assert!((20..count).contains(&kept), "{kept}");
    let cache = FeatureCache::open(dir.path()).unwrap();
    let more = kept + 10;
    let there = (0..more)
        .filter(|item| cache.get(&key(*item)).unwrap().is_some())
        .count();
    assert_eq!(filled(&cache, more), more - there);
}

#[test]
fn processes_that_fill_one_folder_at_once_do_not_disturb_each_other() {
    let dir = tempfile::tempdir().unwrap();
    let program = env::current_exe().unwrap();
    let children: Vec<_> = (0..3)
        .map(|_| child(&program, &[], dir.path(), 60).spawn().unwrap())
        .collect();
    let cache = FeatureCache::open(dir.path()).unwrap();
    filled(&cache, 60);
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    assert_eq!(filled(&cache, 60), 0);
    assert_eq!(files_with_ending(dir.path(), "partial"), 0);
}

#[test]
fn threads_that_write_one_key_at_once_leave_it_whole() {
    let dir = tempfile::tempdir().unwrap();
    let cache = FeatureCache::open(dir.path()).unwrap();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..25 {
                    cache.put(&key(1), &rows(1)).unwrap();
                    // Always there once it was put, and always right.
                    assert_eq!(cache.get(&key(1)).unwrap().unwrap()[..], rows(1).concat());
                }
            });
        }
    });
    assert_eq!(cache.size().unwrap().entries, 1);
    assert_eq!(files_with_ending(dir.path(), "partial"), 0);
}

/// A limit on the size of files makes a write fail half way, as a full disk does.
#[test]
#[cfg(unix)]
fn a_full_disk_is_told_and_leaves_no_half_file() {
    let dir = tempfile::tempdir().unwrap();
    let script = "trap '' XFSZ; ulimit -f 16; exec \"$0\" \"$@\"";
    let program = env::current_exe().unwrap();
    let arguments = ["-c", script, program.to_str().unwrap()];
    let output = child(Path::new("sh"), &arguments, dir.path(), 3)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "{told}");
    let expected = format!(
        "{}: the feature cache cannot keep the value {} (80064 bytes)",
        dir.path().display(),
        key(0)
    );
    assert!(told.contains(&expected), "{told}");
    assert_eq!(files_with_ending(dir.path(), "partial"), 0);
    assert_eq!(files_with_ending(dir.path(), "rows"), 0);
}

#[test]
fn items_of_one_key_are_computed_once() {
    let dir = tempfile::tempdir().unwrap();
    let cache = FeatureCache::open(dir.path()).unwrap();
    let items: Vec<usize> = (0..400).map(|i| i * 7 % 40).collect();
    let computed = Mutex::new(HashMap::new());
    let values = cache.fill::<_, CacheError>(
        &items,
        |item| Ok(key(*item)),
        |item| {
            *computed.lock().unwrap().entry(*item).or_insert(0) += 1;
            Ok(rows(*item))
        },
        &|| (),
    );
    assert_eq!(
        computed.into_inner().unwrap(),
        (0..40).map(|item| (item, 1)).collect()
    );
    for (item, value) in items.iter().zip(values) {
        assert_eq!(value.unwrap()[..], rows(*item).concat());
    }
}

#[test]
fn each_item_has_an_error_of_its_own() {
    let dir = tempfile::tempdir().unwrap();
    let cache = FeatureCache::open(dir.path()).unwrap();
    let done = AtomicUsize::new(0);
    let values = cache.fill(
        &[0, 1, 2, 3, 4],
        |item| if *item == 1 { Err("no key") } else { Ok(key(*item)) },
        |item| match item {
            2 => Err("no value"),
            3 => Ok(vec![vec![1.0], vec![]]),
            _ => Ok(rows(*item)),
        },
        &|| {
            done.fetch_add(1, Ordering::Relaxed);
        },
    );
    assert_eq!(done.into_inner(), 5);
    assert!(values[0].is_ok() && values[4].is_ok());
    assert!(matches!(values[1], Err(FillError::Item("no key"))));
    assert!(matches!(values[2], Err(FillError::Item("no value"))));
    assert!(matches!(
        values[3],
        Err(FillError::Cache(CacheError::Ragged { .. }))
    ));
    assert_eq!(cache.size().unwrap().entries, 2);
}

#[test]
fn a_file_that_changes_while_it_is_read_is_not_kept() {
    let dir = tempfile::tempdir().unwrap();
    let cache = FeatureCache::open(&dir.path().join("cache")).unwrap();
    let file = dir.path().join("a.wav");
    fs::write(&file, "before").unwrap();
    let key_of = |path: &PathBuf| {
        let content = ContentHash::of_file(path)?;
        Ok::<_, CacheError>(CacheKey::new(&content, Stretch::default(), "test"))
    };
    let before = key_of(&file).unwrap();
    let changing = |path: &PathBuf| {
        fs::write(path, "after").unwrap();
        Ok(rows(1))
    };
    let values = cache.fill(std::slice::from_ref(&file), key_of, changing, &|| ());
    assert!(matches!(values[..], [Err(FillError::Changed)]), "{values:?}");
    assert!(cache.get(&before).unwrap().is_none());
    assert_eq!(cache.size().unwrap().entries, 0);
    let values = cache.fill(&[file], key_of, |_| Ok(rows(2)), &|| ());
    assert_eq!(values[0].as_ref().unwrap()[..], rows(2).concat());
}

fn files_with_ending(dir: &Path, ending: &str) -> usize {
    fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            if path.is_dir() {
                files_with_ending(&path, ending)
            } else {
                usize::from(path.extension().is_some_and(|e| e == ending))
            }
        })
        .sum()
}

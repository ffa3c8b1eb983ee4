//! Weight files made by PyTorch and safetensors (`testdata/weights/make_fixtures.py`), whole, odd and damaged.

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use woofer_nn::{Weights, WeightsError, WeightsFormat};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../testdata/weights")
        .join(name)
}

fn open(name: &str) -> Weights {
    Weights::open(&fixture(name)).unwrap()
}

/// An error and its causes, as the program prints them.
fn chain(error: &WeightsError) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

/// What opening a file of these bytes says.
fn refusal(bytes: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    fs::write(&path, bytes).unwrap();
    let text = chain(&Weights::open(&path).unwrap_err());
    let name = path.display().to_string();
    assert!(text.starts_with(&name), "{text} does not name the file");
    text.replacen(&name, "file", 1)
}

/// `ramp` of `make_fixtures.py`.
fn ramp(k: u8, length: u8) -> Vec<f32> {
    (0..length)
        .map(|i| f32::from(k) + f32::from(i) / 8.0 - 1.0)
        .collect()
}

fn take_all_of_the_state_dict(mut weights: Weights) {
    let transposed: Vec<f32> = (0..12).map(|i| ramp(5, 12)[i % 4 * 3 + i / 4]).collect();
    let expected: [(&str, &[usize], Vec<f32>); 9] = [
        ("features.0.weight", &[2, 1, 3, 3], ramp(0, 18)),
        ("features.0.bias", &[2], ramp(1, 2)),
        ("half.weight", &[3, 4], ramp(2, 12)),
        ("brain.weight", &[3, 4], ramp(3, 12)),
        ("double.weight", &[3, 4], ramp(4, 12)),
        ("transposed.weight", &[3, 4], transposed),
        ("shared.first", &[2, 3], ramp(6, 6)),
        ("shared.second", &[12], ramp(6, 12)),
        ("scalar", &[], ramp(7, 1)),
    ];
    assert_eq!(weights.len(), 10);
    for (name, shape, values) in expected {
        assert_eq!(weights.shape(name), Some(shape), "{name}");
        assert_eq!(weights.take(name, shape).unwrap(), values, "{name}");
        assert!(!weights.contains(name));
    }
    assert_eq!(weights.names().collect::<Vec<_>>(), ["norm.num_batches_tracked"]);
    let refused = weights.take("norm.num_batches_tracked", &[]).unwrap_err();
    assert!(
        refused
            .to_string()
            .ends_with("holds i64; f64, f32, f16 or bf16 is needed")
    );
    assert_eq!(weights.discard(|name| name.ends_with("num_batches_tracked")), 1);
    weights.finish().unwrap();
}

#[test]
fn every_format_gives_the_same_tensors() {
    for (name, format) in [
        ("state_dict_zip.pt", WeightsFormat::PytorchZip),
        ("state_dict_legacy.pth", WeightsFormat::PytorchLegacy),
        ("state_dict.safetensors", WeightsFormat::Safetensors),
    ] {
        let weights = open(name);
        assert_eq!(weights.format(), format);
        take_all_of_the_state_dict(weights);
    }
}

#[test]
fn a_state_dict_nested_in_a_checkpoint_is_found_and_the_optimiser_left_out() {
    take_all_of_the_state_dict(open("nested_state_dict_zip.pt"));
    take_all_of_the_state_dict(open("nested_model_legacy.pth"));
    take_all_of_the_state_dict(open("nested_model_state_dict_zip.pt"));
}

/// The first entry of such an archive is as long as its zip64 records, which some versions of the crate `zip` confuse.
#[test]
fn a_pytorch_file_whose_name_has_21_letters_opens() {
    assert_eq!("nested_state_dict_zip".len(), 21);
    assert_eq!(open("nested_state_dict_zip.pt").len(), 10);
}

#[test]
fn a_child_called_model_is_no_nesting() {
    let weights = open("flat_model_child_zip.pt");
    assert_eq!(
        weights.names().collect::<Vec<_>>(),
        ["head.weight", "model.0.weight"]
    );
}

#[test]
fn the_format_is_told_by_content_and_not_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("weights.safetensors");
    fs::copy(fixture("state_dict_zip.pt"), &path).unwrap();
    assert_eq!(Weights::open(&path).unwrap().format(), WeightsFormat::PytorchZip);
}

#[test]
fn bytes_in_memory_read_as_the_file_does() {
    let bytes = fs::read(fixture("state_dict.safetensors")).unwrap();
    let weights = Weights::from_safetensors_bytes(bytes, "embedded").unwrap();
    let file = open("state_dict.safetensors");
    assert_eq!(weights.name(), "embedded");
    assert_eq!(weights.sha256(), file.sha256());
    assert_eq!(weights.metadata(), file.metadata());
    assert_eq!(weights.metadata()["origin"], "make_fixtures.py");
    take_all_of_the_state_dict(weights);
}

#[test]
fn the_digest_is_that_of_the_whole_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("w.safetensors");
    let mut weights = Weights::new("made here");
    assert_eq!(weights.sha256(), None);
    weights.insert("a", &[2], vec![1.0, 2.0]).unwrap();
    let written = weights.write_safetensors(&path, &BTreeMap::new()).unwrap();
    let bytes = fs::read(&path).unwrap();
    assert_eq!(bytes, weights.to_safetensors_bytes(&BTreeMap::new()).unwrap());
    assert_eq!(Weights::open(&path).unwrap().sha256(), Some(written.as_str()));
    assert_eq!(
        written,
        "777189a224f4c3e65e508f682dfd8378c2d62d68a2a247bf90472412dc293fe0"
    );
}

#[test]
fn the_same_tensors_give_the_same_bytes_in_any_order() {
    let metadata = BTreeMap::from([
        ("b".to_owned(), "2".to_owned()),
        ("a".to_owned(), "1 \"quoted\"".to_owned()),
    ]);
    let mut one = Weights::new("one");
    one.insert("x", &[1, 2], vec![1.0, -0.5]).unwrap();
    one.insert("a \"b\"", &[], vec![3.0]).unwrap();
    let mut other = Weights::new("other");
    other.insert("a \"b\"", &[], vec![3.0]).unwrap();
    other.insert("x", &[1, 2], vec![1.0, -0.5]).unwrap();
    let bytes = one.to_safetensors_bytes(&metadata).unwrap();
    assert_eq!(bytes, other.to_safetensors_bytes(&metadata).unwrap());
    let mut read = Weights::from_safetensors_bytes(bytes, "read").unwrap();
    assert_eq!(read.metadata(), &metadata);
    assert_eq!(read.take("x", &[1, 2]).unwrap(), [1.0, -0.5]);
    assert_eq!(read.take("a \"b\"", &[]).unwrap(), [3.0]);
    read.finish().unwrap();
}

#[test]
fn a_written_file_holds_what_was_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("w.safetensors");
    let mut weights = open("state_dict_zip.pt");
    let refused = weights.write_safetensors(&path, &BTreeMap::new()).unwrap_err();
    assert!(matches!(refused, WeightsError::NotFloat { .. }), "{refused}");
    assert_eq!(
        fs::read_dir(folder.path()).unwrap().count(),
        0,
        "nothing is left behind"
    );
    weights.discard(|name| name == "norm.num_batches_tracked");
    weights.write_safetensors(&path, &BTreeMap::new()).unwrap();
    let mut read = Weights::open(&path).unwrap();
    read.insert("norm.num_batches_tracked", &[], vec![7.0]).unwrap();
    for name in weights.names().map(str::to_owned).collect::<Vec<_>>() {
        let shape = weights.shape(&name).unwrap().to_vec();
        assert_eq!(
            weights.take(&name, &shape).unwrap(),
            read.take(&name, &shape).unwrap()
        );
    }
}

#[test]
fn half_precision_rounds_once_and_is_written_in_half_the_bytes() {
    let mut weights = Weights::new("made up");
    let values = [1.0_f32, -0.1, 65_504.0, 1e-8, 3.333_333];
    weights.insert("a", &[5], values.to_vec()).unwrap();
    let rounded = weights.in_half_precision().unwrap();
    let bytes = rounded.to_safetensors_bytes(&BTreeMap::new()).unwrap();
    let whole = weights.to_safetensors_bytes(&BTreeMap::new()).unwrap();
    assert!(whole.len() - bytes.len() <= 2 * values.len() && whole.len() > bytes.len());
    let mut read = Weights::from_safetensors_bytes(bytes.clone(), "again").unwrap();
    assert_eq!(read.to_safetensors_bytes(&BTreeMap::new()).unwrap(), bytes);
    let read = read.take("a", &[5]).unwrap();
    assert_eq!(read, rounded.clone().take("a", &[5]).unwrap());
    // binary16 has eleven significant bits, and steps of 2^-24 near zero.
    for (found, value) in read.iter().zip(values) {
        assert!((found - value).abs() <= f32::max(value.abs() / 2048.0, 2f32.powi(-25)));
    }
    let mut large = Weights::new("made up");
    large.insert("b", &[1], vec![70_000.0]).unwrap();
    let error = large.in_half_precision().err().map(|e| e.to_string());
    assert!(error.is_some_and(|e| e.contains("`b`") && e.contains("element 0")));
}

#[test]
fn a_tensor_that_is_missing_or_of_another_shape_is_named() {
    let mut weights = open("state_dict_zip.pt");
    let file = weights.name().to_owned();
    assert_eq!(
        weights.take("features.1.weight", &[1]).unwrap_err().to_string(),
        format!("{file}: has no tensor `features.1.weight`")
    );
    assert_eq!(
        weights.take("features.0.bias", &[3]).unwrap_err().to_string(),
        format!("{file}: tensor `features.0.bias` has shape [2]; [3] is needed")
    );
    assert!(weights.contains("features.0.bias"), "a refused tensor stays");
}

#[test]
fn values_that_are_not_finite_are_refused_by_name() {
    let mut weights = open("not_finite_zip.pt");
    let error = weights.take("bad", &[3]).unwrap_err().to_string();
    assert!(
        error.ends_with("tensor `bad` holds NaN at element 1; finite float32 values are needed"),
        "{error}"
    );
    let error = weights.take("beyond", &[1]).unwrap_err().to_string();
    assert!(error.contains("`beyond` holds inf at element 0"), "{error}");
    assert_eq!(weights.take("good", &[2]).unwrap(), ramp(0, 2));
    let error = Weights::new("n")
        .insert("x", &[1], vec![f32::NEG_INFINITY])
        .unwrap_err();
    assert!(matches!(error, WeightsError::NotFinite { index: 0, .. }));
}

#[test]
fn tensors_nobody_took_are_counted_and_the_first_named() {
    let weights = open("state_dict_zip.pt");
    let file = weights.name().to_owned();
    assert_eq!(
        weights.finish().unwrap_err().to_string(),
        format!(
            "{file}: holds 10 tensors that the network does not have: \
             brain.weight, double.weight, features.0.bias, features.0.weight, half.weight, ..."
        )
    );
}

#[test]
fn renaming_refuses_two_tensors_of_one_name_and_keeps_the_old_ones() {
    let mut weights = open("state_dict_zip.pt");
    let error = weights.rename(|_| "same".to_owned()).unwrap_err();
    assert!(error.to_string().ends_with("two tensors would be called `same`"));
    assert!(weights.contains("scalar"));
    weights.rename(|name| format!("net.{name}")).unwrap();
    assert_eq!(weights.take("net.scalar", &[]).unwrap(), ramp(7, 1));
    let error = weights.insert("net.half.weight", &[0], vec![]).unwrap_err();
    assert!(matches!(error, WeightsError::Duplicate { .. }), "{error}");
}

#[test]
fn values_must_fill_the_shape() {
    let error = Weights::new("n")
        .insert("x", &[2, usize::MAX], vec![0.0])
        .unwrap_err();
    assert!(error.to_string().ends_with("was given 1 values"), "{error}");
}

#[test]
fn what_is_no_weight_file_is_refused_with_the_reason() {
    assert_eq!(
        refusal(b""),
        "file: the file is empty; a PyTorch or safetensors weight file is expected"
    );
    assert_eq!(
        refusal(b"cat nap\n"),
        "file: neither a PyTorch file (torch.save: zip, legacy or tar) nor safetensors; it begins with \"cat nap\\n\""
    );
    assert!(refusal(b"A text {with a brace}").contains("it begins with \"A text {with a b\""));
    let zip = fs::read(fixture("state_dict_zip.pt")).unwrap();
    assert!(refusal(&zip[..zip.len() / 2]).starts_with("file: not a readable PyTorch (zip) file: "));
    let legacy = fs::read(fixture("state_dict_legacy.pth")).unwrap();
    assert!(refusal(&legacy[..legacy.len() - 9]).starts_with("file: not a readable PyTorch (legacy) file: "));
    let missing = chain(&Weights::open(Path::new("no/such/file.pt")).unwrap_err());
    assert!(
        missing.starts_with("no/such/file.pt: cannot be opened: "),
        "{missing}"
    );
    let folder = Weights::open(Path::new(".")).unwrap_err().to_string();
    assert_eq!(folder, ".: not a regular file");
    assert!(chain(&Weights::open(&fixture("no_tensors_zip.pt")).unwrap_err()).ends_with("holds no tensors"));
}

#[test]
fn a_lying_safetensors_header_is_refused() {
    let with_header = |length: u64, json: &str, data: usize| {
        let mut bytes = length.to_le_bytes().to_vec();
        bytes.extend_from_slice(json.as_bytes());
        bytes.resize(bytes.len() + data, 0);
        refusal(&bytes)
    };
    let honest = r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#;
    let length = honest.len() as u64;
    assert!(with_header(u64::MAX, honest, 8).contains("declares a header of 18446744073709551615 bytes"));
    assert!(with_header(length + 9, honest, 8).contains("declares a header of"));
    assert!(with_header(length, honest, 4).contains("its tensors end at byte 70; the file has 66"));
    assert!(with_header(length, honest, 12).contains("its tensors end at byte 70; the file has 74"));
    let too_few = honest.replace("[2]", "[3]");
    assert!(with_header(length, &too_few, 8).contains("invalid shape, data type, or offset"));
    let overflow = honest.replace("[2]", "[4294967296,4294967296]");
    assert!(with_header(overflow.len() as u64, &overflow, 8).contains("overflow"));
    let overlap = r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#;
    assert!(with_header(overlap.len() as u64, overlap, 8).contains("invalid offset for tensor `b`"));
    let nested = "{\"a\":".repeat(100_000);
    assert!(
        with_header(nested.len() as u64, &nested, 0).starts_with("file: not a readable safetensors file: ")
    );
    assert!(with_header(2, "{}", 0).ends_with("holds no tensors"));
    let many: Vec<String> = (0..20_000)
        .map(|i| format!(r#""{i}":{{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}"#))
        .collect();
    let many = format!("{{{}}}", many.join(","));
    assert_eq!(
        with_header(many.len() as u64, &many, 0),
        "file: holds 20000 tensors; at most 16384 are read"
    );
}

#[test]
fn a_view_that_claims_gigabytes_is_refused() {
    let error = Weights::open(&fixture("expanded_zip.pt")).unwrap_err();
    let text = chain(&error);
    assert!(text.contains("values") || text.contains("byte limit"), "{text}");
}

#[test]
fn a_file_larger_than_the_limit_is_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sparse.pt");
    fs::File::create(&path).unwrap().set_len((2 << 30) + 1).unwrap();
    let error = Weights::open(&path).unwrap_err().to_string();
    assert!(
        error.ends_with("2147483649 bytes; at most 2147483648 are read"),
        "{error}"
    );
}

#[test]
fn a_pickle_that_calls_os_system_is_refused_and_not_run() {
    for name in ["hostile_value_zip.pt", "hostile_root_legacy.pth"] {
        let error = Weights::open(&fixture(name)).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("asks to call `posix.system` when unpickled"),
            "{error}"
        );
    }
    let error = Weights::open(&fixture("hostile_bare.pkl")).unwrap_err();
    assert!(matches!(error, WeightsError::BarePickle { .. }), "{error}");
    assert!(!Path::new("woofer_was_here").exists());
}

#[test]
#[ignore = "needs ../shared"]
fn the_published_efficientat_file_opens() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/weights/mn04_as_mAP_432.pt");
    let mut weights = Weights::open(&path).unwrap();
    assert_eq!(weights.len(), 312);
    let dropped = weights.discard(|name| name.ends_with(".num_batches_tracked"));
    assert!(dropped > 0);
    for name in weights.names().map(str::to_owned).collect::<Vec<_>>() {
        let shape = weights.shape(&name).unwrap().to_vec();
        weights.take(&name, &shape).unwrap();
    }
    weights.finish().unwrap();
}

/// The small fixtures, whose mutations are opened.
const FIXTURES: [&str; 5] = [
    "state_dict_zip.pt",
    "state_dict_legacy.pth",
    "state_dict.safetensors",
    "nested_state_dict_zip.pt",
    "hostile_value_zip.pt",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_mutation_of_a_file_panics(
        fixture_index in 0..FIXTURES.len(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        cut in prop::option::weighted(0.2, any::<prop::sample::Index>()),
        repeated in prop::option::weighted(0.2, (any::<prop::sample::Index>(), 1..64_usize)),
    ) {
        let mut bytes = fs::read(fixture(FIXTURES[fixture_index])).unwrap();
        for (place, value) in changes {
            let place = place.index(bytes.len());
            bytes[place] = value;
        }
        if let Some((place, length)) = repeated {
            let start = place.index(bytes.len());
            let end = (start + length).min(bytes.len());
            let piece = bytes[start..end].to_vec();
            bytes.splice(start..start, piece);
        }
        if let Some(place) = cut {
            bytes.truncate(place.index(bytes.len()));
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mutated");
        fs::write(&path, &bytes).unwrap();
        let _ = Weights::from_safetensors_bytes(bytes, "mutated");
        if let Ok(mut weights) = Weights::open(&path) {
            for name in weights.names().map(str::to_owned).collect::<Vec<_>>() {
                let shape = weights.shape(&name).unwrap_or_default().to_vec();
                let _ = weights.take(&name, &shape);
            }
            let _ = weights.finish();
        }
    }
}

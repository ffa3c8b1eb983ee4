//! Writes the cases of `testdata/onnx/check.py`: models as ONNX files, each beside examples and what Woofer makes of them.
//!
//!     cargo run --workspace --example onnx_cases -- ../shared FOLDER

#![allow(clippy::unwrap_used, reason = "an example may stop where it stands")]

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use woofer::features::{Examples, Hearing, LogMelPlan};
use woofer::taxonomy::Taxonomy;
use woofer::{Classifier, Logits, Mean};
use woofer_nn::{Architecture, Backbone, Contents, Head, Model, Weights, export_onnx};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(shared), Some(folder)) = (arguments.next(), arguments.next()) else {
        return Err("usage: onnx_cases SHARED FOLDER".into());
    };
    let (weights, folder) = (Path::new(&shared).join("weights"), Path::new(&folder));
    std::fs::create_dir_all(folder)?;
    for (name, file) in [
        ("mn04", "mn04_as_mAP_432.pt"),
        ("yamnet", "yamnet_mixed.safetensors"),
    ] {
        let contents = Contents::open(&weights.join(file))?;
        case(folder, name, &contents)?;
        let backbone = contents.architecture.backbone;
        let head = Head::Linear { classes: 15 };
        let linear = Architecture { backbone, head };
        let published = contents.members.first().ok_or("no weights")?;
        let member = |seed| with_made_up_head(published, linear, seed);
        case(
            folder,
            &format!("{name}-linear"),
            &trained(linear, vec![member(1)?]),
        )?;
        case(
            folder,
            &format!("{name}-ensemble"),
            &trained(linear, vec![member(1)?, member(2)?]),
        )?;
        let mapped = |background| Head::Mapped {
            classes: 15,
            background,
        };
        for (kind, head) in [
            ("mapped", mapped(false)),
            ("mapped-background", mapped(true)),
            ("attention", Head::Attention { classes: 15 }),
        ] {
            let architecture = Architecture { backbone, head };
            let member = with_made_up_head(published, architecture, 4)?;
            case(
                folder,
                &format!("{name}-{kind}"),
                &trained(architecture, vec![member]),
            )?;
        }
    }
    let attention = Architecture {
        backbone: Backbone::Vggish,
        head: Head::Attention { classes: 15 },
    };
    let vggish = made_up(&attention.tensors(), 3)?;
    case(folder, "vggish-attention", &trained(attention, vec![vggish]))
}

/// A model of the Tomofun labels at temperature 5.
fn trained(architecture: Architecture, members: Vec<Weights>) -> Contents {
    Contents {
        architecture,
        members,
        temperature: 5.0,
        shifts_s: vec![0.0],
        level_segments: false,
        hearings: Hearing::ONCE.to_vec(),
        mean: Mean::Arithmetic,
        rest_weight: 1.0,
        source: woofer_nn::SourceRecord {
            file: "made up".to_owned(),
            sha256: String::new(),
            origin: None,
            model: None,
        },
        taxonomy: Some(Taxonomy::open("tomofun").unwrap()),
        thresholds: None,
        training: None,
        measured: None,
    }
}

fn with_made_up_head(
    backbone: &Weights,
    architecture: Architecture,
    seed: u64,
) -> Result<Weights, Box<dyn Error>> {
    let mut weights = backbone.clone();
    let of_head: Vec<_> = architecture
        .tensors()
        .into_iter()
        .filter(|(name, _)| !weights.contains(name))
        .collect();
    let mut head = made_up(&of_head, seed)?;
    for (name, shape) in of_head {
        weights.insert(&name, &shape, head.take(&name, &shape)?)?;
    }
    Ok(weights)
}

/// Even numbers around 0, scaled so that what goes in can still be told from what comes out (He et al., 2015).
fn made_up(tensors: &[(String, Vec<usize>)], seed: u64) -> Result<Weights, Box<dyn Error>> {
    let mut weights = Weights::new("made up");
    let mut state = seed;
    let mut random = |reach: f32| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((state >> 40) as f32 / (1u64 << 23) as f32 - 1.0) * reach
    };
    for (name, shape) in tensors {
        let reach = match shape.as_slice() {
            [_, inner @ ..] if !inner.is_empty() => (6.0 / inner.iter().product::<usize>() as f32).sqrt(),
            _ => 0.1,
        };
        let mut values: Vec<f32> = (0..shape.iter().product()).map(|_| random(reach)).collect();
        if ["evidence", "background"].contains(&name.as_str()) {
            // A label speaks for a class or does not.
            for value in &mut values {
                *value = f32::from(*value > 0.9 * reach);
            }
        }
        weights.insert(name, shape, values)?;
    }
    Ok(weights)
}

/// Writes `NAME.onnx` and `NAME.safetensors`: two segments' examples, logits and scores.
fn case(folder: &Path, name: &str, contents: &Contents) -> Result<(), Box<dyn Error>> {
    export_onnx(name, contents, &folder.join(format!("{name}.onnx")), true)?;
    let model = Model::new(name, contents)?;
    let plan: Arc<LogMelPlan> = LogMelPlan::new(model.front_end());
    let rate = plan.front_end().rate_hz() as usize;
    let mut tensors = Weights::new(name);
    for (segment, seconds) in [5, 3].into_iter().enumerate() {
        let pitch = 0.02 * (segment + 1) as f32;
        let chirp: Vec<f32> = (0..seconds * rate)
            .map(|t| (pitch * t as f32 * (1.0 + t as f32 / rate as f32)).sin() * 0.4)
            .collect();
        let examples = Examples::new(&plan, &chirp);
        let logits = model
            .logits(std::slice::from_ref(&examples))
            .map_err(|e| format!("{name}: {e}"))?;
        let rows: Vec<&[f32]> = logits.iter().flat_map(Logits::rows).collect();
        let shape = [rows.len(), model.labels().len()];
        let scores: Vec<f32> = rows
            .iter()
            .flat_map(|row| model.activation().apply(row))
            .collect();
        let mut put = |what: &str, shape: &[usize], values: Vec<f32>| {
            tensors.insert(&format!("{segment}/{what}"), shape, values)
        };
        put("examples", &examples.shape(), examples.values().to_vec())?;
        put("logits", &shape, rows.concat())?;
        put("scores", &shape, scores)?;
    }
    tensors.write_safetensors(&folder.join(format!("{name}.safetensors")), &BTreeMap::new())?;
    Ok(())
}

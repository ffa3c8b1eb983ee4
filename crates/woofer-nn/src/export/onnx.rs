use std::path::{Path, PathBuf};

use woofer::features::{FrontEnd, Layout};

use super::error::ExportError;
use super::graph::size;
use super::messages::{
    Dimension, FLOAT, GraphProto, ModelProto, OperatorSetIdProto, Size, StringStringEntryProto,
    TensorShapeProto, TensorType, TypeProto, ValueInfoProto,
};
use super::network::{self, EMBEDDING, EXAMPLES, LOGITS, SCORES};
use super::write::{WriteFailure, graph_bytes, write};
use crate::architecture::{Architecture, Backbone, Head};
use crate::bundle::{Contents, ensemble_fault};
use crate::head::AttentionHeadConfig;
use crate::labels::labels;
use crate::weights::{Weights, replace_file};

/// Version of the file format: the one that came with the operators.
const IR_VERSION: i64 = 8;

/// Version of the operators.
const OPSET: i64 = 17;

/// Largest protobuf file that its readers take.
const MAX_BYTES: u64 = (1 << 31) - 1;

/// An ONNX file as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnnxFile {
    /// The file.
    pub path: PathBuf,
    /// SHA-256 of the file in hexadecimal.
    pub sha256: String,
    /// Name and shape of the input, such as `examples [windows, 1, 96, 64]`.
    pub input: String,
    /// Names and shapes of the outputs.
    pub outputs: Vec<String>,
}

/// Writes a model as an ONNX file, whole or not at all: from a network's examples to its logits and scores.
///
/// All values are float32. Samples to examples is not part of it, and neither are shifts: the file's metadata tells the
/// front end, the shifts, whether segments are brought to one level, and the labels.
///
/// # Errors
///
/// The contents do not fit together, a tensor cannot be read, the file would be larger than 2 GiB, something is at
/// `path` and `force` is false, or the file cannot be written.
pub fn export_onnx(
    name: &str,
    contents: &Contents,
    path: &Path,
    force: bool,
) -> Result<OnnxFile, ExportError> {
    if path.exists() && !force {
        return Err(ExportError::Exists {
            path: path.to_owned(),
        });
    }
    let architecture = contents.architecture;
    let members = contents.members.len();
    let fault = ensemble_fault(
        architecture,
        members,
        contents.temperature,
        &contents.shifts_s,
        &contents.hearings,
        contents.mean,
        contents.rest_weight,
    );
    if let Some(reason) = fault {
        return Err(ExportError::Inconsistent {
            name: name.to_owned(),
            reason,
        });
    }
    let mut network = network::graph(architecture, members, contents.temperature);
    let (input, outputs) = (input(architecture), outputs(architecture));
    let graph = GraphProto {
        node: std::mem::take(&mut network.nodes),
        name: name.to_owned(),
        input: vec![input.clone()],
        output: outputs.clone(),
    };
    let model = ModelProto {
        ir_version: IR_VERSION,
        producer_name: "woofer".to_owned(),
        producer_version: env!("CARGO_PKG_VERSION").to_owned(),
        opset_import: vec![OperatorSetIdProto {
            domain: Some(String::new()),
            version: OPSET,
        }],
        metadata_props: metadata(contents),
    };
    let bytes = graph_bytes(&graph, &network.initializers);
    if bytes > MAX_BYTES {
        return Err(ExportError::TooLarge {
            path: path.to_owned(),
            bytes,
        });
    }
    let sha256 = replace_file(path, |to| {
        write(to, &model, &graph, &network.initializers, needed(contents))
    })
    .map_err(|failure| match failure {
        WriteFailure::Tensor(error) => ExportError::Weights(error),
        WriteFailure::Io(source) => ExportError::Write {
            path: path.to_owned(),
            source,
        },
    })?;
    Ok(OnnxFile {
        path: path.to_owned(),
        sha256,
        input: for_people(&input),
        outputs: outputs.iter().map(for_people).collect(),
    })
}

/// What a program needs beside the network, by key: JSON for lists, plain text for the rest.
fn metadata(contents: &Contents) -> Vec<StringStringEntryProto> {
    let architecture = contents.architecture;
    let front_end = architecture.front_end();
    let labels = labels(architecture, contents.taxonomy.as_ref());
    let ids: Vec<&str> = labels.iter().map(|label| label.id.as_str()).collect();
    let names: Vec<&str> = labels.iter().map(|label| label.name.as_str()).collect();
    let mut entries = vec![
        ("architecture", architecture.to_string()),
        ("front_end", front_end.to_string()),
        ("rate_hz", front_end.rate_hz().to_string()),
        ("label_ids", serde_json::json!(ids).to_string()),
        ("labels", serde_json::json!(names).to_string()),
        ("members", contents.members.len().to_string()),
        ("shifts_s", serde_json::json!(contents.shifts_s).to_string()),
        ("level_segments", contents.level_segments.to_string()),
        ("hearings", serde_json::json!(contents.hearings).to_string()),
        ("mean", contents.mean.name().to_owned()),
        ("rest_weight", contents.rest_weight.to_string()),
        ("source", contents.source.file.clone()),
        ("source_sha256", contents.source.sha256.clone()),
    ];
    if let Some(taxonomy) = &contents.taxonomy {
        entries.push(("taxonomy", taxonomy.name.clone()));
    }
    if let Some(origin) = &contents.source.origin {
        entries.push(("weights_by", origin.clone()));
    }
    entries
        .into_iter()
        .map(|(key, value)| StringStringEntryProto {
            key: key.to_owned(),
            value,
        })
        .collect()
}

fn input(architecture: Architecture) -> ValueInfoProto {
    let front_end: FrontEnd = architecture.front_end();
    let spec = front_end.spec();
    let mels = Size::Fixed(size(spec.n_mels));
    let [height, width] = match spec.layout {
        Layout::Windows { frames, .. } => [Size::Fixed(size(frames)), mels],
        Layout::Whole => [mels, Size::Named("frames".to_owned())],
    };
    value(EXAMPLES, vec![rows(architecture), Size::Fixed(1), height, width])
}

/// How many examples a run has.
fn rows(architecture: Architecture) -> Size {
    match (architecture.backbone, architecture.head) {
        // One example is a whole segment, which attention would mix with others.
        (Backbone::Mn { .. }, Head::Attention { .. }) => Size::Fixed(1),
        (Backbone::Mn { .. }, _) => Size::Named("segments".to_owned()),
        _ => Size::Named("windows".to_owned()),
    }
}

fn outputs(architecture: Architecture) -> Vec<ValueInfoProto> {
    let rows = if network::joins_windows(architecture) {
        Size::Fixed(1)
    } else {
        rows(architecture)
    };
    let list = architecture.label_list().map(|list| list.labels().len());
    match architecture.head.classes().or(list) {
        None => {
            let embedding = Size::Fixed(size(architecture.backbone.embedding()));
            vec![value(EMBEDDING, vec![rows, embedding])]
        }
        Some(labels) => [LOGITS, SCORES]
            .map(|name| value(name, vec![rows.clone(), Size::Fixed(size(labels))]))
            .to_vec(),
    }
}

fn value(name: &str, shape: Vec<Size>) -> ValueInfoProto {
    let dim = |size| Dimension { size: Some(size) };
    ValueInfoProto {
        name: name.to_owned(),
        kind: Some(TypeProto {
            tensor_type: Some(TensorType {
                elem_type: FLOAT,
                shape: Some(TensorShapeProto {
                    dim: shape.into_iter().map(dim).collect(),
                }),
            }),
        }),
    }
}

fn for_people(value: &ValueInfoProto) -> String {
    let kind = value.kind.as_ref().and_then(|kind| kind.tensor_type.as_ref());
    let shape = kind.and_then(|tensor| tensor.shape.as_ref());
    let sizes: Vec<String> = shape
        .into_iter()
        .flat_map(|shape| &shape.dim)
        .map(|dim| match &dim.size {
            Some(Size::Fixed(size)) => size.to_string(),
            Some(Size::Named(name)) => name.clone(),
            None => "?".to_owned(),
        })
        .collect();
    format!("{} [{}]", value.name, sizes.join(", "))
}

/// The members without what their graph has no use for: a backbone's own classifier under an attention head.
fn needed(contents: &Contents) -> Vec<Weights> {
    let mut members = contents.members.clone();
    if matches!(contents.architecture.head, Head::Attention { .. }) {
        let layers = contents.architecture.backbone.layer_names();
        let backbone = contents.architecture.backbone;
        let of_head: Vec<String> = AttentionHeadConfig::new(backbone, 0)
            .tensors()
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        for member in &mut members {
            member.discard(|name| {
                !of_head.iter().any(|kept| kept == name)
                    && !layers.iter().any(|layer| name.starts_with(layer))
            });
        }
    }
    members
}

#[cfg(test)]
mod tests {
    use prost::Message;

    use super::*;
    use crate::export::messages::NodeProto;
    use crate::weights::formula::formula_weights;

    /// The parts of a file that are written piece by piece, as any reader sees them.
    #[derive(Clone, PartialEq, Message)]
    struct WholeFile {
        #[prost(message, optional, tag = "7")]
        graph: Option<WholeGraph>,
        #[prost(message, repeated, tag = "14")]
        metadata_props: Vec<StringStringEntryProto>,
    }

    #[derive(Clone, PartialEq, Message)]
    struct WholeGraph {
        #[prost(message, repeated, tag = "1")]
        node: Vec<NodeProto>,
        #[prost(message, repeated, tag = "5")]
        initializer: Vec<WholeTensor>,
    }

    #[derive(Clone, PartialEq, Message)]
    struct WholeTensor {
        #[prost(int64, repeated, tag = "1")]
        dims: Vec<i64>,
        #[prost(int32, tag = "2")]
        data_type: i32,
        #[prost(string, tag = "8")]
        name: String,
        #[prost(bytes = "vec", tag = "9")]
        raw_data: Vec<u8>,
    }

    fn mn01() -> Contents {
        let architecture = Architecture {
            backbone: Backbone::Mn { width_tenths: 1 },
            head: Head::Linear { classes: 15 },
        };
        Contents::made_up(architecture, vec![formula_weights(&architecture.tensors())])
    }

    #[test]
    fn a_reader_of_the_whole_file_finds_every_tensor_with_its_values() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("mn01.onnx");
        let mut contents = mn01();
        let written = export_onnx("mn01", &contents, &path, false).unwrap();
        assert_eq!(written.input, "examples [segments, 1, 128, frames]");
        assert_eq!(
            written.outputs,
            ["logits [segments, 15]", "scores [segments, 15]"]
        );

        let file = WholeFile::decode(std::fs::read(&path).unwrap().as_slice()).unwrap();
        let graph = file.graph.unwrap();
        assert!(graph.node.len() > 50);
        let mut weights = contents.members.pop().unwrap();
        for tensor in &graph.initializer {
            let values: i64 = tensor.dims.iter().product();
            let each = if tensor.data_type == FLOAT { 4 } else { 8 };
            assert_eq!(size(tensor.raw_data.len()), each * values, "{}", tensor.name);
            if weights.contains(&tensor.name) {
                let shape: Vec<usize> = tensor.dims.iter().map(|&d| usize::try_from(d).unwrap()).collect();
                let expected = weights.take(&tensor.name, &shape).unwrap();
                let found: Vec<f32> = tensor
                    .raw_data
                    .chunks_exact(4)
                    .map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap()))
                    .collect();
                assert_eq!(found, expected, "{}", tensor.name);
            }
        }
        weights.finish().unwrap();
        let value_of = |key: &str| {
            let entry = file.metadata_props.iter().find(|entry| entry.key == key);
            entry.map(|entry| entry.value.as_str()).unwrap()
        };
        assert_eq!((value_of("front_end"), value_of("rate_hz")), ("mn", "32000"));
        assert!(value_of("labels").starts_with("[\"Barking\",\"Howling\""));
    }

    #[test]
    fn the_same_model_gives_the_same_bytes_and_is_not_overwritten_unless_forced() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("mn01.onnx");
        let first = export_onnx("mn01", &mn01(), &path, false).unwrap();
        let error = export_onnx("mn01", &mn01(), &path, false).unwrap_err();
        assert!(error.to_string().contains("--force"), "{error}");
        assert_eq!(export_onnx("mn01", &mn01(), &path, true).unwrap(), first);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_cannot_be_written_leaves_nothing_behind() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("mn01.onnx");
        let mut lacking = mn01();
        for weights in &mut lacking.members {
            weights.discard(|name| name == "head.bias");
        }
        let error = export_onnx("mn01", &lacking, &path, false).unwrap_err();
        assert!(error.to_string().contains("head.bias"), "{error}");
        let mut too_many = mn01();
        too_many.members.clear();
        let error = export_onnx("mn01", &too_many, &path, false).unwrap_err();
        assert!(error.to_string().contains("0 members"), "{error}");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}

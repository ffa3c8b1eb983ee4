//! Writing an ONNX file tensor by tensor, so that it is never in memory as a whole.

use std::io::{self, Write};

use prost::Message;
use prost::encoding::{WireType, encode_key, encode_varint, encoded_len_varint, key_len};

use super::graph::{Initializer, Values, size};
use super::messages::{
    FLOAT, GRAPH_INITIALIZER, GraphProto, INT64, MODEL_GRAPH, ModelProto, TENSOR_RAW_DATA, TensorProto,
};
use crate::weights::{Weights, WeightsError, write_values};

/// Why writing stopped: at a tensor or at the file.
pub(super) enum WriteFailure {
    Tensor(WeightsError),
    Io(io::Error),
}

impl From<io::Error> for WriteFailure {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Bytes of the graph's message.
pub(super) fn graph_bytes(graph: &GraphProto, initializers: &[Initializer]) -> u64 {
    let tensors = initializers.iter().map(|tensor| {
        let bytes = tensor.bytes();
        key_len(GRAPH_INITIALIZER) as u64 + length_bytes(bytes) + bytes
    });
    graph.encoded_len() as u64 + tensors.sum::<u64>()
}

/// Writes the file; every tensor of `members` is taken.
///
/// A message within another is its number, its length and its bytes, and fields may come in any order
/// (<https://protobuf.dev/programming-guides/encoding/>).
pub(super) fn write(
    to: &mut dyn Write,
    model: &ModelProto,
    graph: &GraphProto,
    initializers: &[Initializer],
    mut members: Vec<Weights>,
) -> Result<(), WriteFailure> {
    let mut bytes = model.encode_to_vec();
    begin(&mut bytes, MODEL_GRAPH, graph_bytes(graph, initializers));
    bytes.extend(graph.encode_to_vec());
    to.write_all(&bytes)?;
    for tensor in initializers {
        let mut bytes = Vec::new();
        begin(&mut bytes, GRAPH_INITIALIZER, tensor.bytes());
        bytes.extend(tensor.head().encode_to_vec());
        begin(&mut bytes, TENSOR_RAW_DATA, tensor.data_bytes());
        to.write_all(&bytes)?;
        tensor.write_data(to, &mut members)?;
    }
    for member in members {
        member.finish().map_err(WriteFailure::Tensor)?;
    }
    Ok(())
}

fn begin(bytes: &mut Vec<u8>, field: u32, length: u64) {
    encode_key(field, WireType::LengthDelimited, bytes);
    encode_varint(length, bytes);
}

/// Bytes of a length as it stands before a message.
fn length_bytes(length: u64) -> u64 {
    encoded_len_varint(length) as u64
}

impl Initializer {
    fn head(&self) -> TensorProto {
        TensorProto {
            dims: self.shape.iter().map(|&length| size(length)).collect(),
            data_type: match self.values {
                Values::Weights { .. } | Values::Float(_) => FLOAT,
                Values::Int(_) => INT64,
            },
            name: self.name.clone(),
        }
    }

    fn data_bytes(&self) -> u64 {
        let each = match self.values {
            Values::Weights { .. } | Values::Float(_) => 4,
            Values::Int(_) => 8,
        };
        each * self.shape.iter().product::<usize>() as u64
    }

    fn bytes(&self) -> u64 {
        let data = self.data_bytes();
        let key = key_len(TENSOR_RAW_DATA) as u64;
        self.head().encoded_len() as u64 + key + length_bytes(data) + data
    }

    fn write_data(&self, mut to: &mut dyn Write, members: &mut [Weights]) -> Result<(), WriteFailure> {
        match &self.values {
            Values::Weights { member, name } => {
                let values = match members.get_mut(*member) {
                    Some(weights) => weights.take(name, &self.shape).map_err(WriteFailure::Tensor)?,
                    None => Vec::new(),
                };
                write_values(&mut to, &values)?;
            }
            Values::Float(values) => write_values(&mut to, values)?,
            Values::Int(values) => {
                for value in values {
                    to.write_all(&value.to_le_bytes())?;
                }
            }
        }
        Ok(())
    }
}

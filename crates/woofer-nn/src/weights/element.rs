//! Element types of stored tensors, and their conversion to float32.

use std::fmt;

use half::{bf16, f16};

/// What the elements of a stored tensor are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ElementType {
    /// IEEE 754 binary64.
    F64,
    /// IEEE 754 binary32.
    F32,
    /// IEEE 754 binary16.
    F16,
    /// bfloat16: the upper half of a binary32.
    Bf16,
    /// Integers, booleans and everything else that is not taken as weights, under the name the file gives.
    Other(&'static str),
}

impl fmt::Display for ElementType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::F64 => "f64",
            Self::F32 => "f32",
            Self::F16 => "f16",
            Self::Bf16 => "bf16",
            Self::Other(name) => name,
        })
    }
}

impl From<pytorch_reader::DType> for ElementType {
    fn from(stored: pytorch_reader::DType) -> Self {
        use pytorch_reader::DType;
        match stored {
            DType::F64 => Self::F64,
            DType::F32 => Self::F32,
            DType::F16 => Self::F16,
            DType::BF16 => Self::Bf16,
            DType::I64 => Self::Other("i64"),
            DType::I32 => Self::Other("i32"),
            DType::I16 => Self::Other("i16"),
            DType::I8 => Self::Other("i8"),
            DType::U64 => Self::Other("u64"),
            DType::U32 => Self::Other("u32"),
            DType::U16 => Self::Other("u16"),
            DType::U8 => Self::Other("u8"),
            DType::Bool => Self::Other("bool"),
        }
    }
}

impl From<safetensors::Dtype> for ElementType {
    fn from(stored: safetensors::Dtype) -> Self {
        use safetensors::Dtype;
        match stored {
            Dtype::F64 => Self::F64,
            Dtype::F32 => Self::F32,
            Dtype::F16 => Self::F16,
            Dtype::BF16 => Self::Bf16,
            Dtype::I64 => Self::Other("i64"),
            Dtype::I32 => Self::Other("i32"),
            Dtype::I16 => Self::Other("i16"),
            Dtype::I8 => Self::Other("i8"),
            Dtype::U64 => Self::Other("u64"),
            Dtype::U32 => Self::Other("u32"),
            Dtype::U16 => Self::Other("u16"),
            Dtype::U8 => Self::Other("u8"),
            Dtype::BOOL => Self::Other("bool"),
            _ => Self::Other("an uncommon element type"),
        }
    }
}

impl ElementType {
    /// Little-endian bytes of this type as float32, or `None` if the type is no floating point.
    ///
    /// A rest too short for an element is left out: whoever calls compares the length with the shape.
    pub(super) fn to_f32(self, bytes: &[u8]) -> Option<Vec<f32>> {
        Some(match self {
            Self::F32 => decode(bytes, f32::from_le_bytes),
            #[expect(clippy::cast_possible_truncation, reason = "the network computes in float32")]
            Self::F64 => decode(bytes, |element| f64::from_le_bytes(element) as f32),
            Self::F16 => decode(bytes, |element| f16::from_le_bytes(element).to_f32()),
            Self::Bf16 => decode(bytes, |element| bf16::from_le_bytes(element).to_f32()),
            Self::Other(_) => return None,
        })
    }
}

fn decode<const N: usize>(bytes: &[u8], convert: impl Fn([u8; N]) -> f32) -> Vec<f32> {
    let (elements, _) = bytes.as_chunks::<N>();
    elements.iter().map(|&element| convert(element)).collect()
}

// `pytorch-reader` hands over bytes in the machine's order, safetensors in little-endian order.
const _: () = assert!(
    cfg!(target_endian = "little"),
    "weights are decoded as little-endian"
);

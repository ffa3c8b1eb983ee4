//! What a weight file may at most hold.

/// Largest weight file that is opened, in bytes (2 GiB; the largest published network here, VGGish, has 288 MB).
pub const MAX_FILE_BYTES: u64 = 2 << 30;

/// Most tensors a weight file may hold (the largest network here, an EfficientAT `mn`, has 312).
pub const MAX_TENSORS: usize = 16_384;

/// Most values all tensors of a file may hold together (2^29, which is 2 GiB of float32).
///
/// A view with stride 0 claims any number of values from four bytes, so the file's size is no limit.
pub const MAX_VALUES: usize = 1 << 29;

/// Largest header of a safetensors file, in bytes.
pub(super) const MAX_HEADER_BYTES: u64 = 16 << 20;

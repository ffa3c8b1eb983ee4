//! Reading what `torch.save` wrote.

use std::collections::HashMap;
use std::path::Path;

use pytorch_reader::{PickleValue, PytorchError, PytorchReader, Tensor};

use super::error::WeightsError;
use super::format::WeightsFormat;
use super::shapes::check_shapes;

/// Keys under which checkpoints keep the state dict of the network; the first that is there is taken.
const STATE_DICT_KEYS: [&str; 3] = ["state_dict", "model_state_dict", "model"];

/// Python modules that no state dict has a reason to name.
const HOSTILE_MODULES: [&str; 12] = [
    "os",
    "posix",
    "nt",
    "sys",
    "subprocess",
    "runpy",
    "importlib",
    "socket",
    "shutil",
    "pty",
    "webbrowser",
    "ctypes",
];

/// Built-in functions that no state dict has a reason to name; other built-ins, such as `set`, are harmless.
const HOSTILE_BUILTINS: [&str; 7] = [
    "eval",
    "exec",
    "execfile",
    "compile",
    "open",
    "getattr",
    "__import__",
];

/// How deep a checkpoint is searched for such names.
const MAX_DEPTH: usize = 32;

/// The tensors of a PyTorch file by name; their data stays in the file.
///
/// A checkpoint that keeps the state dict under one of [`STATE_DICT_KEYS`] gives the tensors under that key only: the
/// others are the optimiser's. A module whose child is called `model` has flat names, `model.0.weight`, and gives all.
pub(super) fn open(
    file: &str,
    path: &Path,
    format: WeightsFormat,
) -> Result<HashMap<String, Tensor>, WeightsError> {
    let damaged = |error: PytorchError| WeightsError::Damaged {
        file: file.to_owned(),
        format,
        source: error.into(),
    };
    let values = PytorchReader::read_pickle_data(path, None).map_err(damaged)?;
    if let Some(call) = hostile_call(&values, MAX_DEPTH) {
        return Err(WeightsError::Hostile {
            file: file.to_owned(),
            call,
        });
    }
    let key = state_dict_key(&values);
    let reader = match key {
        Some(key) => PytorchReader::with_top_level_key(path, key),
        None => PytorchReader::new(path),
    };
    let tensors = reader.map_err(damaged)?.into_tensors();
    let shapes: Vec<&[usize]> = tensors.values().map(Tensor::shape).collect();
    check_shapes(file, shapes.into_iter())?;
    Ok(tensors)
}

/// The key of the root that holds the network's state dict, if it is nested.
fn state_dict_key(root: &PickleValue) -> Option<&'static str> {
    let PickleValue::Dict(root) = root else {
        return None;
    };
    STATE_DICT_KEYS
        .into_iter()
        .find(|&key| matches!(root.get(key), Some(PickleValue::Dict(inner)) if !inner.is_empty()))
}

/// The first name, in a dangerous module, of something the file would call or refer to.
fn hostile_call(value: &PickleValue, depth: usize) -> Option<String> {
    let inside = |value| hostile_call(value, depth.checked_sub(1)?);
    match value {
        PickleValue::Unsupported(name) => {
            let (module, function) = name.split_once('.')?;
            let hostile = match module {
                "builtins" | "__builtin__" => HOSTILE_BUILTINS.contains(&function),
                _ => HOSTILE_MODULES.contains(&module),
            };
            hostile.then(|| name.clone())
        }
        PickleValue::List(values) => values.iter().find_map(inside),
        PickleValue::Dict(values) => values.values().find_map(inside),
        _ => None,
    }
}

//! Named tensors on their way from a file into a network.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::element::ElementType;
use super::error::WeightsError;
use super::format::WeightsFormat;
use super::limits::MAX_TENSORS;
use super::source::{Source, StoredTensor, Unreadable};

/// How many tensors [`WeightsError::Leftover`] names.
const NAMED_LEFTOVERS: usize = 5;

/// Named float32 tensors read from a weight file.
///
/// A clone shares the values, in memory or in the file.
#[derive(Clone)]
pub struct Weights {
    pub(super) name: String,
    pub(super) format: WeightsFormat,
    pub(super) sha256: Option<String>,
    pub(super) metadata: BTreeMap<String, String>,
    pub(super) tensors: BTreeMap<String, StoredTensor>,
}

impl Weights {
    /// No tensors yet; `name` stands for the file in messages.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            format: WeightsFormat::Memory,
            sha256: None,
            metadata: BTreeMap::new(),
            tensors: BTreeMap::new(),
        }
    }

    /// The path, or the name given, as messages show it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The format of the file.
    #[must_use]
    pub fn format(&self) -> WeightsFormat {
        self.format
    }

    /// SHA-256 of the file in lower-case hexadecimal; `None` for tensors that come from no file.
    #[must_use]
    pub fn sha256(&self) -> Option<&str> {
        self.sha256.as_deref()
    }

    /// Tells these weights apart from others: the file's SHA-256, or that of the tensors as safetensors.
    ///
    /// Tensors that cannot be read have no identity but their error, which is told when they are taken.
    pub(crate) fn identity(&self) -> String {
        if let Some(sha256) = &self.sha256 {
            return sha256.clone();
        }
        let bytes = self.to_safetensors_bytes(&BTreeMap::new());
        let hash = bytes.map(|bytes| super::digest::of_reader(bytes.as_slice()).unwrap_or_default());
        hash.unwrap_or_else(|error| error.to_string())
    }

    /// The `__metadata__` of a safetensors file; empty for other formats.
    #[must_use]
    pub fn metadata(&self) -> &BTreeMap<String, String> {
        &self.metadata
    }

    /// Names of the tensors not yet taken, sorted.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.tensors.keys().map(String::as_str)
    }

    /// Number of tensors not yet taken.
    #[must_use]
    pub fn len(&self) -> usize {
        self.tensors.len()
    }

    /// Whether every tensor has been taken.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tensors.is_empty()
    }

    /// Shape of a tensor, outermost size first; empty for a scalar.
    #[must_use]
    pub fn shape(&self, name: &str) -> Option<&[usize]> {
        self.tensors.get(name).map(|tensor| tensor.shape.as_slice())
    }

    /// Element type of a tensor as stored.
    #[must_use]
    pub fn element(&self, name: &str) -> Option<ElementType> {
        self.tensors.get(name).map(|tensor| tensor.element)
    }

    /// Whether there is a tensor of this name.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.tensors.contains_key(name)
    }

    /// Whether a tensor is the same in both.
    ///
    /// # Errors
    ///
    /// Its data cannot be read.
    pub(crate) fn shares(&self, other: &Self, name: &str) -> Result<bool, WeightsError> {
        let (Some(ours), Some(theirs)) = (self.tensors.get(name), other.tensors.get(name)) else {
            return Ok(false);
        };
        Ok(ours.shape == theirs.shape && self.read(name, ours)? == other.read(name, theirs)?)
    }

    /// Takes a tensor out: its values as float32, row-major.
    ///
    /// # Errors
    ///
    /// There is none of this name; its shape is another; it holds no floating-point numbers, or one that is not finite
    /// in float32; its data cannot be read. The tensor stays where it is then.
    pub fn take(&mut self, name: &str, shape: &[usize]) -> Result<Vec<f32>, WeightsError> {
        let tensor = self.tensors.get(name).ok_or_else(|| WeightsError::Missing {
            file: self.name.clone(),
            name: name.to_owned(),
        })?;
        if tensor.shape != shape {
            return Err(WeightsError::WrongShape {
                file: self.name.clone(),
                name: name.to_owned(),
                found: tensor.shape.clone(),
                expected: shape.to_vec(),
            });
        }
        let values = self.read(name, tensor)?.into_owned();
        self.tensors.remove(name);
        Ok(values)
    }

    /// Puts a tensor in.
    ///
    /// # Errors
    ///
    /// There is one of this name already, the values do not fill the shape, or one of them is not finite.
    pub fn insert(&mut self, name: &str, shape: &[usize], values: Vec<f32>) -> Result<(), WeightsError> {
        let needed = shape
            .iter()
            .try_fold(1_usize, |product, &size| product.checked_mul(size));
        if needed != Some(values.len()) {
            return Err(WeightsError::WrongLength {
                file: self.name.clone(),
                name: name.to_owned(),
                shape: shape.to_vec(),
                found: values.len(),
            });
        }
        self.check_finite(name, &values)?;
        self.check_name(name)?;
        if self.tensors.len() >= MAX_TENSORS {
            return Err(WeightsError::TooManyTensors {
                file: self.name.clone(),
                found: self.tensors.len() + 1,
            });
        }
        let tensor = StoredTensor {
            element: ElementType::F32,
            shape: shape.to_vec(),
            source: Source::Values(Arc::new(values)),
        };
        self.tensors.insert(name.to_owned(), tensor);
        Ok(())
    }

    /// Gives every tensor the name that `rename` makes of its own.
    ///
    /// # Errors
    ///
    /// Two tensors would have one name; all keep theirs then.
    pub fn rename(&mut self, mut rename: impl FnMut(&str) -> String) -> Result<(), WeightsError> {
        let mut origin: BTreeMap<String, &str> = BTreeMap::new();
        for name in self.tensors.keys() {
            let renamed = rename(name);
            if origin.contains_key(&renamed) {
                return Err(WeightsError::Duplicate {
                    file: self.name.clone(),
                    name: renamed,
                });
            }
            origin.insert(renamed, name);
        }
        let new_names: BTreeMap<String, String> = origin
            .into_iter()
            .map(|(renamed, name)| (name.to_owned(), renamed))
            .collect();
        self.tensors = std::mem::take(&mut self.tensors)
            .into_iter()
            .map(|(name, tensor)| (new_names.get(&name).cloned().unwrap_or(name), tensor))
            .collect();
        Ok(())
    }

    /// Drops the tensors whose name `unwanted` accepts, and says how many they were.
    ///
    /// For what a file holds beside weights, such as `num_batches_tracked`.
    pub fn discard(&mut self, mut unwanted: impl FnMut(&str) -> bool) -> usize {
        let before = self.tensors.len();
        self.tensors.retain(|name, _| !unwanted(name));
        before - self.tensors.len()
    }

    /// Ends the taking: every tensor must have been taken or discarded.
    ///
    /// # Errors
    ///
    /// Some are left; the error names the first few.
    pub fn finish(self) -> Result<(), WeightsError> {
        if self.tensors.is_empty() {
            return Ok(());
        }
        Err(WeightsError::Leftover {
            count: self.tensors.len(),
            first: self.tensors.into_keys().take(NAMED_LEFTOVERS).collect(),
            file: self.name,
        })
    }

    /// A tensor's values, checked to be finite.
    pub(super) fn read<'a>(
        &self,
        name: &str,
        tensor: &'a StoredTensor,
    ) -> Result<Cow<'a, [f32]>, WeightsError> {
        let values = tensor.values().map_err(|unreadable| match unreadable {
            Unreadable::Io(source) => WeightsError::Read {
                file: self.name.clone(),
                name: name.to_owned(),
                source,
            },
            Unreadable::NotFloat => WeightsError::NotFloat {
                file: self.name.clone(),
                name: name.to_owned(),
                found: tensor.element,
            },
        })?;
        self.check_finite(name, &values)?;
        Ok(values)
    }

    fn check_finite(&self, name: &str, values: &[f32]) -> Result<(), WeightsError> {
        match values.iter().enumerate().find(|(_, value)| !value.is_finite()) {
            None => Ok(()),
            Some((index, &value)) => Err(WeightsError::NotFinite {
                file: self.name.clone(),
                name: name.to_owned(),
                index,
                value,
            }),
        }
    }

    fn check_name(&self, name: &str) -> Result<(), WeightsError> {
        if self.tensors.contains_key(name) {
            return Err(WeightsError::Duplicate {
                file: self.name.clone(),
                name: name.to_owned(),
            });
        }
        Ok(())
    }
}

impl fmt::Debug for Weights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Weights")
            .field("name", &self.name)
            .field("format", &self.format)
            .field("tensors", &self.tensors.len())
            .finish_non_exhaustive()
    }
}

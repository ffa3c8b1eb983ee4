use std::fmt;
use std::str::FromStr;

use burn::tensor::Device;

use super::error::TrainingError;

/// Where a network is trained.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DeviceChoice {
    /// The processor, which every build has.
    #[default]
    Cpu,
    /// An NVIDIA graphics card, by CUDA.
    Cuda,
    /// A graphics card, by Vulkan.
    Vulkan,
    /// A graphics card, by Metal.
    Metal,
}

impl DeviceChoice {
    const ALL: [Self; 4] = [Self::Cpu, Self::Cuda, Self::Vulkan, Self::Metal];

    /// The name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Cuda => "cuda",
            Self::Vulkan => "vulkan",
            Self::Metal => "metal",
        }
    }

    /// Whether this build can train there.
    #[must_use]
    pub const fn is_built_in(self) -> bool {
        match self {
            Self::Cpu => true,
            Self::Cuda => cfg!(feature = "cuda"),
            Self::Vulkan => cfg!(feature = "vulkan"),
            Self::Metal => cfg!(feature = "metal"),
        }
    }

    /// The device, without autodiff.
    ///
    /// # Errors
    ///
    /// It is not part of this build, or there is none.
    pub(crate) fn open(self) -> Result<Device, TrainingError> {
        match self {
            Self::Cpu => Ok(Device::flex()),
            #[cfg(feature = "cuda")]
            Self::Cuda => self.answering(|| Device::cuda(0)),
            #[cfg(feature = "vulkan")]
            Self::Vulkan => self.answering(|| Device::vulkan(burn::tensor::DeviceKind::DefaultDevice)),
            #[cfg(feature = "metal")]
            Self::Metal => self.answering(|| Device::metal(burn::tensor::DeviceKind::DefaultDevice)),
            #[cfg(not(all(feature = "cuda", feature = "vulkan", feature = "metal")))]
            other => Err(TrainingError::Recipe(format!(
                "device {other} is not part of this build; build with: cargo build --release --features {other}"
            ))),
        }
    }

    /// A card that computes: burn panics where there is none, or no driver, and not before something is computed.
    #[cfg(any(feature = "cuda", feature = "vulkan", feature = "metal"))]
    fn answering(
        self,
        open: impl FnOnce() -> Device + std::panic::UnwindSafe,
    ) -> Result<Device, TrainingError> {
        let first = || {
            let device = open();
            let two = burn::tensor::Tensor::<1>::ones([1], &device).mul_scalar(2.0);
            two.into_data();
            device
        };
        std::panic::catch_unwind(first).map_err(|_| {
            TrainingError::Recipe(format!(
                "device {self} does not answer: there is no such card here, or its driver is not installed; leave --device out to \
                 train on the processor"
            ))
        })
    }
}

impl fmt::Display for DeviceChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for DeviceChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|device| device.name() == text)
            .ok_or_else(|| format!("{text:?} is none of cpu, cuda, vulkan and metal"))
    }
}

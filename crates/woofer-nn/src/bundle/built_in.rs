/// The files of a bundle that is part of the program.
#[derive(Debug)]
pub(super) struct BuiltInFiles {
    /// `model.toml`.
    pub(super) description: &'static str,
    /// `model.safetensors`.
    pub(super) weights: &'static [u8],
    /// `metrics.json`.
    pub(super) metrics: &'static str,
    /// `README.md`.
    pub(super) card: &'static str,
}

pub(super) static FILES: BuiltInFiles = BuiltInFiles {
    description: include_str!("../../../../models/default/model.toml"),
    weights: include_bytes!("../../../../models/default/model.safetensors"),
    metrics: include_str!("../../../../models/default/metrics.json"),
    card: include_str!("../../../../models/default/README.md"),
};

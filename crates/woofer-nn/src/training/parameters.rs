use burn::module::{ModuleMapper, Param};
use burn::tensor::Tensor;

use super::recipe::{Freeze, HeadBias, Recipe};
use crate::architecture::{Architecture, Head};
use crate::backbone::layer::parameter_id;
use crate::head::{LINEAR_HEAD, is_of_mapping};
use crate::network::Network;

/// A parameter that is trained, and how.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct TrainedParameter {
    /// Canonical name.
    pub(super) name: String,
    /// burn's id of it.
    pub(super) id: u64,
    /// Its step size in the learning rate.
    pub(super) rate: f64,
    /// What is added to its gradient, times the distance from the start.
    pub(super) pull: f64,
}

/// The parameters of a network that a recipe trains.
///
/// A backbone's layers learn the slower the nearer they are to the input; its own AudioSet classifier learns as its
/// last layer does.
pub(super) fn trained(architecture: Architecture, recipe: &Recipe) -> Vec<TrainedParameter> {
    let layers = architecture.backbone.layer_names();
    let frozen = match recipe.network.freeze {
        Freeze::Backbone => None,
        Freeze::Nothing => Some(0),
        Freeze::Layers(frozen) => Some(frozen),
    };
    let backbone: Vec<String> = Architecture {
        head: Head::None,
        ..architecture
    }
    .tensors()
    .into_iter()
    .map(|(name, _)| name)
    .collect();
    let optimizer = &recipe.optimizer;
    let of = |name: String| {
        let (rate, pull) = if backbone.contains(&name) {
            let layer = layers.iter().position(|layer| name.starts_with(layer));
            if layer.is_some_and(|layer| frozen.is_some_and(|frozen| layer < frozen)) || frozen.is_none() {
                return None;
            }
            let above = layer.map_or(0, |layer| layers.len() - 1 - layer);
            let decay = optimizer.layer_decay.powf(above as f64);
            (optimizer.backbone_rate * decay, optimizer.backbone_pull)
        } else if is_of_mapping(&name)
            || (name == format!("{LINEAR_HEAD}.bias") && recipe.network.bias == HeadBias::None)
        {
            return None;
        } else if name.ends_with("bias") {
            // How common a label is is no matter of distance from the start.
            (1.0, 0.0)
        } else {
            (1.0, optimizer.head_pull)
        };
        Some(TrainedParameter {
            id: parameter_id(&name).val(),
            name,
            rate,
            pull,
        })
    };
    let all = architecture.tensors().into_iter().map(|(name, _)| name);
    all.filter_map(of).collect()
}

/// The network with gradients of the trained parameters only.
pub(super) fn with_gradients_of(network: Network, parameters: &[TrainedParameter]) -> Network {
    network.map(&mut Tracker(parameters))
}

struct Tracker<'a>(&'a [TrainedParameter]);

impl ModuleMapper for Tracker<'_> {
    fn map_float<const D: usize>(&mut self, parameter: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let id = parameter.id.val();
        let trained = self.0.iter().any(|of| of.id == id);
        parameter.set_require_grad(trained)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::architecture::Backbone;

    fn names(backbone: Backbone, changes: &[&str]) -> Vec<TrainedParameter> {
        let changes: Vec<String> = changes.iter().map(|c| (*c).to_owned()).collect();
        let recipe = Recipe::open("frozen", &changes).unwrap();
        let head = Head::Linear { classes: 3 };
        trained(Architecture { backbone, head }, &recipe)
    }

    #[test]
    fn only_the_head_is_trained_on_a_frozen_backbone() {
        let all = names(Backbone::Mn { width_tenths: 4 }, &[]);
        let found: Vec<&str> = all.iter().map(|p| p.name.as_str()).collect();
        assert_eq!(found, ["head.weight", "head.bias"]);
        let without = names(Backbone::Mn { width_tenths: 4 }, &["network.bias=none"]);
        assert_eq!(without.len(), 1);
    }

    #[test]
    fn the_first_layers_stay_and_the_others_learn_the_slower_the_lower() {
        let rates = [
            "optimizer.backbone_rate=0.5",
            "optimizer.layer_decay=0.5",
            "network.freeze=15",
        ];
        let all = names(Backbone::Mn { width_tenths: 4 }, &rates);
        let rate = |name: &str| all.iter().find(|p| p.name == name).map(|p| p.rate);
        assert_eq!(rate("features.14.block.0.weight"), None);
        assert_eq!(rate("features.15.block.0.weight"), Some(0.25));
        assert_eq!(rate("features.16.weight"), Some(0.5));
        assert_eq!(rate("classifier.5.weight"), Some(0.5));
        assert_eq!(rate("head.weight"), Some(1.0));
    }

    #[test]
    fn nothing_frozen_trains_every_tensor() {
        for backbone in [Backbone::Vggish, Backbone::Yamnet] {
            let all = names(backbone, &["network.freeze=nothing"]);
            let head = Head::Linear { classes: 3 };
            assert_eq!(all.len(), Architecture { backbone, head }.tensors().len());
        }
    }
}

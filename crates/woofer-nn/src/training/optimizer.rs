use std::collections::BTreeMap;

use burn::module::{ModuleMapper, ModuleVisitor, Param};
use burn::optim::{Adam, AdamConfig, AdamState, AdaptiveMomentumState, Optimizer as _};
use burn::tensor::{Gradients, Tensor};

use super::parameters::TrainedParameter;
use crate::backbone::layer::{tensor, values};
use crate::network::Network;
use crate::weights::{Weights, WeightsError};

/// Gradients by the id of their parameter, each laid out as one row.
#[derive(Default)]
pub(super) struct SummedGradients(BTreeMap<u64, Tensor<1>>);

impl SummedGradients {
    /// Adds the gradients of a piece of a batch.
    pub(super) fn add(&mut self, network: &Network, gradients: Gradients) {
        network.visit(&mut Collector {
            gradients,
            sums: &mut self.0,
        });
    }
}

struct Collector<'a> {
    gradients: Gradients,
    sums: &'a mut BTreeMap<u64, Tensor<1>>,
}

impl ModuleVisitor for Collector<'_> {
    fn visit_float<const D: usize>(&mut self, parameter: &Param<Tensor<D>>) {
        let Some(gradient) = parameter.val().grad_remove(&mut self.gradients) else {
            return;
        };
        let gradient = flat(gradient);
        let id = parameter.id.val();
        let sum = match self.sums.remove(&id) {
            Some(sum) => sum + gradient,
            None => gradient,
        };
        self.sums.insert(id, sum);
    }
}

fn flat<const D: usize>(tensor: Tensor<D>) -> Tensor<1> {
    let count = tensor.shape().num_elements();
    tensor.reshape([count])
}

/// Adam with a rate a parameter, a pull towards the start, and a running mean of the weights.
///
/// D. P. Kingma and J. Ba, "Adam: A Method for Stochastic Optimization", 2015.
pub(super) struct Optimizer {
    adam: Adam,
    mean_decay: f64,
    steps: usize,
    parameters: BTreeMap<u64, Slot>,
}

/// What is kept of one parameter from step to step, each as one row.
struct Slot {
    parameter: TrainedParameter,
    start: Tensor<1>,
    state: Option<AdamState<1>>,
    mean: Option<Tensor<1>>,
}

impl Optimizer {
    /// For some parameters of a network, whose weights are their start.
    pub(super) fn new(
        network: &Network,
        parameters: Vec<TrainedParameter>,
        adam_epsilon: f32,
        mean_decay: f64,
    ) -> Self {
        let mut starts = Starts(BTreeMap::new());
        network.visit(&mut starts);
        let slots = parameters.into_iter().filter_map(|parameter| {
            let start = starts.0.remove(&parameter.id)?;
            let slot = Slot {
                parameter,
                mean: (mean_decay > 0.0).then(|| start.clone()),
                start,
                state: None,
            };
            Some((slot.parameter.id, slot))
        });
        Self {
            adam: AdamConfig::new().with_epsilon(adam_epsilon).build(),
            mean_decay,
            steps: 0,
            parameters: slots.collect(),
        }
    }

    /// Takes a step.
    pub(super) fn step(
        &mut self,
        network: Network,
        gradients: SummedGradients,
        learning_rate: f64,
    ) -> Network {
        self.steps += 1;
        // A mean over few steps would be mostly the start: as TensorFlow's ExponentialMovingAverage.
        let steps = self.steps as f64;
        let keep = self.mean_decay.min((1.0 + steps) / (10.0 + steps));
        network.map(&mut Stepper {
            optimizer: self,
            gradients,
            learning_rate,
            keep,
        })
    }

    /// The network without autodiff, for scoring: with the mean of the weights where one is kept, and
    /// `start_share` of the start.
    pub(super) fn scored(&self, network: &Network, start_share: f64) -> Network {
        network.clone().map(&mut Scored {
            optimizer: self,
            start_share,
        })
    }

    /// Everything that the next step depends on beside the weights, and the weights, by name.
    pub(super) fn state(&self, network: &Network, name: &str) -> Result<Weights, WeightsError> {
        let mut now = Starts(BTreeMap::new());
        network.visit(&mut now);
        let mut state = Weights::new(name);
        let mut put = |kind: &str, of: &str, tensor: &Tensor<1>| {
            let values = values(tensor.clone());
            state.insert(&format!("{kind}/{of}"), &[values.len()], values)
        };
        for (id, slot) in &self.parameters {
            let of = &slot.parameter.name;
            if let Some(weight) = now.0.get(id) {
                put("weight", of, weight)?;
            }
            if let Some(mean) = &slot.mean {
                put("mean", of, mean)?;
            }
            if let Some(state) = &slot.state {
                put("moment_1", of, &state.momentum.moment_1)?;
                put("moment_2", of, &state.momentum.moment_2)?;
            }
        }
        Ok(state)
    }

    /// Takes up where [`Optimizer::state`] was taken, after `steps` steps.
    pub(super) fn resume(
        &mut self,
        network: Network,
        mut state: Weights,
        steps: usize,
    ) -> Result<Network, WeightsError> {
        self.steps = steps;
        let mut weights = BTreeMap::new();
        for (id, slot) in &mut self.parameters {
            let length = slot.start.dims()[0];
            let device = slot.start.device();
            let of = &slot.parameter.name;
            let mut take = |kind: &str| -> Result<Option<Tensor<1>>, WeightsError> {
                let name = format!("{kind}/{of}");
                if !state.contains(&name) {
                    return Ok(None);
                }
                Ok(Some(tensor(state.take(&name, &[length])?, [length], &device)))
            };
            if let Some(weight) = take("weight")? {
                weights.insert(*id, weight);
            }
            if let Some(mean) = take("mean")? {
                slot.mean = Some(mean);
            }
            if let (Some(moment_1), Some(moment_2)) = (take("moment_1")?, take("moment_2")?) {
                let momentum = AdaptiveMomentumState::new(steps, moment_1, moment_2);
                slot.state = Some(AdamState::new(momentum));
            }
        }
        Ok(network.map(&mut Replacer(weights)))
    }

    /// The largest trained weight by size, and the tensor that it is in.
    pub(super) fn largest_weight(&self, network: &Network) -> (f32, String) {
        let mut now = Starts(BTreeMap::new());
        network.visit(&mut now);
        let sizes = self.parameters.iter().filter_map(|(id, slot)| {
            let weights = values(now.0.get(id)?.clone());
            let largest = weights
                .iter()
                .map(|w| w.abs())
                .fold(0.0, |a, b| if b > a || b.is_nan() { b } else { a });
            Some((largest, slot.parameter.name.clone()))
        });
        sizes.max_by(|(a, _), (b, _)| a.total_cmp(b)).unwrap_or_default()
    }
}

/// The weights of a network, each as one row, without autodiff.
struct Starts(BTreeMap<u64, Tensor<1>>);

impl ModuleVisitor for Starts {
    fn visit_float<const D: usize>(&mut self, parameter: &Param<Tensor<D>>) {
        self.0.insert(parameter.id.val(), flat(parameter.val().inner()));
    }
}

struct Stepper<'a> {
    optimizer: &'a mut Optimizer,
    gradients: SummedGradients,
    learning_rate: f64,
    keep: f64,
}

impl ModuleMapper for Stepper<'_> {
    fn map_float<const D: usize>(&mut self, parameter: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let id = parameter.id.val();
        let (Some(slot), Some(gradient)) = (
            self.optimizer.parameters.get_mut(&id),
            self.gradients.0.remove(&id),
        ) else {
            return parameter;
        };
        let (adam, rate, keep) = (
            &self.optimizer.adam,
            self.learning_rate * slot.parameter.rate,
            self.keep,
        );
        parameter.map(|weight| {
            let shape = weight.shape();
            let weight = flat(weight.inner());
            let gradient = match slot.parameter.pull {
                0.0 => gradient,
                pull => gradient + (weight.clone() - slot.start.clone()).mul_scalar(pull),
            };
            let (weight, state) = adam.step(rate, weight, gradient, slot.state.take());
            slot.state = state;
            slot.mean = slot
                .mean
                .take()
                .map(|mean| mean.mul_scalar(keep) + weight.clone().mul_scalar(1.0 - keep));
            Tensor::from_inner(weight.reshape(shape)).require_grad()
        })
    }
}

struct Scored<'a> {
    optimizer: &'a Optimizer,
    start_share: f64,
}

impl ModuleMapper for Scored<'_> {
    fn map_float<const D: usize>(&mut self, parameter: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let slot = self.optimizer.parameters.get(&parameter.id.val());
        parameter.map(|weight| {
            let weight = weight.inner();
            let Some(slot) = slot else { return weight };
            let dims = weight.shape();
            let mean = slot.mean.clone().unwrap_or_else(|| flat(weight));
            let mixed = match self.start_share {
                0.0 => mean,
                share => mean.mul_scalar(1.0 - share) + slot.start.clone().mul_scalar(share),
            };
            mixed.reshape(dims)
        })
    }
}

struct Replacer(BTreeMap<u64, Tensor<1>>);

impl ModuleMapper for Replacer {
    fn map_float<const D: usize>(&mut self, parameter: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let Some(value) = self.0.remove(&parameter.id.val()) else {
            return parameter;
        };
        parameter.map(|weight| Tensor::from_inner(value.reshape(weight.shape())).require_grad())
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::super::loss::{cross_entropy, smoothed_target};
    use super::super::parameters::with_gradients_of;
    use super::*;
    use crate::architecture::{Architecture, Backbone, Head};
    use crate::backbone::layer::parameter_id;
    use crate::head::WindowMask;
    use crate::network::Cut;
    use crate::weights::formula::{assert_close, golden, labels, seed_weights};

    const SEED_NETWORK: Architecture = Architecture {
        backbone: Backbone::Vggish,
        head: Head::Attention { classes: 15 },
    };

    /// The head's parameters, all at the learning rate itself.
    fn head() -> Vec<TrainedParameter> {
        let names = SEED_NETWORK.tensors().into_iter().map(|(name, _)| name);
        names
            .filter(|name| name.starts_with("attention") || name.starts_with("classifier"))
            .map(|name| TrainedParameter {
                id: parameter_id(&name).val(),
                name,
                rate: 1.0,
                pull: 0.0,
            })
            .collect()
    }

    /// The training arithmetic of the original, against PyTorch: generate.py. Half-way through, the optimizer's state
    /// is written down and taken up again.
    #[test]
    fn five_adam_steps_give_pytorchs_losses_and_logits_also_when_resumed() {
        let device = Device::flex().autodiff();
        let start = || {
            let network = Network::load(SEED_NETWORK, seed_weights(|_| true), &device).unwrap();
            let network = with_gradients_of(network, &head());
            let optimizer = Optimizer::new(&network, head(), 1e-8, 0.0);
            (network, optimizer)
        };
        let (mut network, mut optimizer) = start();
        let mut golden = golden("seed_network.safetensors");
        let embeddings = golden.take("train_embeddings", &[32, 5, 128]).unwrap();
        let embeddings = tensor(embeddings, [160, 128, 1, 1], &device);
        let targets: Vec<f32> = labels("seed_network.safetensors", "train_labels")
            .into_iter()
            .flat_map(|label| smoothed_target(label, 15, 0.1))
            .collect();
        let logits = |network: &Network| {
            network
                .above(embeddings.clone(), 32, Cut::Head, WindowMask::default())
                .unwrap()
        };
        let loss = |logits, softmax_twice| {
            let targets = tensor(targets.clone(), [32, 15], &device);
            let weights = tensor(vec![1.0 / 32.0; 32], [32, 1], &device);
            cross_entropy(logits, targets, weights, softmax_twice)
        };
        let twice = values(loss(logits(&network), true))[0];
        assert_close(&[twice], &golden.take("double_softmax_loss", &[1]).unwrap(), 1e-5);

        let mut losses = Vec::new();
        for step in 0..5 {
            if step == 2 {
                let state = optimizer.state(&network, "state").unwrap();
                let (fresh, mut resumed) = start();
                network = resumed.resume(fresh, state, step).unwrap();
                optimizer = resumed;
            }
            let loss = loss(logits(&network), false);
            losses.extend(values(loss.clone()));
            let mut gradients = SummedGradients::default();
            gradients.add(&network, loss.backward());
            network = optimizer.step(network, gradients, 1e-4);
        }
        assert_close(&losses, &golden.take("adam_losses", &[5]).unwrap(), 1e-5);
        let expected = golden.take("adam_final_logits", &[32, 15]).unwrap();
        assert_close(&values(logits(&network)), &expected, 1e-4);

        // What is scored is the network that was trained, and what was frozen has stayed.
        let scored = optimizer.scored(&network, 0.0).weights("scored").unwrap();
        let mut scored = Network::load(SEED_NETWORK, scored, &Device::flex())
            .unwrap()
            .weights("again")
            .unwrap();
        let mut before = seed_weights(|_| true);
        let shape = [128, 4096];
        assert_eq!(
            scored.take("embeddings.4.weight", &shape).unwrap(),
            before.take("embeddings.4.weight", &shape).unwrap()
        );
        let half = optimizer.scored(&network, 0.5).weights("half").unwrap();
        let take = |mut weights: Weights| weights.take("classifier.bias", &[15]).unwrap();
        let mean: Vec<f32> = take(scored)
            .iter()
            .zip(take(before))
            .map(|(a, b)| f32::midpoint(*a, b))
            .collect();
        assert_close(&take(half), &mean, 1e-6);
    }
}

//! From an architecture to the graph of one network or of an ensemble.

use super::graph::{Graph, int};
use super::{heads, mn, vggish, yamnet};
use crate::architecture::{Architecture, Backbone, Head};
use crate::backbone::mn::MnConfig;
use crate::backbone::vggish::VggishConfig;
use crate::backbone::yamnet::YamnetConfig;
use crate::head::{AttentionHeadConfig, LinearHeadConfig, MappedHeadConfig};

/// Name of the input.
pub(super) const EXAMPLES: &str = "examples";

/// Names of the outputs of a network with a classifier, and of one without.
pub(super) const LOGITS: &str = "logits";
pub(super) const SCORES: &str = "scores";
pub(super) const EMBEDDING: &str = "embedding";

/// The graph of `members` networks whose logits are divided by `temperature` before a softmax.
pub(super) fn graph(architecture: Architecture, members: usize, temperature: f32) -> Graph {
    let mut graph = Graph::default();
    let members: Vec<String> = (0..members)
        .map(|member| {
            graph.begin_member(member, members);
            member_outcome(&mut graph, architecture)
        })
        .collect();
    graph.end_members();
    let g = &mut graph;
    match (architecture.head, members.as_slice()) {
        (Head::None, members) => same(g, EMBEDDING, members),
        (Head::AudioSet, members) => {
            same(g, LOGITS, members);
            g.named_node(SCORES, "Sigmoid", &[LOGITS], Vec::new());
        }
        (_, [one]) => {
            same(g, LOGITS, std::slice::from_ref(one));
            let scores = softmax(g, LOGITS, temperature);
            g.named_node(SCORES, "Identity", &[&scores], Vec::new());
        }
        (_, several) => {
            let scores: Vec<String> = several
                .iter()
                .map(|logits| softmax(g, logits, temperature))
                .collect();
            let scores: Vec<&str> = scores.iter().map(String::as_str).collect();
            g.named_node(SCORES, "Mean", &scores, Vec::new());
            // As `crate::ensemble` has it: a softmax of the logits gives the scores again.
            let least = g.number(f32::MIN_POSITIVE);
            let above_0 = g.node("Max", &[SCORES, &least], Vec::new());
            g.named_node(LOGITS, "Log", &[&above_0], Vec::new());
        }
    }
    graph
}

/// Gives what one network ends in the name of an output.
fn same(graph: &mut Graph, output: &str, outcome: &[String]) {
    let outcome: Vec<&str> = outcome.iter().map(String::as_str).collect();
    graph.named_node(output, "Identity", &outcome, Vec::new());
}

fn softmax(graph: &mut Graph, logits: &str, temperature: f32) -> String {
    let temperature = graph.number(temperature);
    let tempered = graph.node("Div", &[logits, &temperature], Vec::new());
    graph.node("Softmax", &[&tempered], vec![int("axis", -1)])
}

/// One network from examples to logits, or to the embedding where it has no classifier.
fn member_outcome(graph: &mut Graph, architecture: Architecture) -> String {
    let embeddings = match architecture.backbone {
        Backbone::Mn { width_tenths } => mn::embed(graph, &MnConfig::new(width_tenths), EXAMPLES),
        Backbone::Yamnet => yamnet::embed(graph, &YamnetConfig::default(), EXAMPLES),
        Backbone::Vggish => vggish::embed(graph, &VggishConfig::default(), EXAMPLES),
    };
    match architecture.head {
        Head::None => embeddings,
        Head::AudioSet => audioset_logits(graph, architecture.backbone, &embeddings).unwrap_or(embeddings),
        Head::Attention { classes } => heads::attention(
            graph,
            &AttentionHeadConfig::new(architecture.backbone, classes),
            &embeddings,
        ),
        Head::Linear { classes } => {
            let summaries = summaries(graph, architecture, embeddings);
            let config = LinearHeadConfig::new(architecture.backbone, classes);
            heads::linear(graph, config, &summaries)
        }
        Head::Mapped { classes, background } => {
            let summaries = summaries(graph, architecture, embeddings);
            let config = MappedHeadConfig::new(architecture.backbone, classes, background);
            heads::mapped(graph, config, &summaries)
        }
    }
}

/// What a linear head reads: embedding and AudioSet logits, their mean over the windows of a segment.
fn summaries(graph: &mut Graph, architecture: Architecture, embeddings: String) -> String {
    let summaries = match audioset_logits(graph, architecture.backbone, &embeddings) {
        Some(logits) => graph.node("Concat", &[&embeddings, &logits], vec![int("axis", 1)]),
        None => embeddings,
    };
    if joins_windows(architecture) {
        graph.mean(&summaries, &[0], true)
    } else {
        summaries
    }
}

fn audioset_logits(graph: &mut Graph, backbone: Backbone, embeddings: &str) -> Option<String> {
    match backbone {
        Backbone::Mn { width_tenths } => Some(mn::logits(graph, &MnConfig::new(width_tenths), embeddings)),
        Backbone::Yamnet => Some(yamnet::logits(graph, &YamnetConfig::default(), embeddings)),
        Backbone::Vggish => None,
    }
}

/// Whether all examples of a run are windows of one segment, which gets one row of logits.
pub(super) fn joins_windows(architecture: Architecture) -> bool {
    architecture.head.classes().is_some() && !matches!(architecture.backbone, Backbone::Mn { .. })
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, HashSet};

    use super::*;
    use crate::export::graph::Values;

    fn architectures() -> Vec<Architecture> {
        let backbones = [
            Backbone::Mn { width_tenths: 4 },
            Backbone::Mn { width_tenths: 10 },
            Backbone::Yamnet,
            Backbone::Vggish,
        ];
        let mut all: Vec<Architecture> = backbones
            .iter()
            .map(|&backbone| Architecture {
                backbone,
                head: Head::Linear { classes: 3 },
            })
            .collect();
        all.extend(backbones[..3].iter().map(|&backbone| Architecture {
            backbone,
            head: Head::AudioSet,
        }));
        let mapped = |background| Head::Mapped {
            classes: 3,
            background,
        };
        let on_all = |head| {
            backbones[..3]
                .iter()
                .map(move |&backbone| Architecture { backbone, head })
        };
        all.extend(
            [false, true]
                .into_iter()
                .flat_map(|background| on_all(mapped(background))),
        );
        all.extend(
            [Head::None, Head::Attention { classes: 15 }].map(|head| Architecture {
                backbone: Backbone::Vggish,
                head,
            }),
        );
        all
    }

    #[test]
    fn every_value_is_made_once_and_before_it_is_used() {
        for architecture in architectures() {
            let members = if architecture.head.classes().is_some() {
                3
            } else {
                1
            };
            let graph = graph(architecture, members, 5.0);
            let mut made: HashSet<&str> = HashSet::from([EXAMPLES]);
            for tensor in &graph.initializers {
                assert!(made.insert(&tensor.name), "{architecture}: {} twice", tensor.name);
            }
            let mut nodes = HashSet::new();
            for node in &graph.nodes {
                assert!(nodes.insert(&node.name), "{architecture}: {} twice", node.name);
                for input in &node.input {
                    assert!(
                        made.contains(input.as_str()),
                        "{architecture}: {input} of {node:?}"
                    );
                }
                for output in &node.output {
                    assert!(made.insert(output), "{architecture}: {output} twice");
                }
            }
            let outputs: &[&str] = match architecture.head {
                Head::None => &[EMBEDDING],
                _ => &[LOGITS, SCORES],
            };
            assert!(
                outputs.iter().all(|output| made.contains(output)),
                "{architecture}"
            );
        }
    }

    #[test]
    fn every_tensor_of_every_member_is_taken_once_in_its_shape() {
        for architecture in architectures() {
            let members = if architecture.head.classes().is_some() {
                2
            } else {
                1
            };
            let graph = graph(architecture, members, 1.0);
            let expected: BTreeMap<String, Vec<usize>> = architecture.tensors().into_iter().collect();
            for wanted in 0..members {
                let mut found = BTreeMap::new();
                for tensor in &graph.initializers {
                    if let Values::Weights { member, name } = &tensor.values
                        && *member == wanted
                    {
                        assert_eq!(found.insert(name.clone(), tensor.shape.clone()), None, "{name}");
                    }
                }
                assert_eq!(found, expected, "{architecture}");
            }
        }
    }
}

use burn::nn::PaddingConfig2d;

use super::messages::{AttributeProto, NodeProto};
use crate::backbone::layer::{Conv2dLayer, LinearLayer, TensorShape};

/// A network on its way to ONNX: operations in order, and the tensors that they need.
///
/// A value is known by its name; each method adds operations and gives the name of their outcome.
#[derive(Default)]
pub(super) struct Graph {
    pub(super) nodes: Vec<NodeProto>,
    pub(super) initializers: Vec<Initializer>,
    /// Which network of an ensemble is being added, and what its names begin with.
    member: usize,
    prefix: String,
}

/// A constant tensor.
pub(super) struct Initializer {
    pub(super) name: String,
    pub(super) shape: Vec<usize>,
    pub(super) values: Values,
}

/// Where a constant tensor's values are.
pub(super) enum Values {
    /// With the weights of a member, by canonical name.
    Weights {
        /// Place of the member.
        member: usize,
        /// The tensor.
        name: String,
    },
    /// Here, as float32.
    Float(Vec<f32>),
    /// Here, as int64.
    Int(Vec<i64>),
}

impl Graph {
    /// What is added from here on belongs to this network of `count`.
    pub(super) fn begin_member(&mut self, member: usize, count: usize) {
        self.member = member;
        self.prefix = match count {
            1 => String::new(),
            _ => format!("member-{}/", member + 1),
        };
    }

    /// What is added from here on belongs to all networks together.
    pub(super) fn end_members(&mut self) {
        self.prefix.clear();
    }

    /// Adds an operation with one outcome.
    pub(super) fn node(&mut self, kind: &str, inputs: &[&str], attributes: Vec<AttributeProto>) -> String {
        let name = format!("{}{kind}_{}", self.prefix, self.nodes.len());
        self.named_node(&name, kind, inputs, attributes);
        name
    }

    /// Adds an operation whose outcome has a name of its own, such as an output of the network.
    pub(super) fn named_node(
        &mut self,
        outcome: &str,
        kind: &str,
        inputs: &[&str],
        attribute: Vec<AttributeProto>,
    ) {
        self.nodes.push(NodeProto {
            input: inputs.iter().map(|&input| input.to_owned()).collect(),
            output: vec![outcome.to_owned()],
            name: format!("{}{kind}_{}", self.prefix, self.nodes.len()),
            op_type: kind.to_owned(),
            attribute,
        });
    }

    /// A convolution with the weights of `layer` called `name`.
    pub(super) fn convolution(&mut self, input: &str, name: &str, layer: &Conv2dLayer) -> String {
        let padding = match layer.padding {
            PaddingConfig2d::Explicit(top, left, bottom, right) => ints("pads", &[top, left, bottom, right]),
            PaddingConfig2d::Same => string("auto_pad", "SAME_UPPER"),
            PaddingConfig2d::Valid => string("auto_pad", "VALID"),
        };
        let attributes = vec![
            ints("kernel_shape", &layer.kernel),
            ints("strides", &layer.stride),
            int("group", size(layer.groups)),
            padding,
        ];
        let tensors = self.weights(layer.tensors(name));
        self.node("Conv", &inputs(input, &tensors), attributes)
    }

    /// A dense layer of rows, called `name`.
    pub(super) fn dense(&mut self, rows: &str, name: &str, layer: LinearLayer) -> String {
        self.dense_of(rows, layer.tensors(name))
    }

    /// A dense layer of rows from its weight `[output, input]` and, if there is one, its bias.
    pub(super) fn dense_of(&mut self, rows: &str, tensors: Vec<TensorShape>) -> String {
        let tensors = self.weights(tensors);
        self.node("Gemm", &inputs(rows, &tensors), vec![int("transB", 1)])
    }

    /// The mean over some axes, which are left out, or kept with size 1.
    pub(super) fn mean(&mut self, input: &str, axes: &[usize], kept: bool) -> String {
        let attributes = vec![ints("axes", axes), int("keepdims", i64::from(kept))];
        self.node("ReduceMean", &[input], attributes)
    }

    /// Axes in another order.
    pub(super) fn transpose(&mut self, input: &str, order: &[usize]) -> String {
        self.node("Transpose", &[input], vec![ints("perm", order)])
    }

    /// The same values in another shape; one size may be -1, which is what is left.
    pub(super) fn reshape(&mut self, input: &str, shape: &[i64]) -> String {
        let shape = self.constant(&[shape.len()], Values::Int(shape.to_vec()));
        self.node("Reshape", &[input, &shape], Vec::new())
    }

    /// A number.
    pub(super) fn number(&mut self, value: f32) -> String {
        self.constant(&[], Values::Float(vec![value]))
    }

    /// A constant tensor of these values.
    pub(super) fn constant(&mut self, shape: &[usize], values: Values) -> String {
        let name = format!("{}constant_{}", self.prefix, self.initializers.len());
        self.initializers.push(Initializer {
            name: name.clone(),
            shape: shape.to_vec(),
            values,
        });
        name
    }

    fn weights(&mut self, tensors: Vec<TensorShape>) -> Vec<String> {
        let member = self.member;
        tensors
            .into_iter()
            .map(|(tensor, shape)| {
                let name = format!("{}{tensor}", self.prefix);
                self.initializers.push(Initializer {
                    name: name.clone(),
                    shape,
                    values: Values::Weights { member, name: tensor },
                });
                name
            })
            .collect()
    }
}

fn inputs<'a>(first: &'a str, others: &'a [String]) -> Vec<&'a str> {
    std::iter::once(first)
        .chain(others.iter().map(String::as_str))
        .collect()
}

/// An attribute that is a whole number.
pub(super) fn int(name: &str, value: i64) -> AttributeProto {
    AttributeProto {
        name: name.to_owned(),
        i: Some(value),
        kind: 2,
        ..AttributeProto::default()
    }
}

/// An attribute that is a list of sizes.
pub(super) fn ints(name: &str, values: &[usize]) -> AttributeProto {
    AttributeProto {
        name: name.to_owned(),
        ints: values.iter().map(|&value| size(value)).collect(),
        kind: 7,
        ..AttributeProto::default()
    }
}

fn string(name: &str, value: &str) -> AttributeProto {
    AttributeProto {
        name: name.to_owned(),
        s: Some(value.as_bytes().to_vec()),
        kind: 3,
        ..AttributeProto::default()
    }
}

/// A size as ONNX has it.
pub(super) fn size(value: usize) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

use std::borrow::Cow;
use std::iter::repeat;

use burn::tensor::{Device, Tensor};
use woofer::augment::{StreamKey, mix};

use super::kept::Input;
use crate::backbone::layer::tensor;
use crate::head::WindowMask;

/// Examples that go through a network at once in training on the processor: what keeps VGGish within 2 GB.
const EXAMPLES_AT_ONCE: usize = 64;

/// Values of inputs that go through a network at once there.
const VALUES_AT_ONCE: usize = 1 << 23;

/// How many times as much goes through a network at once on a graphics card, which small batches leave idle: VGGish takes 16 GB then.
const CARD_FACTOR: usize = 8;

/// Keeps these random numbers apart from those of an augmentation's steps.
const DROPOUT_PURPOSE: u64 = u64::from_le_bytes(*b"dropouts");

/// A segment's copy in a batch.
pub(super) struct Member<'a> {
    pub(super) input: Input<'a>,
    /// A share of each fine label.
    pub(super) target: Vec<f32>,
    /// How much it counts.
    pub(super) weight: f32,
}

/// Members of one shape, as tensors.
pub(super) struct Piece {
    /// `[clips * count, channels, height, width]`.
    pub(super) maps: Tensor<4>,
    pub(super) clips: usize,
    /// `[clips, labels]`.
    pub(super) targets: Tensor<2>,
    /// `[clips, 1]`.
    pub(super) weights: Tensor<2>,
    /// For an attention head.
    pub(super) mask: WindowMask,
    pub(super) published: Option<Published>,
}

/// What the published backbone says of the segments of a piece as they are.
pub(super) struct Published {
    /// `[clips, embedding + labels]`: the embedding, then AudioSet scores.
    pub(super) rows: Tensor<2>,
    /// `[clips, 1]`: the segments' weights; 0 for one of which nothing is kept.
    pub(super) weights: Tensor<2>,
}

/// How an attention head learns from the windows of clips.
#[derive(Clone, Copy)]
pub(super) struct Attended {
    pub(super) heads: usize,
    pub(super) dropout: Option<Dropout>,
}

/// What a dropout mask is drawn for.
#[derive(Clone, Copy)]
pub(super) struct Dropout {
    pub(super) share: f64,
    pub(super) key: StreamKey,
}

/// Mixes members with others of the same shape, as `draw` tells of each: its partner and its own weight.
pub(super) fn mix_members(members: &mut [Member<'_>], draw: impl Fn(usize) -> Option<(usize, f32)>) {
    let before: Vec<(Input<'static>, Vec<f32>)> = members
        .iter()
        .map(|member| {
            let input = Input {
                shape: member.input.shape,
                values: member.input.values.to_vec().into(),
                teacher: member.input.teacher.to_vec().into(),
                published: member.input.published.to_vec().into(),
            };
            (input, member.target.clone())
        })
        .collect();
    for (place, member) in members.iter_mut().enumerate() {
        let Some((partner, lambda)) = draw(place) else {
            continue;
        };
        let Some((input, target)) = before.get(partner) else {
            continue;
        };
        if input.shape == member.input.shape {
            mix(member.input.values.to_mut(), &input.values, lambda);
            mix(member.input.teacher.to_mut(), &input.teacher, lambda);
            // Where nothing is kept of one of them, nothing is known of the mixture.
            if member.input.published.len() == input.published.len() {
                mix(member.input.published.to_mut(), &input.published, lambda);
            } else {
                member.input.published = Cow::Borrowed(&[]);
            }
            mix(&mut member.target, target, lambda);
        }
    }
}

/// Members by shape, in pieces that fit into memory; `attended` if an attention head learns.
///
/// Where nothing but an attention head is above the cut, clips of all numbers of windows come together: its weights are many, and each piece
/// has gradients of all of them.
pub(super) fn pieces(members: &[Member<'_>], attended: Option<Attended>, device: &Device) -> Vec<Piece> {
    let joins = |own: [usize; 4], shape: [usize; 4]| match (own, shape) {
        ([_, own, 1, 1], [_, channels, 1, 1]) if attended.is_some() => own == channels,
        _ => own == shape,
    };
    let mut shapes: Vec<[usize; 4]> = Vec::new();
    for member in members {
        let own = member.input.shape;
        match shapes.iter_mut().find(|shape| joins(own, **shape)) {
            Some([count, ..]) => *count = own[0].max(*count),
            None => shapes.push(own),
        }
    }
    let mut pieces = Vec::new();
    for shape in shapes {
        let same = members.iter().filter(|m| joins(m.input.shape, shape));
        let same: Vec<&Member<'_>> = same.collect();
        for group in same.chunks(at_once(shape, device)) {
            pieces.push(piece(group, shape, attended, pieces.len(), device));
        }
    }
    pieces
}

/// How many inputs of a shape go through a network at once.
pub(super) fn at_once(shape: [usize; 4], device: &Device) -> usize {
    let [count, channels, height, width] = shape;
    let is_card = device.clone().without_autodiff() != Device::flex();
    let factor = if is_card { CARD_FACTOR } else { 1 };
    let examples = if height * width == 1 {
        usize::MAX
    } else {
        EXAMPLES_AT_ONCE * factor
    };
    let values = count * channels * height * width;
    (examples / count.max(1))
        .min(VALUES_AT_ONCE * factor / values.max(1))
        .max(1)
}

fn piece(
    members: &[&Member<'_>],
    shape: [usize; 4],
    attended: Option<Attended>,
    number: usize,
    device: &Device,
) -> Piece {
    let [count, channels, height, width] = shape;
    let clips = members.len();
    let values = count * channels * height * width;
    // Zeros make up the number of windows.
    let maps = members
        .iter()
        .flat_map(|m| m.input.values.iter().copied().chain(repeat(0.0)).take(values));
    let targets: Vec<f32> = members.iter().flat_map(|m| m.target.iter().copied()).collect();
    let labels = targets.len() / clips.max(1);
    Piece {
        maps: tensor(maps.collect(), [clips * count, channels, height, width], device),
        clips,
        targets: tensor(targets, [clips, labels], device),
        weights: tensor(members.iter().map(|m| m.weight).collect(), [clips, 1], device),
        mask: WindowMask {
            dropout: attended.and_then(|Attended { heads, dropout }| {
                Some(mask(dropout?, [clips, heads, count, count], number, device))
            }),
            present: present(members, count, device),
        },
        published: published(members, device),
    }
}

/// Which of so many windows each clip has; nothing if all have all.
fn present(members: &[&Member<'_>], count: usize, device: &Device) -> Option<Tensor<2>> {
    let counts = members.iter().map(|m| m.input.shape).map(|[count, ..]| count);
    if counts.clone().all(|own| own == count) {
        return None;
    }
    let is_there = counts.flat_map(|own| (0..count).map(move |window| f32::from(u8::from(window < own))));
    Some(tensor(is_there.collect(), [members.len(), count], device))
}

fn published(members: &[&Member<'_>], device: &Device) -> Option<Published> {
    let kept = members.iter().map(|m| &m.input.published);
    let width = kept
        .clone()
        .map(|row| row.len())
        .max()
        .filter(|&width| width > 0)?;
    let is_kept = |member: &&Member<'_>| member.input.published.len() == width;
    let weights = members.iter().map(|m| if is_kept(m) { m.weight } else { 0.0 });
    let rows = kept.flat_map(|row| (0..width).map(|column| row.get(column).copied().unwrap_or_default()));
    Some(Published {
        rows: tensor(rows.collect(), [members.len(), width], device),
        weights: tensor(weights.collect(), [members.len(), 1], device),
    })
}

/// Attention weights are set to 0 with the chance `share`, the others made larger, so that their mean stays.
#[expect(clippy::cast_possible_truncation, reason = "computed in f64, kept in f32")]
fn mask(dropout: Dropout, shape: [usize; 4], number: usize, device: &Device) -> Tensor<4> {
    let mut stream = dropout.key.stream(DROPOUT_PURPOSE.wrapping_add(number as u64));
    let kept = (1.0 - dropout.share).recip() as f32;
    let values = (0..shape.iter().product())
        .map(|_| if stream.chance(dropout.share) { 0.0 } else { kept })
        .collect();
    tensor(values, shape, device)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weights::formula::values;

    fn member(shape: [usize; 4], value: f32, target: [f32; 2]) -> Member<'static> {
        Member {
            input: Input {
                shape,
                values: vec![value; shape.iter().product()].into(),
                teacher: Vec::new().into(),
                published: Vec::new().into(),
            },
            target: target.to_vec(),
            weight: 1.0,
        }
    }

    #[test]
    fn members_are_grouped_by_shape_and_none_is_lost() {
        let members: Vec<_> = (0..150)
            .map(|i| member([1 + i % 2, 1, 4, 4], i as f32, [1.0, 0.0]))
            .collect();
        let pieces = pieces(&members, None, &Device::flex());
        let clips: Vec<usize> = pieces.iter().map(|p| p.clips).collect();
        assert_eq!(clips, [64, 11, 32, 32, 11]);
        let mut firsts: Vec<f32> = pieces
            .iter()
            .flat_map(|p| {
                let [rows, ..] = p.maps.dims();
                let all = values(p.maps.clone());
                let step = all.len() / p.clips;
                assert_eq!(rows % p.clips, 0);
                all.chunks(step).map(|clip| clip[0]).collect::<Vec<_>>()
            })
            .collect();
        firsts.sort_by(f32::total_cmp);
        assert!(
            firsts
                .iter()
                .enumerate()
                .all(|(i, f)| f.to_bits() == (i as f32).to_bits())
        );
    }

    #[test]
    fn windows_of_an_attention_head_come_together_whatever_their_number() {
        let members: Vec<_> = (0..5)
            .map(|i| member([1 + i % 3, 2, 1, 1], 1.0 + i as f32, [1.0, 0.0]))
            .collect();
        let attended = Attended {
            heads: 4,
            dropout: None,
        };
        let [piece] = &pieces(&members, Some(attended), &Device::flex())[..] else {
            panic!("one piece");
        };
        assert_eq!(piece.maps.dims(), [5 * 3, 2, 1, 1]);
        let all = values(piece.maps.clone());
        let rows: Vec<f32> = all.chunks(2).map(|row| row[0]).collect();
        assert_eq!(
            rows,
            [
                1.0, 0.0, 0.0, 2.0, 2.0, 0.0, 3.0, 3.0, 3.0, 4.0, 0.0, 0.0, 5.0, 5.0, 0.0
            ]
        );
        let present = values(piece.mask.present.clone().unwrap());
        assert!(
            rows.iter()
                .zip(&present)
                .all(|(row, there)| (*row > 0.0) == (*there > 0.0))
        );
        // A head that takes the mean of the windows would count the zeros.
        assert_eq!(pieces(&members, None, &Device::flex()).len(), 3);
    }

    #[test]
    fn mixing_takes_both_input_and_target_from_what_was_before() {
        let shape = [1, 1, 1, 2];
        let mut members = [
            member(shape, 1.0, [1.0, 0.0]),
            member(shape, 3.0, [0.0, 1.0]),
            member([2, 1, 1, 2], 9.0, [0.0, 1.0]),
        ];
        mix_members(&mut members, |place| Some(((place + 1) % 3, 0.75)));
        assert_eq!(&*members[0].input.values, [1.5, 1.5]);
        assert_eq!(members[0].target, [0.75, 0.25]);
        // The partners of the others have another shape.
        assert_eq!(&*members[1].input.values, [3.0, 3.0]);
        assert_eq!(members[2].target, [0.0, 1.0]);
    }

    #[test]
    fn a_dropout_mask_keeps_its_mean_and_is_drawn_again_the_same() {
        let dropout = |epoch| Dropout {
            share: 0.1,
            key: StreamKey::new(1, epoch, 2),
        };
        let draw = |epoch| values(mask(dropout(epoch), [32, 4, 5, 5], 0, &Device::flex()));
        let drawn = draw(0);
        let mean = drawn.iter().sum::<f32>() / drawn.len() as f32;
        assert!((mean - 1.0).abs() < 0.03, "{mean}");
        assert_eq!(drawn, draw(0));
        assert_ne!(drawn, draw(1));
    }
}

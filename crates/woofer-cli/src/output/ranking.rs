/// The `top_k` best classes with their scores, best first; level ones in their own order.
pub fn ranking(scores: &[f32], top_k: usize) -> Vec<(usize, f32)> {
    let mut ranked: Vec<(usize, f32)> = scores.iter().copied().enumerate().collect();
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
    ranked.truncate(top_k);
    ranked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn best_come_first_and_level_ones_keep_their_order() {
        assert_eq!(ranking(&[0.1, 0.7, 0.1, 0.9], 3), [(3, 0.9), (1, 0.7), (0, 0.1)]);
        assert_eq!(ranking(&[0.5], usize::MAX), [(0, 0.5)]);
    }
}

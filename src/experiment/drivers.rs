//! What moves an outcome most: rank correlation of uncertain parameters with it, over the runs of an ensemble.

/// Spearman's rank correlation of two samples of the same length; 0 when one of them does not vary.
pub fn rank_correlation(x: &[f64], y: &[f64]) -> f64 {
    let (rx, ry) = (ranks(x), ranks(y));
    let n = rx.len() as f64;
    if rx.len() != ry.len() || rx.len() < 3 {
        return 0.0;
    }
    let mean = (n + 1.0) / 2.0;
    let (mut sxy, mut sxx, mut syy) = (0.0, 0.0, 0.0);
    for (a, b) in rx.iter().zip(&ry) {
        sxy += (a - mean) * (b - mean);
        sxx += (a - mean) * (a - mean);
        syy += (b - mean) * (b - mean);
    }
    if sxx == 0.0 || syy == 0.0 { 0.0 } else { sxy / (sxx * syy).sqrt() }
}

/// Ranks from 1, ties sharing their mean.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut from = 0;
    while from < order.len() {
        let mut to = from;
        while to + 1 < order.len() && values[order[to + 1]] == values[order[from]] {
            to += 1;
        }
        for &k in &order[from..=to] {
            ranks[k] = (from + to) as f64 / 2.0 + 1.0;
        }
        from = to + 1;
    }
    ranks
}

/// The parameters that move an outcome most: (index, rank correlation), greatest first, at most `most`.
pub fn strongest(parameters: &[Vec<f64>], outcome: &[f64], most: usize) -> Vec<(usize, f64)> {
    let mut all: Vec<(usize, f64)> =
        parameters.iter().enumerate().map(|(k, x)| (k, rank_correlation(x, outcome))).collect();
    all.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()).then(a.0.cmp(&b.0)));
    all.truncate(most);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rising_relation_of_any_shape_has_rank_correlation_one() {
        let x: Vec<f64> = (0..50).map(f64::from).collect();
        let y: Vec<f64> = x.iter().map(|v| v * v * v).collect();
        assert!((rank_correlation(&x, &y) - 1.0).abs() < 1e-12);
        let down: Vec<f64> = x.iter().map(|v| -v).collect();
        assert!((rank_correlation(&x, &down) + 1.0).abs() < 1e-12);
    }

    #[test]
    fn what_does_not_vary_moves_nothing() {
        assert_eq!(rank_correlation(&[1.0, 1.0, 1.0, 1.0], &[1.0, 2.0, 3.0, 4.0]), 0.0);
    }

    #[test]
    fn the_strongest_comes_first() {
        let noise = vec![0.3, 0.1, 0.9, 0.2, 0.5];
        let cause = vec![5.0, 4.0, 3.0, 2.0, 1.0];
        let outcome = vec![1.0, 2.0, 3.0, 4.0, 5.0];
        assert_eq!(strongest(&[noise, cause], &outcome, 1)[0].0, 1);
    }
}

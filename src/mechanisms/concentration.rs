//! How concentrated a market is, and how much its segments buy from different vendors.
//!
//! ```text
//! HHI = Σ_j s_j²                                        s_j share of vendor j: Herfindahl (1950), Hirschman (1945)
//! D = Σ_w t_w·½·Σ_j |s_jw − s_j| / Σ_w t_w·(1 − t_w)    t_w share of segment w, s_jw share of vendor j in it
//! ```
//!
//! D is the index of dissimilarity of many groups: Duncan and Duncan (1955), A methodological analysis of segregation indexes, for two;
//! Sakoda (1981), A generalized index of dissimilarity, for more; Reardon and Firebaugh (2002), Measures of multigroup segregation. It is
//! 0 when all segments buy alike and 1 when no vendor sells to two of them, whatever the sizes of segments and vendors.

/// Herfindahl–Hirschman index of amounts, 0 where there are none.
pub fn hhi(amounts: impl Iterator<Item = f64> + Clone) -> f64 {
    let total: f64 = amounts.clone().sum();
    if total > 0.0 { amounts.map(|x| (x / total) * (x / total)).sum() } else { 0.0 }
}

/// Index of dissimilarity D of `vendors` over `segments`; `amount(j, w)` is what segment w buys of vendor j. 0 where one segment buys all.
pub fn dissimilarity(vendors: usize, segments: usize, amount: impl Fn(usize, usize) -> f64) -> f64 {
    let of_vendor = |j: usize| (0..segments).map(|w| amount(j, w)).sum::<f64>();
    let of_segment = |w: usize| (0..vendors).map(|j| amount(j, w)).sum::<f64>();
    let all: f64 = (0..segments).map(of_segment).sum();
    if all <= 0.0 {
        return 0.0;
    }
    let (mut distance, mut greatest) = (0.0, 0.0);
    for w in 0..segments {
        let t = of_segment(w) / all;
        distance += 0.5 * (0..vendors).map(|j| (amount(j, w) - t * of_vendor(j)).abs()).sum::<f64>() / all;
        greatest += t * (1.0 - t);
    }
    if greatest > 0.0 { distance / greatest } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn index(table: &[&[f64]]) -> f64 {
        dissimilarity(table.len(), table[0].len(), |j, w| table[j][w])
    }

    #[test]
    fn equal_vendors_have_the_inverse_of_their_number() {
        assert!((hhi([2.0; 5].into_iter()) - 0.2).abs() < 1e-12);
        assert_eq!(hhi([0.0; 3].into_iter()), 0.0);
    }

    #[test]
    fn segments_that_buy_alike_are_not_segmented_and_those_that_share_no_vendor_wholly() {
        assert!(index(&[&[1.0, 2.0, 3.0], &[2.0, 4.0, 6.0]]).abs() < 1e-12);
        assert!((index(&[&[5.0, 0.0, 0.0], &[0.0, 1.0, 0.0], &[0.0, 0.0, 3.0]]) - 1.0).abs() < 1e-12);
        // The sizes of vendors within a segment do not matter.
        assert!((index(&[&[4.0, 0.0], &[1.0, 0.0], &[0.0, 7.0]]) - 1.0).abs() < 1e-12);
        assert_eq!(index(&[&[5.0, 0.0], &[2.0, 0.0]]), 0.0);
    }

    #[test]
    fn of_two_segments_it_is_the_index_of_duncan_and_duncan() {
        // ½Σ|share of segment one sold by j − share of segment two sold by j|.
        let d = 0.5 * ((0.7f64 - 0.2).abs() + (0.3f64 - 0.8).abs());
        assert!((index(&[&[7.0, 6.0], &[3.0, 24.0]]) - d).abs() < 1e-12);
    }

    proptest! {
        #[test]
        fn dissimilarity_lies_between_none_and_whole(cells in prop::collection::vec(0.0f64..10.0, 15)) {
            let d = dissimilarity(5, 3, |j, w| cells[j * 3 + w]);
            prop_assert!((-1e-12..=1.0 + 1e-9).contains(&d), "{d}");
        }
    }
}

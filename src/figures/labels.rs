//! Labels that do not overlap.

use super::canvas::Rect;

/// Positions nearest to the wanted ones (least squares) that lie at least `gap` apart and within
/// `[low, high]`. Where all cannot fit, the gap shrinks to what does.
///
/// Pool-adjacent-violators on the positions less their rank times the gap.
pub fn spread(wanted: &[f64], gap: f64, low: f64, high: f64) -> Vec<f64> {
    let n = wanted.len();
    if n == 0 {
        return Vec::new();
    }
    let gap = if n > 1 { gap.min((high - low).max(0.0) / (n - 1) as f64) } else { gap };
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&a, &b| wanted[a].total_cmp(&wanted[b]).then(a.cmp(&b)));
    // Blocks of (sum, count).
    let mut blocks: Vec<(f64, usize)> = Vec::with_capacity(n);
    for (rank, &i) in order.iter().enumerate() {
        blocks.push((wanted[i] - rank as f64 * gap, 1));
        while blocks.len() > 1 {
            let (a, b) = (blocks[blocks.len() - 2], blocks[blocks.len() - 1]);
            if a.0 / a.1 as f64 <= b.0 / b.1 as f64 {
                break;
            }
            blocks.truncate(blocks.len() - 2);
            blocks.push((a.0 + b.0, a.1 + b.1));
        }
    }
    let ceiling = high - (n - 1) as f64 * gap;
    let mut out = vec![0.0; n];
    let mut rank = 0;
    for (sum, count) in blocks {
        let at = (sum / count as f64).min(ceiling).max(low);
        for _ in 0..count {
            out[order[rank]] = at + rank as f64 * gap;
            rank += 1;
        }
    }
    out
}

/// Moves boxes up or down, as little as it can, until none overlaps another or a taken place. A box that finds
/// no room within the bounds is `None`. Earlier boxes have the first choice.
pub fn settle(boxes: &[Rect], taken: &[Rect], low: f64, high: f64) -> Vec<Option<Rect>> {
    let mut placed: Vec<Rect> = taken.to_vec();
    boxes
        .iter()
        .map(|wanted| {
            let steps = 2 * (high - low).max(0.0) as usize / 3;
            let free = (0..=steps).find_map(|k| {
                let shift = (k as f64 / 2.0).ceil() * 3.0 * if k % 2 == 0 { 1.0 } else { -1.0 };
                let here = Rect { y: wanted.y + shift, ..*wanted };
                let inside = here.y >= low && here.bottom() <= high;
                (inside && placed.iter().all(|p| !p.overlaps(&here))).then_some(here)
            });
            placed.extend(free);
            free
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_labels_are_nearer_than_the_gap_and_their_order_is_kept() {
        let wanted = [100.0, 101.0, 99.0, 100.0, 500.0, 640.0, 641.0, 0.0];
        let got = spread(&wanted, 24.0, 10.0, 640.0);
        for i in 0..wanted.len() {
            assert!((10.0 - 1e-9..=640.0 + 1e-9).contains(&got[i]));
            for j in 0..i {
                assert!((got[i] - got[j]).abs() >= 24.0 - 1e-9, "{i} {j}: {got:?}");
                if wanted[i] < wanted[j] {
                    assert!(got[i] < got[j]);
                }
            }
        }
    }

    #[test]
    fn labels_with_room_stay_where_they_were() {
        assert_eq!(spread(&[10.0, 60.0, 110.0], 24.0, 0.0, 200.0), vec![10.0, 60.0, 110.0]);
    }

    #[test]
    fn two_that_collide_move_apart_evenly() {
        assert_eq!(spread(&[100.0, 100.0], 20.0, 0.0, 200.0), vec![90.0, 110.0]);
    }

    #[test]
    fn too_many_labels_share_the_room_evenly() {
        let got = spread(&[5.0; 11], 30.0, 0.0, 100.0);
        for (i, y) in got.iter().enumerate() {
            assert!((y - 10.0 * i as f64).abs() < 1e-9);
        }
    }

    #[test]
    fn settled_boxes_never_overlap() {
        let boxes: Vec<Rect> =
            (0..12).map(|i| Rect { x: f64::from(i % 3) * 20.0, y: 100.0, w: 90.0, h: 24.0 }).collect();
        let got: Vec<Rect> = settle(&boxes, &[], 0.0, 400.0).into_iter().flatten().collect();
        assert_eq!(got.len(), 12);
        for i in 0..got.len() {
            for j in 0..i {
                assert!(!got[i].overlaps(&got[j]));
            }
        }
        assert_eq!(settle(&boxes, &[], 100.0, 130.0).iter().flatten().count(), 1, "the rest find no room");
    }
}

//! Cutting lines and areas to a rectangle, cutting lines into dashes, and joining loops into one outline: what
//! plotters leaves to its callers.

use super::canvas::Rect;

/// A point, user units from the top left.
pub type Point = (f64, f64);

/// The part of a segment within a rectangle (Liang and Barsky 1984). Ends that lie within are kept as they are.
fn cut_segment(a: Point, b: Point, r: &Rect) -> Option<(Point, Point)> {
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    if !(dx.is_finite() && dy.is_finite()) {
        return None;
    }
    let (mut from, mut to) = (0.0_f64, 1.0_f64);
    for (towards, room) in [(-dx, a.0 - r.x), (dx, r.right() - a.0), (-dy, a.1 - r.y), (dy, r.bottom() - a.1)] {
        if towards == 0.0 {
            if room < 0.0 {
                return None;
            }
        } else if towards < 0.0 {
            from = from.max(room / towards);
        } else {
            to = to.min(room / towards);
        }
    }
    let at = |t: f64| (a.0 + t * dx, a.1 + t * dy);
    (from <= to).then(|| (if from > 0.0 { at(from) } else { a }, if to < 1.0 { at(to) } else { b }))
}

/// The parts of an open path within a rectangle. Segments with an end that is not finite are left out.
pub fn cut_path(points: &[Point], r: &Rect) -> Vec<Vec<Point>> {
    let mut pieces: Vec<Vec<Point>> = Vec::new();
    for ends in points.windows(2) {
        let Some((p, q)) = cut_segment(ends[0], ends[1], r).filter(|(p, q)| p != q) else { continue };
        match pieces.last_mut() {
            Some(piece) if piece.last() == Some(&p) => piece.push(q),
            _ => pieces.push(vec![p, q]),
        }
    }
    pieces
}

/// The part of a closed loop within a rectangle (Sutherland and Hodgman 1974): a loop again, or nothing. Where
/// the loop falls into several parts, they hang together along the rectangle's edges.
pub fn cut_loop(points: &[Point], r: &Rect) -> Vec<Point> {
    let mut out: Vec<Point> = points.iter().copied().filter(|p| p.0.is_finite() && p.1.is_finite()).collect();
    // How far a point lies within each edge.
    let edges: [&dyn Fn(Point) -> f64; 4] =
        [&|p| p.0 - r.x, &|p| r.right() - p.0, &|p| p.1 - r.y, &|p| r.bottom() - p.1];
    for within in edges {
        let all = std::mem::take(&mut out);
        let Some(mut before) = all.last().copied() else { return Vec::new() };
        for p in all {
            let (d0, d1) = (within(before), within(p));
            if (d0 < 0.0) != (d1 < 0.0) {
                let t = d0 / (d0 - d1);
                out.push((before.0 + t * (p.0 - before.0), before.1 + t * (p.1 - before.1)));
            }
            if d1 >= 0.0 {
                out.push(p);
            }
            before = p;
        }
    }
    if out.len() > 2 { out } else { Vec::new() }
}

/// One outline from several loops: from each loop a bridge leads to the first point of the first loop and back,
/// so that it encloses nothing. Filled by the even-odd rule, a loop within a loop is a hole.
pub fn join_loops(loops: &[Vec<Point>]) -> Vec<Point> {
    let mut out: Vec<Point> = Vec::new();
    let first = loops.first().and_then(|l| l.first()).copied();
    for (i, l) in loops.iter().enumerate() {
        out.extend(l);
        if loops.len() > 1 {
            out.extend(l.first());
        }
        if i > 0 {
            out.extend(first);
        }
    }
    out
}

/// Cuts an open path into dashes with gaps of the same length, as they look when pens of a width round off both
/// ends of each: every dash is drawn shorter by that width.
pub fn dashes(points: &[Point], dash: f64, width: f64) -> Vec<Vec<Point>> {
    let trim = 0.5 * width.min(0.9 * dash);
    let mut out = Vec::new();
    let mut piece: Vec<Point> = Vec::new();
    // Length to go until the pen is set down or lifted.
    let mut left = trim;
    let mut down = false;
    for ends in points.windows(2) {
        let (a, b) = (ends[0], ends[1]);
        let length = ((b.0 - a.0) * (b.0 - a.0) + (b.1 - a.1) * (b.1 - a.1)).sqrt();
        let at = |s: f64| (a.0 + s / length * (b.0 - a.0), a.1 + s / length * (b.1 - a.1));
        let mut gone = 0.0;
        while length - gone > left {
            gone += left;
            piece.push(at(gone));
            if down {
                out.push(std::mem::take(&mut piece));
            }
            down = !down;
            left = if down { dash - 2.0 * trim } else { dash + 2.0 * trim };
        }
        left -= length - gone;
        if down {
            piece.push(b);
        }
    }
    if piece.len() > 1 {
        out.push(piece);
    }
    out
}

/// Number of corners of a circle that is cut.
const CORNERS: usize = 64;

/// A circle as a closed loop.
pub fn ring(at: Point, radius: f64) -> Vec<Point> {
    (0..CORNERS)
        .map(|k| {
            let angle = std::f64::consts::TAU * k as f64 / CORNERS as f64;
            (at.0 + radius * libm::cos(angle), at.1 + radius * libm::sin(angle))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const UNIT: Rect = Rect { x: 0.0, y: 0.0, w: 10.0, h: 10.0 };

    fn square(x: f64, y: f64, side: f64) -> Vec<Point> {
        vec![(x, y), (x + side, y), (x + side, y + side), (x, y + side)]
    }

    /// Area by the shoelace formula; holes that run the other way count against it.
    fn area(l: &[Point]) -> f64 {
        0.5 * (0..l.len()).map(|i| (l[i], l[(i + 1) % l.len()])).map(|(a, b)| a.0 * b.1 - b.0 * a.1).sum::<f64>()
    }

    fn length(l: &[Point]) -> f64 {
        l.windows(2).map(|w| (w[1].0 - w[0].0).hypot(w[1].1 - w[0].1)).sum()
    }

    /// Whether a point lies within an outline by the even-odd rule.
    fn within(l: &[Point], p: Point) -> bool {
        let crossings = (0..l.len())
            .map(|i| (l[i], l[(i + 1) % l.len()]))
            .filter(|(a, b)| (a.1 > p.1) != (b.1 > p.1) && p.0 < a.0 + (p.1 - a.1) / (b.1 - a.1) * (b.0 - a.0));
        crossings.count() % 2 == 1
    }

    #[test]
    fn a_path_is_cut_where_it_crosses_the_edge() {
        let pieces = cut_path(&[(-5.0, 5.0), (5.0, 5.0), (5.0, 15.0), (8.0, 15.0), (8.0, 5.0)], &UNIT);
        assert_eq!(pieces, vec![vec![(0.0, 5.0), (5.0, 5.0), (5.0, 10.0)], vec![(8.0, 10.0), (8.0, 5.0)]]);
        // The diagonal through two edges, and the one past a corner.
        assert_eq!(cut_path(&[(-5.0, 0.0), (15.0, 10.0)], &UNIT), vec![vec![(0.0, 2.5), (10.0, 7.5)]]);
        assert!(cut_path(&[(-5.0, 4.0), (4.0, -5.0)], &UNIT).is_empty());
    }

    #[test]
    fn a_path_within_or_along_the_edge_stays_whole() {
        let inner = vec![(0.0, 10.0), (3.0, 10.0), (10.0, 10.0), (10.0, 0.0)];
        assert_eq!(cut_path(&inner, &UNIT), vec![inner]);
        assert!(cut_path(&[(11.0, 0.0), (11.0, 9.0)], &UNIT).is_empty());
    }

    #[test]
    fn a_path_skips_what_is_not_finite() {
        let pieces = cut_path(&[(1.0, 1.0), (2.0, 1.0), (3.0, f64::NAN), (4.0, 1.0), (5.0, 1.0)], &UNIT);
        assert_eq!(pieces, vec![vec![(1.0, 1.0), (2.0, 1.0)], vec![(4.0, 1.0), (5.0, 1.0)]]);
        assert!(cut_path(&[(1.0, 1.0), (1.0, f64::INFINITY)], &UNIT).is_empty());
    }

    #[test]
    fn squares_are_cut_to_the_area_they_share_with_the_rectangle() {
        for (x, y, side, shared) in
            [(2.0, 2.0, 3.0, 9.0), (8.0, 8.0, 6.0, 4.0), (-5.0, 3.0, 8.0, 21.0), (-3.0, -3.0, 20.0, 100.0)]
        {
            assert!((area(&cut_loop(&square(x, y, side), &UNIT)) - shared).abs() < 1e-9, "{x} {y} {side}");
        }
        assert!(cut_loop(&square(11.0, 2.0, 3.0), &UNIT).is_empty());
        // A triangle whose tip, half as wide as high, sticks out.
        assert!((area(&cut_loop(&[(2.0, 5.0), (8.0, 5.0), (5.0, 17.0)], &UNIT)) - (36.0 - 12.25)).abs() < 1e-9);
    }

    #[test]
    fn a_quarter_of_a_disc_stays_at_a_corner() {
        let whole = area(&ring((0.0, 0.0), 4.0));
        assert!((whole - std::f64::consts::PI * 16.0).abs() < 0.1);
        assert!((area(&cut_loop(&ring((0.0, 0.0), 4.0), &UNIT)) - whole / 4.0).abs() < 1e-9);
    }

    #[test]
    fn joined_loops_keep_their_holes_whichever_way_they_run() {
        let mut hole = square(2.0, 2.0, 3.0);
        let loops = |hole: &Vec<Point>| join_loops(&[square(0.0, 0.0, 10.0), hole.clone(), square(20.0, 5.0, 2.0)]);
        let outline = loops(&hole);
        hole.reverse();
        for outline in [outline, loops(&hole)] {
            for (p, inside) in
                [((1.0, 1.0), true), ((3.0, 3.0), false), ((9.0, 9.0), true), ((21.0, 6.0), true), ((15.0, 3.0), false)]
            {
                assert_eq!(within(&outline, p), inside, "{p:?}");
            }
        }
        // Bridges enclose nothing.
        assert!((area(&loops(&hole)) - (100.0 - 9.0 + 4.0)).abs() < 1e-9);
        assert_eq!(join_loops(&[square(0.0, 0.0, 1.0)]), square(0.0, 0.0, 1.0));
        assert!(join_loops(&[]).is_empty());
    }

    #[test]
    fn dashes_and_gaps_are_of_the_length_asked_with_their_round_ends() {
        let cut = dashes(&[(0.0, 0.0), (25.0, 0.0)], 5.0, 2.0);
        assert_eq!(cut.len(), 3);
        for (piece, (from, to)) in cut.iter().zip([(1.0, 4.0), (11.0, 14.0), (21.0, 24.0)]) {
            assert!(
                piece.len() == 2 && (piece[0].0 - from).abs() < 1e-9 && (piece[1].0 - to).abs() < 1e-9,
                "{piece:?}"
            );
        }
        // Round a corner, and off at the end.
        let cut = dashes(&[(0.0, 0.0), (3.0, 0.0), (3.0, 11.0)], 5.0, 0.0);
        assert_eq!(cut, vec![vec![(0.0, 0.0), (3.0, 0.0), (3.0, 2.0)], vec![(3.0, 7.0), (3.0, 11.0)]]);
        // A pen wider than the dashes makes dots.
        assert!(dashes(&[(0.0, 0.0), (30.0, 0.0)], 5.0, 9.0).iter().all(|d| (length(d) - 0.5).abs() < 1e-9));
        assert!(dashes(&[(1.0, 1.0), (1.0, 1.0)], 5.0, 1.0).is_empty());
    }

    proptest! {
        #[test]
        fn what_is_cut_lies_within_and_is_what_lay_within(
            points in prop::collection::vec((-15.0..25.0, -15.0..25.0), 3..9),
            probe in (0.01..9.99, 0.01..9.99),
        ) {
            let near = |p: &Point| (-1e-9..=10.0 + 1e-9).contains(&p.0) && (-1e-9..=10.0 + 1e-9).contains(&p.1);
            let cut = cut_loop(&points, &UNIT);
            prop_assert!(cut.iter().all(near));
            prop_assert_eq!(within(&cut, probe), within(&points, probe));
            let pieces = cut_path(&points, &UNIT);
            prop_assert!(pieces.iter().flatten().all(near));
            prop_assert!(pieces.iter().map(|p| length(p)).sum::<f64>() <= length(&points) + 1e-9);
        }

        #[test]
        fn dashes_cover_half_of_a_long_line(length_of in 50.0..200.0, dash in 2.0..6.0) {
            let drawn: f64 = dashes(&[(0.0, 0.0), (length_of, 0.0)], dash, 0.0).iter().map(|d| length(d)).sum();
            prop_assert!((drawn - length_of / 2.0).abs() <= dash / 2.0 + 1e-9);
        }
    }
}

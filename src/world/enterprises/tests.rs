use super::*;

fn list(calendar: &mut Calendar, month: i32) -> Vec<u32> {
    let mut found = Vec::new();
    calendar.take_due(month, &mut found);
    found
}

#[test]
fn a_workload_is_due_once_wherever_it_was_moved() {
    let mut calendar = Calendar::default();
    calendar.reset(5, 23_999);
    (0..5).for_each(|k| calendar.put(k, 24_000));
    calendar.put(2, 24_007);
    calendar.put(4, 24_007);
    assert_eq!(list(&mut calendar, 24_000), [0, 1, 3]);
    assert_eq!((calendar.due(1), calendar.due(2)), (i32::MIN, 24_007));
    assert!((24_001..24_007).all(|month| list(&mut calendar, month).is_empty()));
    assert_eq!(list(&mut calendar, 24_007), [2, 4]);
    assert!((24_008..24_100).all(|month| list(&mut calendar, month).is_empty()));
}

#[test]
fn whatever_is_put_and_moved_is_taken_in_its_month() {
    let mut calendar = Calendar::default();
    calendar.reset(100, -1);
    let mut due = vec![None; 100];
    let mut stream = crate::random::Draws::new(1, 0).stream(crate::random::Purpose::Test, 0, 0, 0);
    for month in 0..600 {
        for _ in 0..20 {
            // Most within the ring, some far beyond it.
            let reach = if stream.uniform() < 0.5 { 12.0 } else { 150.0 };
            let (k, later) = ((stream.uniform() * 100.0) as usize, month + (stream.uniform() * reach) as i32);
            calendar.put(k as u32, later);
            due[k] = Some(later);
        }
        let right: Vec<u32> = (0..100).filter(|&k| due[k as usize] == Some(month)).collect();
        assert_eq!(list(&mut calendar, month), right, "{month}");
        due.iter_mut().filter(|due| **due == Some(month)).for_each(|due| *due = None);
        assert!((0..100).all(|k| calendar.due(k) == due[k].unwrap_or(i32::MIN)));
    }
}

const SEGMENT: Segment = Segment { sector: 1, jurisdiction: 3, cloud: 1 };

fn source(usd: f64) -> Source {
    Source::new(1, 1, usd)
}

fn sums() -> Sums {
    let mut sums = Sums::default();
    sums.reset(2, 2, 4, 2);
    sums
}
fn usd(cells: &[i64]) -> Vec<f64> {
    cells.iter().map(|cell| Sums::of(std::slice::from_ref(cell))).collect()
}
fn workloads(sums: &Sums) -> Vec<f64> {
    sums.workloads(1, 1).flat_map(usd).collect()
}
fn jurisdictions(sums: &Sums) -> Vec<f64> {
    sums.jurisdictions(1, 1).flat_map(usd).collect()
}

#[test]
fn a_sum_over_nobody_is_exactly_zero() {
    let mut sums = sums();
    let columns = sums.columns(2, SEGMENT);
    for x in [0.1, 0.2, 0.3] {
        sums.add(source(x), &columns);
        sums.route([source(x), Source::NONE]);
    }
    // Whole parts of a dollar: each is off by less than one.
    assert!((workloads(&sums).iter().sum::<f64>() - 0.6).abs() < 3.0 / USD_PARTS);
    for x in [0.1, 0.3, 0.2] {
        sums.remove(source(x), &columns);
        sums.unroute([source(x), Source::NONE]);
    }
    assert!(workloads(&sums).iter().chain(&jurisdictions(&sums)).all(|&base| base == 0.0));
    assert_eq!(sums.routed(1, 1), 0);
}

#[test]
fn a_source_counts_once_in_each_table_and_where_it_is_orchestrated() {
    let mut sums = sums();
    let columns = sums.columns(2, SEGMENT);
    sums.add(source(5.0), &columns);
    assert_eq!(workloads(&sums), [0.0, 0.0, 0.0, 0.0, 0.0, 5.0]);
    assert_eq!(jurisdictions(&sums), [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 5.0]);
    assert_eq!(sums.routed(1, 1), 0);
    assert!(sums.rows().filter(|&row| row != (1, 1)).all(|(a, t)| Sums::of(sums.row(a, t)) == 0.0));
    let columns = sums.columns(0, Segment::default());
    sums.add(source(1.0), &columns);
    sums.route([source(1.0), Source::NONE]);
    assert_eq!((workloads(&sums)[0], jurisdictions(&sums)[0]), (1.0, 1.0));
    assert_eq!(sums.routed(1, 1) as f64 * Sums::PART_USD, 1.0);
}

#[test]
fn no_source_is_counted_nowhere() {
    let mut sums = sums();
    let columns = sums.columns(1, SEGMENT);
    sums.add(Source::NONE, &columns);
    sums.route([Source::NONE; 2]);
    assert!(sums.rows().all(|(a, t)| sums.routed(a, t) == 0 && sums.row(a, t).iter().all(|&cell| cell == 0)));
    assert_eq!(sums.rows().count(), 2 * TIERS);
    assert_eq!(Source::NONE.vendor(), NONE);
    for (vendor, tier) in [(0, 0), (0, 1), (64, 0), (64, 1)] {
        assert_eq!(Source::new(vendor, tier, 1.0).vendor(), vendor);
    }
}

#[test]
fn the_greatest_market_of_a_scenario_can_be_counted() {
    let mut sums = sums();
    let columns = sums.columns(0, Segment::default());
    // The bound of a scenario's spend, with a hundredfold tenure.
    sums.add(source(1e15), &columns);
    assert_eq!(workloads(&sums)[0], 1e15);
}

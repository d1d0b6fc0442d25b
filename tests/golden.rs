//! Every shipped scenario, small, against numbers written down: a change that moves results must say so here and in `CHANGELOG.md`.
//!
//! The same bytes come out on every machine, so the numbers are compared as they stand, to five figures.
//! After a change that is meant: `INSTA_UPDATE=always cargo test --test golden`.

use std::fmt::Write;

use aimarket::record::{Record, TableKind};
use aimarket::run::Model;
use aimarket::run::engine::Engine;
use aimarket::scenario::Scenario;
use aimarket::scenario::shipped;

/// Medians over 25 runs of 200 enterprises, first and last date.
fn summary(name: &str) -> String {
    let small = [("enterprises.count".to_string(), "200".to_string())];
    let scenario = Scenario::load(name, &small).unwrap_or_else(|faults| panic!("{}", faults[0]));
    let engine = Engine::new(scenario);
    let layout = engine.layout().clone();
    let mut state = engine.new_state();
    let records: Vec<Record> = (0..25)
        .map(|run| {
            let mut record = Record { run, values: Vec::new(), draws: Vec::new() };
            engine.run(&mut state, run, &mut record).expect("the run completes");
            record
        })
        .collect();
    let mut text = String::new();
    let metrics = [
        (TableKind::Labs, "enterprise_share"),
        (TableKind::Labs, "revenue_run_rate_usd"),
        (TableKind::Labs, "valuation_usd"),
        (TableKind::Labs, "capability_eci"),
        (TableKind::Labs, "price_usd_per_mtok"),
        (TableKind::Clouds, "capacity_h100e"),
        (TableKind::Regulators, "stringency"),
        (TableKind::Market, "enterprise_spend_usd"),
        (TableKind::Market, "hhi"),
        (TableKind::Market, "frontier_eci"),
        (TableKind::Market, "vendors_per_firm"),
    ];
    for (kind, name) in metrics {
        let (table, column) = layout.column(kind, name).expect("the metric exists");
        for (entity, agent) in layout.tables[table].entities.iter().enumerate() {
            let _ = write!(text, "{}.{}.{name}", kind.word(), agent.id);
            for date in [0, layout.months.len() - 1] {
                let mut values: Vec<f64> =
                    records.iter().map(|r| r.values[layout.index(table, date, entity, column)]).collect();
                values.sort_by(f64::total_cmp);
                let _ = write!(text, " {:.4e}", values[values.len() / 2]);
            }
            text.push('\n');
        }
    }
    text
}

#[test]
fn shipped_scenarios_give_the_numbers_written_down() {
    for name in shipped::names().filter(|name| !shipped::COMMON.contains(name) && !shipped::is_game(name)) {
        insta::assert_snapshot!(format!("golden {}", name.replace('/', " ")), summary(name));
    }
}

//! What a lab brings along at the start reaches what it is meant for: money of clouds the circularity of finance, the age of its model
//! the weights that are out.

use aimarket::run::Model;
use aimarket::run::engine::Engine;
use aimarket::scenario::{Parameters, Scenario};
use aimarket::world::World;

/// What is read of the baseline with 100 enterprises under these lines, after its first month.
fn after_a_month<T>(lines: &str, read: impl Fn(&World, &Parameters) -> T) -> T {
    let text = format!("extends = \"baseline\"\nname = \"start\"\n[enterprises]\ncount = 100\n{lines}");
    let scenario = Scenario::from_text("start", &text, &[]).unwrap_or_else(|faults| panic!("{faults:?}"));
    let engine = Engine::new(scenario);
    let mut seen = None;
    let see = |_: usize, world: &World, p: &Parameters| {
        if world.step == 1 {
            seen = Some(read(world, p));
        }
    };
    engine.watch(&mut engine.new_state(), 0, see).expect("the run completes");
    seen.expect("a month is lived")
}

#[test]
fn money_that_a_cloud_put_into_a_lab_before_funds_the_rent_it_pays_there() {
    let aws = |usd: &str| {
        after_a_month(&format!("[labs.anthropic]\nraised_from_clouds_usd = {{ aws = {usd} }}\n"), |world, p| {
            let (i, k) =
                (p.lab("anthropic").expect("a lab"), p.clouds.iter().position(|c| c.id == "aws").expect("a cloud"));
            let from = |i: usize| world.clouds.rent_from_lab_usd[k * world.dims.labs + i];
            let rent: f64 = (0..world.dims.labs).map(from).sum();
            (world.clouds.supplier_funded_share[k], from(i) / rent)
        })
    };
    let ((none, part), (some, _), (all, same)) = (aws("0.0"), aws("1e9"), aws("1e13"));
    assert!(part > 0.05 && part == same, "the lab rents there, as much in each: {part} {same}");
    assert!(none < some && some < all, "{none} {some} {all}");
    // Beyond its whole rent nothing is funded.
    assert!((all - none - part).abs() < 1e-9, "{all} {none} {part}");
}

#[test]
fn weights_of_a_lab_that_publishes_late_are_out_at_the_start_where_its_model_is_old_enough() {
    let open = |months: f64| {
        // It releases nothing new within the month.
        let strategy = "openness = { delayed = { months = 3.0 } }\nrelease = { cadence = { months = 60.0 } }";
        let lines = format!("[labs.openai]\nmonths_since_release = {months}\n[labs.openai.strategy]\n{strategy}\n");
        after_a_month(&lines, |world, p| world.labs.open[p.lab("openai").expect("a lab")])
    };
    assert_eq!([0.0, 1.5, 3.0, 7.0].map(open), [false, false, true, true]);
}

//! What a lab brings along at the start reaches what it is meant for: money of clouds the circularity of finance, the age of its model
//! the weights that are out.

use aimarket::run::Model;
use aimarket::run::engine::Engine;
use aimarket::scenario::{Parameters, Scenario};
use aimarket::world::World;

/// What is read of the baseline with 100 enterprises under these lines, at the start and after its first month.
fn first_states<T>(lines: &str, read: impl Fn(&World, &Parameters) -> T) -> [T; 2] {
    let text = format!("extends = \"baseline\"\nname = \"start\"\n[enterprises]\ncount = 100\n{lines}");
    let scenario = Scenario::from_text("start", &text, &[]).unwrap_or_else(|faults| panic!("{faults:?}"));
    let engine = Engine::new(scenario);
    let mut seen = Vec::new();
    let see = |_: usize, world: &World, p: &Parameters| {
        if world.step < 2 {
            seen.push(read(world, p));
        }
    };
    engine.watch(&mut engine.new_state(), 0, see).expect("the run completes");
    seen.try_into().unwrap_or_else(|_| panic!("the start and a month"))
}

#[test]
fn money_that_a_cloud_put_into_a_lab_before_funds_the_rent_it_pays_there() {
    let aws = |usd: &str| {
        let [_, lived] =
            first_states(&format!("[labs.anthropic]\nraised_from_clouds_usd = {{ aws = {usd} }}\n"), |world, p| {
                let (i, k) =
                    (p.lab("anthropic").expect("a lab"), p.clouds.iter().position(|c| c.id == "aws").expect("a cloud"));
                let from = |i: usize| world.clouds.rent_from_lab_usd[k * world.dims.labs + i];
                let rent: f64 = (0..world.dims.labs).map(from).sum();
                (world.clouds.supplier_funded_share[k], from(i) / rent)
            });
        lived
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
        first_states(&lines, |world, p| {
            let i = p.lab("openai").expect("a lab");
            (world.labs.open[i], world.labs.published(i).is_some())
        })
    };
    // They come out in the month in which the model is old enough.
    for (months, out) in
        [(0.0, [false; 2]), (1.5, [false; 2]), (2.5, [false, true]), (3.0, [true; 2]), (7.0, [true; 2])]
    {
        assert_eq!(open(months), out.map(|out| (out, out)), "{months}");
    }
}

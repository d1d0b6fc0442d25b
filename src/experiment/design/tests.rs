use super::*;
use crate::scenario::Scenario;

fn scenario() -> Scenario {
    Scenario::load("quick", &[]).unwrap()
}

fn asked(design: &str, points: Option<u64>, vary: &[(&str, &str)]) -> Asked {
    Asked {
        design: (!design.is_empty()).then(|| Said::new("--design", design.to_string())),
        points: points.map(|n| Said::new("--points", n)),
        vary: vary.iter().map(|(p, s)| Said::new(format!("--vary {p}"), (p.to_string(), s.to_string()))).collect(),
        folder: Default::default(),
    }
}

fn design(word: &str, points: Option<u64>, vary: &[(&str, &str)]) -> Design {
    Design::new(&asked(word, points, vary), &scenario()).unwrap()
}

fn said(word: &str, points: Option<u64>, vary: &[(&str, &str)]) -> String {
    let faults = Design::new(&asked(word, points, vary), &scenario()).unwrap_err();
    faults.iter().map(|f| format!("{f}\n")).collect()
}

const COST: &str = "demand.switching_cost";
const PRICING: &str = "labs.openai.strategy.pricing";

fn numbers(column: &Column) -> Vec<f64> {
    column.texts.iter().map(|t| t.parse().unwrap()).collect()
}

#[test]
fn a_grid_holds_every_combination_and_the_last_path_varies_fastest() {
    let grid = design("", None, &[(COST, "1:2:3"), ("mechanisms.trust", "true,false")]);
    assert_eq!((grid.word.as_str(), grid.points()), ("grid", 6));
    assert_eq!(grid.columns[0].texts, ["1", "1", "1.5", "1.5", "2", "2"]);
    assert_eq!(grid.columns[1].texts, ["true", "false", "true", "false", "true", "false"]);
    assert_eq!(grid.overlays(3), [(COST.into(), "1.5".into()), ("mechanisms.trust".into(), "false".into())]);
}

#[test]
fn even_steps_are_numbers_as_one_would_write_them() {
    let texts = |spec: &str| design("", None, &[(COST, spec)]).columns[0].texts.clone();
    assert_eq!(texts("0.1:0.7:7"), ["0.1", "0.2", "0.3", "0.4", "0.5", "0.6", "0.7"]);
    assert_eq!(texts("1:0:4"), ["1", "0.666666666667", "0.333333333333", "0"]);
    assert_eq!(texts("1e16:3e16:3"), ["1e16", "2e16", "3e16"]);
}

#[test]
fn a_bare_name_of_a_strategy_is_that_strategy_and_a_table_is_laid_as_it_stands() {
    let grid = design("grid", None, &[(PRICING, "penetration, { cost_plus = { markup = 0.5, x = [1, 2] } }")]);
    assert_eq!(grid.columns[0].texts, ["penetration", "{ cost_plus = { markup = 0.5, x = [1, 2] } }"]);
    assert_eq!(grid.overlays(0), [(PRICING.into(), "{ penetration = {} }".into())]);
    assert_eq!(grid.overlays(1), [(PRICING.into(), grid.columns[0].texts[1].clone())]);
}

#[test]
fn a_latin_hypercube_has_one_point_in_each_stratum_of_every_path() {
    let spec = [(COST, "uniform(0,10)"), ("demand.quality_volatility", "uniform(0,1)")];
    let lhs = design("", Some(25), &spec);
    assert_eq!((lhs.word.as_str(), lhs.points()), ("lhs", 25));
    for (column, width) in lhs.columns.iter().zip([10.0, 1.0]) {
        let mut strata: Vec<usize> = numbers(column).iter().map(|x| (x / width * 25.0) as usize).collect();
        assert!(strata.windows(2).any(|w| w[1] < w[0]), "the strata are in no random order");
        strata.sort_unstable();
        assert_eq!(strata, (0..25).collect::<Vec<_>>());
    }
    // Another path moves neither; another seed moves both; without a number of points there are ten a path.
    let more = design("lhs", Some(25), &[spec[0], ("enterprises.count", "100,200"), spec[1]]);
    assert_eq!((&more.columns[0], &more.columns[2]), (&lhs.columns[0], &lhs.columns[1]));
    let seeded = Scenario::load("quick", &[("simulation.seed".into(), "77".into())]).unwrap();
    assert_ne!(Design::new(&asked("", Some(25), &spec), &seeded).unwrap().columns, lhs.columns);
    assert_eq!(design("lhs", None, &spec).points(), 20);
}

#[test]
fn a_list_is_cut_into_equal_parts_by_a_latin_hypercube() {
    let lhs = design("lhs", Some(12), &[(COST, "1,2,3"), ("demand.quality_volatility", "uniform(0,1)")]);
    for value in ["1", "2", "3"] {
        assert_eq!(lhs.columns[0].texts.iter().filter(|t| *t == value).count(), 4);
    }
}

#[test]
fn random_points_are_uniform_and_keyed_by_seed_and_path() {
    let random = design("random", Some(4000), &[(COST, "uniform(0,10)")]);
    let values = numbers(&random.columns[0]);
    let mean = values.iter().sum::<f64>() / 4000.0;
    // The standard error of the mean is 10 / sqrt(12 · 4000) = 0.046.
    assert!((mean - 5.0).abs() < 0.18, "{mean}");
    assert!(values.iter().all(|x| *x > 0.0 && *x < 10.0));
    assert_eq!(design("random", Some(4000), &[(COST, "uniform(0,10)")]), random);
}

#[test]
fn the_sobol_sequence_is_that_of_joe_and_kuo() {
    // First points of new-joe-kuo-6 in five dimensions, and two later ones in a hundred, as scipy.stats.qmc.Sobol(5, scramble=False) gives them.
    let known = [
        [0.0, 0.0, 0.0, 0.0, 0.0],
        [0.5, 0.5, 0.5, 0.5, 0.5],
        [0.75, 0.25, 0.25, 0.25, 0.75],
        [0.25, 0.75, 0.75, 0.75, 0.25],
        [0.375, 0.375, 0.625, 0.875, 0.375],
        [0.875, 0.875, 0.125, 0.375, 0.875],
        [0.625, 0.125, 0.875, 0.625, 0.625],
        [0.125, 0.625, 0.375, 0.125, 0.125],
    ];
    for (point, known) in sequence::sobol_digits(8, 5).iter().zip(known) {
        let found: Vec<f64> = point.iter().map(|&d| f64::from(d) / 4_294_967_296.0).collect();
        assert_eq!(found, known);
    }
    let many = sequence::sobol_digits(64, MOST_SOBOL_PATHS);
    let at = |point: usize| [10, 50, 99].map(|path| f64::from(many[point][path]) / 4_294_967_296.0);
    assert_eq!((at(63), at(37)), ([0.421875, 0.265625, 0.078125], [0.015625, 0.421875, 0.171875]));
}

#[test]
fn a_shifted_sobol_design_keeps_its_even_spread_and_begins_in_no_corner() {
    let spec = [(COST, "uniform(0,1)"), ("demand.quality_volatility", "uniform(0,1)")];
    let sobol = design("sobol", None, &spec);
    // Ten a path, up to a power of two.
    assert_eq!(sobol.points(), 32);
    let (x, y) = (numbers(&sobol.columns[0]), numbers(&sobol.columns[1]));
    assert!(x[0] > 1e-6 && x[0] < 1.0 - 1e-6 && x[0] != 0.5);
    for column in [&x, &y] {
        let mut cells: Vec<usize> = column.iter().map(|u| (u * 32.0) as usize).collect();
        cells.sort_unstable();
        assert_eq!(cells, (0..32).collect::<Vec<_>>());
    }
    // A (0, 5, 2)-net: one point in each of the 4 × 8 boxes.
    let mut boxes: Vec<usize> = x.iter().zip(&y).map(|(x, y)| (x * 4.0) as usize * 8 + (y * 8.0) as usize).collect();
    boxes.sort_unstable();
    assert_eq!(boxes, (0..32).collect::<Vec<_>>());
}

#[test]
fn distributions_are_put_through_their_quantile_functions() {
    let at = |text: &str, u: f64| -> f64 {
        Spec::read("", COST, text, &scenario().parameters).unwrap().text_at(u).parse().unwrap()
    };
    // Eight standard deviations from the bound of the field, which cuts nothing there.
    assert!((at("normal(4,0.5)", 0.975) - 4.979_981_992_3).abs() < 1e-8);
    assert_eq!(at("{ normal = { mean = 4.0, sd = 0.5 } }", 0.5), 4.0);
    assert_eq!(at("normal(4,1)", 0.3), at("{ normal = { mean = 4.0, sd = 1.0 } }", 0.3));
    // Truncated at 0, the bound of the field, and at its own bounds.
    assert!(at("normal(0,1)", 1e-6) >= 0.0);
    assert!(at("normal(4,1,3.9,4.1)", 0.999) < 4.1);
    assert!((at("lognormal(2,0.5)", 0.841_344_746) - 2.0 * 0.5f64.exp()).abs() < 1e-6);
    assert_eq!(at("uniform(2,6)", 0.25), 3.0);
    assert_eq!(at("triangular(0,1,5)", 0.2), 1.0);
    // F(x) = 1 − (5 − x)² / 20 beyond the mode.
    assert!((at("triangular(0,1,5)", 0.95) - 4.0).abs() < 1e-9);
    let discrete = "{ discrete = { values = [1, 2, 5], weights = [1, 2, 1] } }";
    assert_eq!([0.2, 0.3, 0.74, 0.76].map(|u| at(discrete, u)), [1.0, 2.0, 2.0, 5.0]);
    // F(x) = 1 − (1 − x)² on 0 to 1, and an exponential of rate 2.
    assert!((at("{ beta = { a = 1.0, b = 2.0 } }", 0.75) - 0.5).abs() < 1e-9);
    assert!((at("{ gamma = { shape = 1.0, rate = 2.0 } }", 0.5) - 2f64.ln() / 2.0).abs() < 1e-9);
}

#[test]
fn what_is_wrong_with_a_design_is_told_all_at_once_with_what_would_do() {
    let text = said("gird", None, &[("demand.switching_cots", "1,2"), (COST, "1:2"), (PRICING, "uniform(0,1)")]);
    for part in ["`gird`; did you mean `grid`?", "did you mean `switching_cost`?", "no range", "is no number"] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    for (word, points, vary, part) in [
        ("", None, &[][..], "nothing is varied"),
        ("", None, &[(COST, "1,2"), (COST, "3")][..], "varied already"),
        (
            "",
            None,
            &[(PRICING, "premium"), ("labs.openai.strategy.pricing.cost_plus.markup", "1,2")][..],
            "varied already",
        ),
        ("", None, &[(COST, "1,,2")][..], "empty value"),
        ("", None, &[(COST, "1,2,1")][..], "given twice"),
        ("", None, &[(COST, "1:1:4")][..], "no range"),
        ("", None, &[(COST, "1:2:1")][..], "no range"),
        ("grid", None, &[(COST, "normal(1,0.2)")][..], "no grid"),
        ("grid", Some(7), &[(COST, "1,2")][..], "the grid has 2"),
        ("", None, &[(COST, "norml(1,0.2)")][..], "did you mean `normal`?"),
        ("", None, &[(COST, "normal(1)")][..], "write normal(mean,sd,[min],[max])"),
        ("", None, &[(COST, "normal(1,-1)")][..], "sd is -1"),
        ("", None, &[(COST, "3,3.0")][..], "`3.0` is given twice"),
        ("", None, &[(COST, "3:4:100000")][..], "at most 20,000 steps"),
        ("", None, &[(COST, "uniform(-1,4)")][..], "goes from -1 to 4"),
        ("", None, &[(COST, "beta(1,2)")][..], "no short form"),
        ("", None, &[("simulation.seed", "1,2")][..], "share `simulation.seed`"),
        ("lhs", Some(MOST_POINTS + 1), &[(COST, "1,2")][..], "1 to 20000 would do"),
        ("", None, &[(COST, "1:2:20000"), ("demand.quality_volatility", "1,2")][..], "40000 points"),
        ("table", None, &[][..], "names no file"),
        ("table=no-such.csv", None, &[(COST, "1,2")][..], "beside a table"),
    ] {
        let text = said(word, points, vary);
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
}

#[test]
fn a_table_lists_the_points_and_that_of_an_earlier_sweep_can_be_run_again() {
    let parameters = scenario().parameters;
    let text = "\u{feff}point, demand.switching_cost ,labs.openai.strategy.pricing,runs,failed\n\
                1,2.5,premium,20,0\n2,.5,{ cost_plus = { markup = 0.5 } },20,0\n3,1E+00,cost_plus,20,1\n";
    let table = table::parse("p.csv", text, &parameters).unwrap();
    assert_eq!((table.word.as_str(), table.points()), ("table", 3));
    assert_eq!(table.columns[0].texts, ["2.5", "0.5", "1E+00"]);
    assert_eq!(table.columns[1].texts, ["premium", "{ cost_plus = { markup = 0.5 } }", "cost_plus"]);
    assert!(table.name(1).starts_with("p.csv line 3: point 2 (demand.switching_cost = 0.5"));
}

#[test]
fn faults_of_a_table_name_file_line_and_column() {
    let parameters = scenario().parameters;
    let said = |text: &str| -> String {
        table::parse("p.csv", text, &parameters).unwrap_err().iter().map(|f| format!("{f}\n")).collect()
    };
    let text = said("demand.switching_cots,demand.switching_cost,demand.switching_cost\n1,2,3\n1,2\n1,,3\n");
    for part in [
        "p.csv line 1, column 1: error",
        "did you mean `switching_cost`?",
        "p.csv line 1, column 3: error: `demand.switching_cost` is varied by an earlier column",
        "p.csv line 3: error: 2 values for 3 columns",
        "p.csv line 4, column 2: error: `demand.switching_cost` has no value",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    assert!(said("").contains("names no path"));
    assert!(said("point\n1\n").contains("names no path"));
    assert!(said("demand.switching_cost\n").contains("0 points"));
    let missing = Design::new(&asked("table=no-such.csv", None, &[]), &scenario()).unwrap_err();
    assert!(missing[0].to_string().contains("no-such.csv"), "{}", missing[0]);
}

//! Every figure of a sweep drawn from invented designs: one to many paths, few and many labs and points, switches, words,
//! gaps and long names.

use super::*;
use crate::experiment::moved::{Told, moved};
use crate::experiment::response::Axis;
use crate::experiment::summary::{Horizon, Provenance, Summary};
use crate::figures::{Drawn, Picture, draw_sweep, theme};
use crate::math::{exp, normal_quantile};
use crate::record::Entity;
use crate::units::Month;
use std::path::{Path, PathBuf};

const LABS: [(&str, &str, f64); 10] = [
    ("anthropic", "Anthropic", 0.34),
    ("openai", "OpenAI", 0.29),
    ("google", "Google", 0.19),
    ("meta", "Meta", 0.06),
    ("xai", "xAI", 0.04),
    ("mistral", "Mistral", 0.03),
    ("deepseek", "DeepSeek", 0.02),
    ("alibaba", "Alibaba", 0.015),
    ("cohere", "Cohere", 0.01),
    ("microsoft", "Microsoft", 0.0),
];

/// An axis of a design to be invented: path, unit, base, and its levels.
type Varied = (&'static str, &'static str, &'static str, Vec<String>);

fn numbers(low: f64, high: f64, n: usize) -> Vec<String> {
    (0..n).map(|k| format!("{:.4}", low + (high - low) * k as f64 / (n - 1).max(1) as f64)).collect()
}

fn texts(all: &[&str]) -> Vec<String> {
    all.iter().map(|t| (*t).to_owned()).collect()
}

/// A number from 0 to 1 for a point and a path.
fn luck(point: usize, key: usize) -> f64 {
    ((crate::random::mix((point as u64) << 20 | key as u64) >> 11) as f64 + 0.5) / (1u64 << 53) as f64
}

struct Invented {
    provenance: Provenance,
    sweep: SweepMaterial,
}

impl Invented {
    /// A full grid over some paths.
    fn grid(labs: usize, varied: &[Varied]) -> Invented {
        let points: usize = varied.iter().map(|v| v.3.len()).product();
        let mut axes: Vec<Axis> = varied.iter().map(Invented::axis).collect();
        for p in 0..points {
            let mut rest = p;
            for (axis, v) in axes.iter_mut().zip(varied).rev() {
                axis.texts.push(v.3[rest % v.3.len()].clone());
                rest /= v.3.len();
            }
        }
        Invented::with(labs, axes, "grid", points)
    }
    /// Random points over some paths: numbers between the first and the last level, words one of the levels.
    fn sampled(labs: usize, varied: &[Varied], points: usize) -> Invented {
        let mut axes: Vec<Axis> = varied.iter().map(Invented::axis).collect();
        for (k, (axis, v)) in axes.iter_mut().zip(varied).enumerate() {
            for p in 0..points {
                let u = luck(p, k);
                let ends = (v.3[0].parse::<f64>(), v.3[v.3.len() - 1].parse::<f64>());
                axis.texts.push(match ends {
                    (Ok(a), Ok(b)) => format!("{}", a + u * (b - a)),
                    _ => v.3[(u * v.3.len() as f64) as usize].clone(),
                });
            }
        }
        Invented::with(labs, axes, "lhs", points)
    }
    fn axis(v: &Varied) -> Axis {
        Axis {
            path: v.0.into(),
            unit: v.1.into(),
            meaning: "What the path means, told in the words of its own documentation.".into(),
            base: v.2.into(),
            ..Axis::default()
        }
    }
    fn with(labs: usize, mut axes: Vec<Axis>, design: &str, points: usize) -> Invented {
        for axis in &mut axes {
            axis.numbers = axis.texts.iter().map(|t| t.parse().unwrap_or(f64::NAN)).collect();
        }
        let labs = &LABS[..labs];
        let entities = labs
            .iter()
            .map(|l| Entity { id: l.0.into(), name: l.1.into(), colour: String::new(), division: false })
            .collect();
        let provenance = Provenance {
            scenario: "baseline".into(),
            description: "An invented sweep.".into(),
            runs: 50 * points as u64,
            failed: 0,
            seed: 20_260_101,
            version: "0.1.0".into(),
            initial_observed: 48,
            initial_priors: 73,
            initial_priors_drawn: 41,
            start: Month::new(2025, 12),
            end: Month::new(2030, 12),
            labs: entities,
        };
        let levels: Vec<Levels> = axes.iter().map(marginal::levels).collect();
        // Where a point stands on a path, 0 to 1.
        let place = |p: usize, k: usize| {
            let l = &levels[k];
            let Some((a, b)) = l.numbers.first().zip(l.numbers.last()).filter(|(a, b)| b > a) else {
                return l.of[p] as f64 / l.len().max(2) as f64;
            };
            (l.numbers[l.of[p]] - a) / (b - a)
        };
        let pull = |i: usize, p: usize| {
            let bent = |u: f64| u - 0.4 * u * u;
            let sum: f64 = (0..levels.len())
                .map(|k| bent(place(p, k)) * (1.1 / (k as f64 + 1.0)) * f64::from([1, -1, 0, 1, -1, 0][(i + k) % 6]))
                .sum();
            let both = if levels.len() > 1 { place(p, 0) * place(p, 1) * if i == 0 { 0.8 } else { 0.0 } } else { 0.0 };
            labs[i].2 * exp(sum + both + 0.03 * normal_quantile(luck(p, 90 + i)))
        };
        let stats = |middle: f64, log_sd: f64| Stats {
            n: 50,
            mean: middle,
            sd: middle * log_sd,
            mcse: middle * log_sd / 50f64.sqrt(),
            quantiles: [-1.645, -1.282, -0.674, 0.0, 0.674, 1.282, 1.645].map(|z: f64| middle * exp(log_sd * z)),
        };
        let gone = Stats { n: 0, mean: f64::NAN, sd: f64::NAN, mcse: f64::NAN, quantiles: [f64::NAN; 7] };
        let mut responses = Vec::new();
        let mut add = |kind, id: &str, metric: &str, unit: &str, f: &dyn Fn(usize) -> Stats| {
            responses.push(Response {
                kind,
                metric: metric.into(),
                segment: String::new(),
                entity: id.into(),
                unit: unit.into(),
                stats: (0..points).map(f).collect(),
            });
        };
        for (i, lab) in labs.iter().enumerate() {
            let share = |p: usize| pull(i, p) / (0..labs.len()).map(|j| pull(j, p)).sum::<f64>();
            add(TableKind::Labs, lab.0, "enterprise_share", "fraction", &|p| stats(share(p), 0.22));
            add(TableKind::Labs, lab.0, "valuation_usd", "USD", &|p| {
                // Nobody has a price for Mistral at every seventh point.
                if i == 5 && p % 7 == 3 { gone } else { stats(2.4e12 * share(p), 0.8) }
            });
            add(TableKind::Labs, lab.0, "revenue_run_rate_usd", "USD per year", &|p| stats(3.0e11 * share(p), 0.5));
            add(TableKind::Labs, lab.0, "capability_eci", "ECI", &|p| stats(170.0 + 40.0 * share(p), 0.02));
        }
        let hhi = |p: usize| {
            let all: f64 = (0..labs.len()).map(|j| pull(j, p)).sum();
            stats((0..labs.len()).map(|j| (pull(j, p) / all) * (pull(j, p) / all)).sum(), 0.15)
        };
        add(TableKind::Market, "market", "hhi", "index, 0 to 1", &hhi);
        let mut invented = Invented {
            provenance,
            sweep: SweepMaterial { design: design.into(), axes, responses, effects: Vec::new() },
        };
        invented.test(&[0.99, 1.01]);
        invented
    }
    /// The effects of all paths, over runs whose differences are these parts of the difference of the averaged medians.
    fn test(&mut self, parts: &[f64]) {
        let sweep = &self.sweep;
        let effect = |axis: usize, response: &Response| {
            let mut moved = moved(&sweep.axes, axis, response)?;
            let (low, range) = (moved.low.median, moved.range());
            let high: Vec<f64> = parts.iter().map(|part| low + part * range).collect();
            moved.pair(&vec![low; high.len()], &high, response);
            Some(Told::new(&sweep.axes[axis].path, response, &moved))
        };
        let all = sweep.responses.iter().flat_map(|r| (0..sweep.axes.len()).map(move |axis| (axis, r)));
        self.sweep.effects = all.filter_map(|(axis, r)| effect(axis, r)).collect();
    }
    fn drawings(&self) -> Vec<(String, Drawing)> {
        let (summary, horizon) = (Summary::default(), Horizon::default());
        drawings(Material { provenance: &self.provenance, summary: &summary, horizon: &horizon }, &self.sweep)
    }
    fn draw(&self, dir: &Path) -> Drawn {
        draw_sweep(&self.provenance, &self.sweep, dir).unwrap()
    }
}

/// The paths that designs are made of.
fn paths() -> Vec<Varied> {
    vec![
        ("labs.openai.compute.build_share", "fraction", "0.3", numbers(0.0, 1.0, 6)),
        ("demand.switching_cost", "utility", "4.05", numbers(1.0, 8.0, 5)),
        ("mechanisms.trust", "", "true", texts(&["true", "false"])),
        (
            "labs.anthropic.strategy.pricing",
            "",
            "match",
            texts(&["match", "undercut", "cost_plus", "premium_for_trust"]),
        ),
        ("spend.ceiling_usd", "USD per year", "1.5e12", texts(&["2e11", "5e11", "1e12", "2e12", "5e12"])),
        (
            "orchestration.share_of_the_largest_firms_that_take_a_platform_up_in_any_year",
            "fraction of firms per year",
            "0.31",
            numbers(0.05, 0.9, 4),
        ),
        ("research.compute_exponent", "1", "0.5", numbers(0.2, 0.8, 3)),
    ]
}

fn pick(which: &[usize]) -> Vec<Varied> {
    let all = paths();
    which.iter().map(|k| all[*k].clone()).collect()
}

/// More paths than there are panels.
fn many() -> Vec<Varied> {
    let more = [
        "trust.decay_per_year",
        "trust.incident_weight",
        "choice.price_weight",
        "choice.capability_weight",
        "regulation.licence_delay_months",
        "spend.growth_per_year",
        "investors.vc.dry_powder_usd",
    ];
    let more = more.map(|path| -> Varied { (path, "1", "0.4", numbers(0.1, 0.9, 5)) });
    paths().into_iter().chain(more).collect()
}

/// Designs of every kind, with a name each.
fn designs() -> Vec<(&'static str, Invented)> {
    let wide = |k: usize, n: usize| {
        let mut v = pick(&[k]);
        v[0].3 = numbers(0.0, 1.0, n);
        v
    };
    let lattice = |a: usize, b: usize| {
        let mut v = pick(&[0, 1]);
        v[0].3 = numbers(0.0, 1.0, a);
        v[1].3 = numbers(1.0, 8.0, b);
        v
    };
    vec![
        ("1-numbers-6-of-10", Invented::grid(10, &pick(&[0]))),
        ("1-numbers-60-of-10", Invented::grid(10, &wide(0, 60))),
        ("1-numbers-3-of-2", Invented::grid(2, &wide(0, 3))),
        ("1-long-4-of-4", Invented::grid(4, &pick(&[5]))),
        ("1-logs-5-of-7", Invented::grid(7, &pick(&[4]))),
        ("1-words-4-of-10", Invented::grid(10, &pick(&[3]))),
        ("1-switch-of-3", Invented::grid(3, &pick(&[2]))),
        ("2-numbers-30-of-10", Invented::grid(10, &pick(&[0, 1]))),
        ("2-numbers-60-of-10", Invented::grid(10, &lattice(10, 6))),
        ("2-words-of-4", Invented::grid(4, &pick(&[3, 4]))),
        ("3-grid-of-10", Invented::grid(10, &pick(&[0, 1, 3]))),
        ("4-grid-of-5", Invented::grid(5, &pick(&[0, 2, 3, 5]))),
        ("2-sampled-of-10", Invented::sampled(10, &pick(&[0, 4]), 60)),
        ("6-sampled-of-10", Invented::sampled(10, &pick(&[0, 1, 2, 3, 4, 5]), 60)),
        ("7-sampled-12-of-3", Invented::sampled(3, &paths(), 12)),
        ("14-sampled-of-4", Invented::sampled(4, &many(), 120)),
        ("6-sampled-400-of-6", Invented::sampled(6, &pick(&[0, 1, 2, 3, 5, 6]), 400)),
    ]
}

/// No word lies on another or leaves the page.
fn no_overlap(figure: &str, picture: &Picture) {
    let words = picture.canvas.words();
    for (i, (text, a)) in words.iter().enumerate() {
        let inside = a.x >= 0.0 && a.right() <= theme::WIDTH && a.y >= 0.0 && a.bottom() <= theme::HEIGHT;
        assert!(inside, "{figure}: `{text}` leaves the page: {a:?}");
        for (other, b) in &words[..i] {
            assert!(!a.overlaps(b), "{figure}: `{text}` lies on `{other}`: {a:?} {b:?}");
        }
    }
}

fn says(picture: &Picture, what: &str) -> bool {
    picture.canvas.words().iter().any(|(text, _)| text.contains(what))
}

#[test]
fn no_word_of_any_figure_overlaps_another_or_leaves_the_page() {
    for (design, invented) in designs() {
        for (name, drawing) in invented.drawings() {
            let Ok(picture) = drawing else { panic!("{design}/{name} is missing") };
            no_overlap(&format!("{design}/{name}"), &picture);
        }
    }
}

#[test]
fn each_design_has_the_figures_that_fit_it() {
    let names = |of: &str| -> Vec<String> {
        let all = designs();
        let (_, invented) = all.iter().find(|(name, _)| *name == of).unwrap();
        invented.drawings().into_iter().map(|(name, _)| name).collect()
    };
    let count = |of: &str, kind: &str| names(of).iter().filter(|n| n.starts_with(kind)).count();
    for (design, heatmaps, tornados) in [
        ("1-numbers-6-of-10", 0, 0),
        ("1-words-4-of-10", 0, 0),
        ("2-numbers-30-of-10", 2, 2),
        ("3-grid-of-10", 2, 2),
        ("6-sampled-of-10", 0, 2),
    ] {
        let found = (count(design, "response_"), count(design, "heatmap_"), count(design, "tornado_"));
        assert_eq!(found, (5, heatmaps, tornados), "{design}");
    }
    assert_eq!(names("1-numbers-6-of-10")[0], "response_enterprise_share");
}

#[test]
fn figures_are_written_as_png_and_svg_and_a_metric_that_is_absent_is_skipped() {
    let dir = tempfile::tempdir().unwrap();
    // Set to keep the figures for the eye.
    let kept = std::env::var_os("AIMARKET_KEEP_FIGURES").map(PathBuf::from);
    for (name, mut invented) in designs() {
        let Some(place) = &kept else {
            if name != "2-numbers-30-of-10" {
                continue;
            }
            invented.sweep.responses.retain(|r| r.metric != "hhi" && r.metric != "capability_eci");
            let drawn = invented.draw(dir.path());
            assert_eq!(drawn.written.len(), 14);
            assert!(drawn.written.iter().all(|p| std::fs::metadata(p).unwrap().len() > 10_000));
            let skipped: Vec<&str> = drawn.skipped.iter().map(|s| s.figure.as_str()).collect();
            assert_eq!(skipped, ["response_capability_eci", "response_hhi"]);
            let svg = std::fs::read_to_string(&drawn.written[1]).unwrap();
            assert!(svg.starts_with("<svg") && !svg.contains("<text"));
            continue;
        };
        assert_eq!(invented.draw(&place.join(name)).skipped, vec![], "{name}");
    }
}

#[test]
fn titles_say_what_the_sweep_found() {
    let title = |invented: &Invented, at: usize| match invented.drawings().swap_remove(at).1 {
        Ok(picture) => picture.title,
        Err(Skip(reason)) => panic!("{reason}"),
    };
    let one = Invented::grid(4, &pick(&[0]));
    let found = title(&one, 0);
    assert!(
        found.starts_with("Anthropic's enterprise share rises from ")
            && found.ends_with("build share goes from 0 to 1"),
        "{found}"
    );
    // A path without effect: every point has the values of the first.
    let mut idle = one;
    for response in &mut idle.sweep.responses {
        let first = response.stats[0];
        response.stats.fill(first);
    }
    idle.test(&[0.99, 1.01]);
    assert_eq!(title(&idle, 0), "OpenAI's build share does not move the leaders' enterprise share beyond noise");
    // One run a point says nothing of noise.
    idle.test(&[1.0]);
    assert_eq!(title(&idle, 0), "Enterprise share over OpenAI's build share");
    // Forty points whose values have nothing to do with their paths.
    let mut luckless = Invented::sampled(4, &pick(&[0, 1]), 40);
    for (k, axis) in luckless.sweep.axes.iter_mut().enumerate() {
        axis.numbers = (0..40).map(|p| luck(p, 50 + k)).collect();
    }
    luckless.test(&[0.99, 1.01]);
    assert_eq!(title(&luckless, 0), "No path moves Anthropic's enterprise share beyond noise");
    let mut two = Invented::grid(4, &pick(&[0, 1]));
    assert!(title(&two, 0).starts_with("OpenAI's build share moves Anthropic's enterprise share most: "));
    assert!(title(&two, 1).starts_with("Anthropic's enterprise share runs from "), "{}", title(&two, 1));
    // The same medians with runs that scatter more than they differ.
    two.test(&[-3.0, 5.0]);
    for figure in 0..3 {
        assert_eq!(title(&two, figure), "No path moves Anthropic's enterprise share beyond noise");
    }
    // Where one path alone is clear and another has the wider range, the title says both.
    for e in two.sweep.effects.iter_mut().filter(|e| e.path == "demand.switching_cost") {
        e.within_noise = Some(false);
    }
    let said = title(&two, 0);
    assert_eq!(
        said,
        "OpenAI's build share has the widest range, and does not move Anthropic's enterprise share beyond noise"
    );
    // Of three paths, the two of the field do nothing that can be told.
    let mut three = Invented::grid(4, &pick(&[0, 1, 2]));
    three.test(&[-3.0, 5.0]);
    for e in three.sweep.effects.iter_mut().filter(|e| e.path == "mechanisms.trust") {
        e.within_noise = Some(false);
    }
    let field = "OpenAI's build share and switching cost do not move Anthropic's enterprise share beyond noise";
    assert_eq!(title(&three, 1), field);
    two.test(&[1.0]);
    assert_eq!(title(&two, 1), "Anthropic's enterprise share over OpenAI's build share and switching cost");
}

#[test]
fn bars_show_the_interval_of_the_difference_and_shares_that_print_alike_get_a_tenth() {
    let mut invented = Invented::grid(2, &pick(&[0, 1]));
    for response in invented.sweep.responses.iter_mut().filter(|r| r.metric == "enterprise_share") {
        for (p, stats) in response.stats.iter_mut().enumerate() {
            stats.quantiles = [0.3502 + 0.0001 * p as f64; 7];
        }
    }
    invented.test(&[0.5, 1.5]);
    let all = invented.drawings();
    let find = |name: &str| match &all.iter().find(|(n, _)| n == name).unwrap().1 {
        Ok(picture) => picture,
        Err(_) => panic!("{name} is missing"),
    };
    // Points 1 to 5 and 26 to 30: 0.3504 and 0.3529.
    let tornado = find("tornado_enterprise_share");
    assert!(
        says(tornado, "95% interval of the difference") && says(tornado, "0 (35.0%)") && says(tornado, "1 (35.3%)")
    );
    assert!(says(find("heatmap_enterprise_share"), "35.3%"));
    // Without errors there is no interval.
    invented.test(&[1.0]);
    let all = invented.drawings();
    let Ok(tornado) = &all.iter().find(|(n, _)| n == "tornado_enterprise_share").unwrap().1 else { panic!() };
    assert!(!says(tornado, "95%"));
}

#[test]
fn the_values_in_the_cells_and_at_the_bars_are_those_of_the_points() {
    let invented = Invented::grid(2, &pick(&[0, 1]));
    let share = &invented.sweep.responses[0];
    let all = invented.drawings();
    let find = |name: &str| match &all.iter().find(|(n, _)| n == name).unwrap().1 {
        Ok(picture) => picture,
        Err(_) => panic!("{name} is missing"),
    };
    let cell = |p: usize| Format::Percent.write(share.stats[p].quantiles[MEDIAN]);
    for p in 0..30 {
        assert!(says(find("heatmap_enterprise_share"), &cell(p)), "{}", cell(p));
    }
    // Build share runs slowest: its lowest value holds the first five points, its highest the last.
    let mean = |range: std::ops::Range<usize>| range.map(|p| share.stats[p].quantiles[MEDIAN]).sum::<f64>() / 5.0;
    for (value, range) in [("0", 0..5), ("1", 25..30)] {
        let text = format!("{value} ({})", Format::Percent.write(mean(range)));
        assert!(says(find("tornado_enterprise_share"), &text), "{text}");
    }
}

#[test]
fn points_without_a_value_leave_gaps_and_a_sweep_without_values_is_skipped() {
    for (_, mut invented) in designs() {
        for (k, response) in invented.sweep.responses.iter_mut().enumerate() {
            for (p, stats) in response.stats.iter_mut().enumerate() {
                if (p + k) % 3 == 0 {
                    *stats = Stats { n: 0, mean: f64::NAN, sd: f64::NAN, mcse: f64::NAN, quantiles: [f64::NAN; 7] };
                }
            }
        }
        for (name, drawing) in invented.drawings() {
            if let Ok(picture) = drawing {
                no_overlap(&name, &picture);
            }
        }
        for response in &mut invented.sweep.responses {
            for stats in &mut response.stats {
                *stats = Stats { n: 0, mean: f64::NAN, sd: f64::NAN, mcse: f64::NAN, quantiles: [f64::NAN; 7] };
            }
        }
        assert!(invented.drawings().iter().all(|(_, drawing)| drawing.is_err()));
    }
    let nothing = Invented::grid(3, &[]);
    assert!(nothing.drawings().is_empty());
}

#[test]
fn long_names_of_labs_cover_nothing_and_equal_names_of_paths_are_told_apart() {
    for (design, mut invented) in designs() {
        for (i, lab) in invented.provenance.labs.iter_mut().enumerate() {
            lab.name = format!("International Consortium for Models No. {i}");
        }
        for (name, drawing) in invented.drawings() {
            let Ok(picture) = drawing else { panic!("{design}/{name} is missing") };
            no_overlap(&format!("{design}/{name}"), &picture);
        }
    }
    let mut twice = pick(&[0, 0]);
    twice[1].0 = "labs.openai.other.build_share";
    let invented = Invented::grid(2, &twice);
    let Ok(picture) = &invented.drawings()[0].1 else { panic!() };
    assert!(says(picture, "other.build_share") && says(picture, "compute.build_share"));
}

#[test]
fn a_base_value_off_the_axis_is_told_and_one_on_it_is_marked() {
    let mut varied = pick(&[0]);
    varied[0].2 = "7";
    let off = Invented::grid(3, &varied);
    let Ok(picture) = &off.drawings()[0].1 else { panic!() };
    assert!(says(picture, "own OpenAI's build share is 7, off the axis") && !says(picture, "scenario: 7"));
    let on = Invented::grid(3, &pick(&[0]));
    let Ok(picture) = &on.drawings()[0].1 else { panic!() };
    assert!(says(picture, "scenario: 0.3"));
}

#[test]
fn a_text_too_long_is_cut_in_its_middle() {
    assert_eq!(title::shorten("abcdefghij", 5), "ab…ij");
    let (text, size) = title::fit("a very long name of a path indeed", 20.0, false, 100.0, 14.0);
    assert!(text.contains('…') && size == 14.0);
    assert_eq!(title::fit("short", 20.0, false, 100.0, 14.0), ("short".to_owned(), 20.0));
}

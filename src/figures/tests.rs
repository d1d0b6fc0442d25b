//! Every figure drawn from an invented ensemble: ten labs over five years, wide fans, one lab that dies, tiny
//! shares, and values from 1e8 to 1e13.

use super::*;
use crate::experiment::summary::{QUANTILES, Series, Stats};
use crate::math::{exp, ln, normal_quantile};
use crate::record::Entity;
use crate::units::Month;

mod comparisons;

const RUNS: usize = 600;
const MONTHS: i32 = 60;

struct Invented {
    provenance: Provenance,
    summary: Summary,
    horizon: Horizon,
}

/// (id, name, division, share, valuation, run-rate, ECI, trust) at the start.
type Start = (&'static str, &'static str, bool, f64, f64, f64, f64, f64);

const LABS: [Start; 10] = [
    ("openai", "OpenAI", false, 0.27, 5.0e11, 2.07e10, 155.4, 0.54),
    ("anthropic", "Anthropic", false, 0.40, 3.5e11, 9.0e9, 150.1, 0.62),
    ("google", "Google", true, 0.21, 4.0e11, 4.0e9, 152.9, 0.48),
    ("meta", "Meta", true, 0.05, 5.0e9, 0.0, 132.2, 0.26),
    ("xai", "xAI", false, 0.03, 2.0e11, 1.0e9, 146.4, 0.27),
    ("mistral", "Mistral", false, 0.015, 1.37e10, 3.0e8, 134.1, 0.44),
    ("cohere", "Cohere", false, 0.008, 7.0e9, 2.4e8, 119.3, 0.44),
    ("deepseek", "DeepSeek", false, 0.01, 1.0e10, 2.0e8, 146.3, 0.24),
    ("alibaba", "Alibaba", true, 0.007, 3.0e10, 6.0e8, 143.9, 0.23),
    ("microsoft", "Microsoft", true, 0.0, 0.0, 0.0, f64::NAN, 0.6),
];

fn noise(run: usize, key: usize) -> f64 {
    let hash = crate::random::mix((run as u64) << 20 | key as u64);
    normal_quantile(((hash >> 11) as f64 + 0.5) / (1u64 << 53) as f64)
}

/// Statistics of one date.
fn stats(values: &[f64]) -> Stats {
    let mut known: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
    known.sort_by(f64::total_cmp);
    let n = known.len() as f64;
    if known.is_empty() {
        return Stats { n: 0, mean: f64::NAN, sd: f64::NAN, mcse: f64::NAN, quantiles: [f64::NAN; 7] };
    }
    let mean = known.iter().sum::<f64>() / n;
    let sd = (known.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / n).sqrt();
    let quantiles = QUANTILES.map(|p| density::quantile(&known, p));
    Stats { n: known.len() as u64, mean, sd, mcse: sd / n.sqrt(), quantiles }
}

impl Invented {
    fn new(start: Month) -> Invented {
        let labs = LABS
            .iter()
            .map(|l| Entity { id: l.0.into(), name: l.1.into(), colour: String::new(), division: l.2 })
            .collect();
        let provenance = Provenance {
            scenario: "baseline".into(),
            description: "An invented ensemble.".into(),
            runs: RUNS as u64,
            failed: 0,
            seed: 20_260_101,
            version: "0.1.0".into(),
            initial_observed: 48,
            initial_priors: 73,
            initial_priors_drawn: 41,
            start,
            end: start.plus(MONTHS),
            labs,
        };
        let mut out = Invented { provenance, summary: Summary::default(), horizon: Horizon::default() };
        out.labs();
        out.market();
        out
    }

    /// Adds a series of a function of run and month; and its last values to the horizon.
    fn add(&mut self, kind: TableKind, id: &str, metric: (&str, &str), unit: &str, f: impl Fn(usize, i32) -> f64) {
        let mut rows = Vec::new();
        let mut last = Vec::new();
        for t in 0..=MONTHS {
            last = (0..RUNS).map(|run| f(run, t)).collect();
            rows.push((self.provenance.start.plus(t), stats(&last)));
        }
        let series = Series {
            kind,
            metric: metric.0.into(),
            entity: id.into(),
            segment: metric.1.into(),
            unit: unit.into(),
            rows,
        };
        self.horizon.columns.push((kind, id.into(), material::column_name(&series)));
        self.horizon.values.push(last);
        self.summary.series.push(series);
    }

    fn labs(&mut self) {
        let pull = |run: usize, k: usize, t: i32| {
            let years = f64::from(t) / 12.0;
            LABS[k].3 * exp(0.45 * years.sqrt() * noise(run, k))
        };
        for (k, lab) in LABS.into_iter().enumerate() {
            let (id, years) = (lab.0, |t: i32| f64::from(t) / 12.0);
            // Cohere dies in nine runs of ten, and in all by the fourth year.
            let dead = |run: usize, t: i32| {
                id == "cohere" && (t > 48 || (t > 18 + (run % 30) as i32 && !run.is_multiple_of(10)))
            };
            let share = move |run: usize, t: i32| {
                if dead(run, t) {
                    return 0.0;
                }
                pull(run, k, t) / (0..10).map(|j| pull(run, j, t)).sum::<f64>()
            };
            self.add(TableKind::Labs, id, ("enterprise_share", ""), "fraction", share);
            self.add(TableKind::Labs, id, ("valuation_usd", ""), "USD", |run, t| {
                if dead(run, t) || lab.4 == 0.0 {
                    return f64::NAN;
                }
                let luck = 0.5 * noise(run, k) + 0.6 * noise(run, 100 + k);
                lab.4 * exp(0.28 * years(t) + luck * 1.3 * years(t).sqrt())
            });
            self.add(TableKind::Labs, id, ("revenue_run_rate_usd", ""), "USD per year", |run, t| {
                if dead(run, t) { 0.0 } else { lab.5 * exp(0.6 * years(t) + 0.5 * years(t).sqrt() * noise(run, k)) }
            });
            self.add(TableKind::Labs, id, ("capability_eci", ""), "ECI", |run, t| {
                if dead(run, t) {
                    return f64::NAN;
                }
                lab.6 + 11.0 * years(t) + 5.0 * years(t).sqrt() * noise(run, 200 + k)
            });
            self.add(TableKind::Labs, id, ("trust", "us"), "1", |run, t| {
                crate::math::logistic(ln(lab.7 / (1.0 - lab.7)) + 0.4 * years(t).sqrt() * noise(run, 300 + k))
            });
            self.add(TableKind::Labs, id, ("distressed", ""), "flag", |run, t| {
                let risk = 1.0 - lab.7 - 0.25;
                f64::from(u8::from(noise(run, 400 + k) < -2.2 + risk * years(t).sqrt()))
            });
            for (m, metric) in
                ["leads_share", "leads_value", "leads_capability", "turned_profitable", "acquired", "defaulted"]
                    .into_iter()
                    .enumerate()
            {
                self.add(TableKind::Labs, id, (metric, ""), "flag", |run, t| {
                    f64::from(u8::from(noise(run, 800 + 10 * m + k) < 2.0 * lab.3 - 1.6 + 0.2 * years(t)))
                });
            }
            self.add(TableKind::Labs, id, ("runway_months", ""), "months", |run, t| {
                (30.0 * exp(noise(run, 500 + k)) + 90.0 * (lab.7 - 0.4) - 0.2 * f64::from(t)).max(0.0)
            });
        }
    }

    fn market(&mut self) {
        let years = |t: i32| f64::from(t) / 12.0;
        for (k, (layer, level, growth)) in [
            ("chips", 1.0e11, 0.22),
            ("clouds", 4.0e10, 0.3),
            ("labs", -1.5e10, 0.2),
            ("hosting", 1.0e9, 0.4),
            ("applications", 5.0e9, 0.5),
        ]
        .into_iter()
        .enumerate()
        {
            let name = format!("profit_{layer}_usd");
            self.add(TableKind::Market, "market", (&name, ""), "USD per year", |run, t| {
                level * exp(growth * years(t)) + 1.5e10 * years(t) * noise(run, 600 + k)
            });
        }
        self.add(TableKind::Market, "market", ("users_surplus_usd", ""), "USD per year", |run, t| {
            4.0e11 * exp(0.5 * years(t) + 0.2 * years(t) * noise(run, 650))
        });
        for (k, (name, level, drift)) in [
            ("hhi", 0.28, -0.01),
            ("segmentation_index", 0.2, 0.03),
            ("open_weights_share", 0.11, 0.02),
            ("multi_model_share", 0.4, 0.07),
        ]
        .into_iter()
        .enumerate()
        {
            self.add(TableKind::Market, "market", (name, ""), "1", |run, t| {
                (level + drift * years(t) + 0.03 * years(t).sqrt() * noise(run, 700 + k)).clamp(0.0, 1.0)
            });
        }
    }

    fn material(&self) -> Material<'_> {
        Material { provenance: &self.provenance, summary: &self.summary, horizon: &self.horizon }
    }
}

/// Every kind of figure: the default ones, and each that takes a metric.
fn every_spec() -> Vec<FigureSpec> {
    let asked = [
        ("fan", "labs.*.revenue_run_rate_usd"),
        ("fan", "labs.openai.enterprise_share"),
        ("fan", "market.hhi"),
        ("lines", "labs.*.valuation_usd"),
        ("joint", "labs.*.capability_eci × labs.*.enterprise_share"),
        ("joint", "labs.*.enterprise_share × market.hhi"),
        ("joint", "labs.openai.enterprise_share × labs.anthropic.enterprise_share"),
        ("distribution", "labs.*.revenue_run_rate_usd"),
    ];
    let asked = asked.iter().map(|(kind, metric)| FigureSpec::parse(kind, metric).unwrap());
    FigureSpec::defaults().into_iter().chain(asked).collect()
}

fn draw_to(invented: &Invented, dir: &Path, specs: &[FigureSpec]) -> Drawn {
    draw_all(&invented.provenance, &invented.summary, &invented.horizon, dir, specs).unwrap()
}

#[test]
fn every_figure_is_written_as_png_of_the_size_promised_and_as_svg_without_fonts() {
    let dir = tempfile::tempdir().unwrap();
    // Set to keep the figures for the eye.
    let kept = std::env::var_os("AIMARKET_KEEP_FIGURES").map(PathBuf::from);
    let dir = kept.as_deref().unwrap_or(dir.path());
    let drawn = draw_to(&Invented::new(Month::new(2025, 12)), dir, &every_spec());
    assert_eq!(drawn.skipped, vec![]);
    assert_eq!(drawn.written.len(), 2 * every_spec().len());
    for path in &drawn.written {
        let bytes = std::fs::read(path).unwrap();
        if path.extension().is_some_and(|e| e == "png") {
            let size = |at: usize| u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
            assert_eq!((size(16), size(20)), (3200, 1800), "{}", path.display());
            assert!(bytes.len() < 2_000_000, "{} bytes", bytes.len());
        } else {
            let text = String::from_utf8(bytes).unwrap();
            assert!(text.starts_with("<svg") && !text.contains("<text"), "{}", path.display());
        }
    }
}

#[test]
fn no_word_of_any_figure_overlaps_another_or_leaves_the_page() {
    for start in [Month::new(2025, 12), Month::new(2024, 12)] {
        let invented = Invented::new(start);
        for spec in every_spec() {
            let Ok(picture) = spec.draw(invented.material()) else { panic!("{} is missing", spec.name()) };
            no_overlap(spec.name(), &picture);
        }
    }
}

#[test]
fn long_names_shrink_what_stands_beside_them_and_cover_nothing() {
    let mut invented = Invented::new(Month::new(2025, 12));
    for (i, lab) in invented.provenance.labs.iter_mut().enumerate() {
        lab.name = format!("International Consortium for Models No. {i}");
    }
    for spec in every_spec() {
        let Ok(picture) = spec.draw(invented.material()) else { panic!("{} is missing", spec.name()) };
        no_overlap(spec.name(), &picture);
    }
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

#[test]
fn the_figure_of_trust_shows_what_was_graded_and_names_who_has_no_value() {
    let mut invented = Invented::new(Month::new(2025, 12));
    let mut series = invented.summary.series.iter_mut();
    let blank = series.find(|s| s.entity == "microsoft" && s.metric == "trust").unwrap();
    blank.rows.iter_mut().for_each(|(_, s)| *s = stats(&[]));
    let Ok(picture) = lines::trust(invented.material()) else { panic!() };
    no_overlap("trust", &picture);
    let says = |part: &str| picture.canvas.words().iter().any(|(text, _)| text.contains(part));
    assert!(
        says("Without a value: Microsoft.") && says("history: FLI AI Safety Index, grade over 4.3") && says("observed")
    );
}

#[test]
fn claims_are_drawn_without_a_word_on_another() {
    let claim = |text: &str, probability: f64, outcome| claims::ClaimBar {
        text: text.into(),
        source: "seed 003".into(),
        probability,
        ci_low: (probability - 0.03).max(0.0),
        ci_high: (probability + 0.03).min(1.0),
        outcome,
        brier: outcome.map_or(f64::NAN, |o| (probability - f64::from(u8::from(o))).powi(2)),
        along_ridge: (probability > 0.3 && probability < 0.7).then_some((probability - 0.2, probability + 0.2)),
        conditional: outcome.is_none(),
    };
    let claims: Vec<claims::ClaimBar> = (0..25)
        .map(|i| match i % 3 {
            0 => claim(
                "OpenAI takes 55 to 60% of enterprise LLM use by Q2 2026, against an open-model coalition",
                0.02,
                Some(false),
            ),
            1 => claim("Infrastructure, not model vendors, earns most", 0.91, None),
            _ => claim(
                "Over 70% of the Global 2000 use several models, split by use case, by 2027",
                0.04 * f64::from(i),
                None,
            ),
        })
        .collect();
    let invented = Invented::new(Month::new(2025, 12));
    for some in [&claims[..3], &claims[..14], &claims] {
        let pages = claims::pages(invented.material(), some);
        assert_eq!(pages.len(), some.len().div_ceil(12));
        let mut texts = 0;
        for page in pages {
            let Ok(picture) = page else { panic!() };
            no_overlap("claims", &picture);
            texts += picture.canvas.words().iter().filter(|(text, _)| text == "seed 003").count();
            assert!(picture.canvas.words().iter().all(|(text, _)| !text.contains('…')));
        }
        assert_eq!(texts, some.len(), "every claim stands on a page");
    }
    let dir = tempfile::tempdir().unwrap();
    let kept = std::env::var_os("AIMARKET_KEEP_FIGURES").map(PathBuf::from);
    let drawn = draw_claims(&invented.provenance, &claims[..14], kept.as_deref().unwrap_or(dir.path())).unwrap();
    assert_eq!(drawn.written.len(), 4);
    assert_eq!(draw_claims(&invented.provenance, &[], dir.path()).unwrap().skipped.len(), 1);
}

#[test]
fn the_same_results_give_the_same_bytes() {
    let specs = [FigureSpec::parse("share_fan", "").unwrap(), FigureSpec::parse("joint_horizon", "").unwrap()];
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let a = draw_to(&Invented::new(Month::new(2024, 12)), one.path(), &specs);
    let b = draw_to(&Invented::new(Month::new(2024, 12)), two.path(), &specs);
    for (x, y) in a.written.iter().zip(&b.written) {
        assert!(std::fs::read(x).unwrap() == std::fs::read(y).unwrap(), "{}", x.display());
    }
}

#[test]
fn a_figure_without_its_metrics_is_skipped_with_the_reason() {
    let mut invented = Invented::new(Month::new(2025, 12));
    invented.summary = Summary::default();
    invented.horizon = Horizon::default();
    let dir = tempfile::tempdir().unwrap();
    let drawn = draw_to(&invented, dir.path(), &[]);
    assert!(drawn.written.is_empty());
    assert_eq!(drawn.skipped.len(), FigureSpec::defaults().len());
    assert!(drawn.skipped.iter().all(|s| s.reason.starts_with("the results hold no ")));
}

#[test]
fn an_ensemble_of_one_run_that_ends_at_its_start_is_drawn() {
    let mut invented = Invented::new(Month::new(2025, 12));
    invented.provenance.runs = 1;
    invented.provenance.end = invented.provenance.start;
    for series in &mut invented.summary.series {
        series.rows.truncate(1);
    }
    for values in &mut invented.horizon.values {
        values.truncate(1);
    }
    for spec in every_spec() {
        if let Ok(picture) = spec.draw(invented.material()) {
            picture.canvas.render(&picture.title).unwrap();
        }
    }
}

#[test]
fn history_after_the_start_is_shown_as_observed_later() {
    let later = |start| {
        let invented = Invented::new(start);
        let Ok(picture) = FigureSpec::standing(FigureKind::ShareFan).draw(invented.material()) else { panic!() };
        let says = |part: &str| picture.canvas.words().iter().any(|(text, _)| text.contains(part));
        let (key, note) = (says("observed after the start"), says("parameters were fitted to data of 2025"));
        assert_eq!(key, note);
        key
    };
    assert!(later(Month::new(2024, 12)));
    assert!(!later(Month::new(2025, 12)));
}

#[test]
fn the_star_of_a_division_stands_by_those_without_a_panel_of_their_own_too() {
    let mut invented = Invented::new(Month::new(2025, 12));
    // The least of all, so that it is among the others.
    let small =
        invented.summary.series.iter_mut().find(|s| s.entity == "alibaba" && s.metric == "valuation_usd").unwrap();
    for (_, stats) in &mut small.rows {
        stats.quantiles = stats.quantiles.map(|q| 1e-3 * q);
    }
    let Ok(picture) = multiples::valuation(invented.material()) else { panic!() };
    let words = picture.canvas.words();
    assert!(words.iter().any(|(text, _)| text.starts_with("Alibaba* $")), "{words:?}");
}

#[test]
fn two_runs_are_too_few_for_a_density_and_that_is_what_is_said() {
    let mut invented = Invented::new(Month::new(2025, 12));
    invented.provenance.runs = 2;
    invented.horizon.values.iter_mut().for_each(|v| v.truncate(2));
    for kind in [FigureKind::JointHorizon, FigureKind::DistributionHorizon] {
        let Err(Skip(reason)) = FigureSpec::standing(kind).draw(invented.material()) else { panic!() };
        assert!(
            reason.starts_with("a density takes ") && reason.ends_with(" runs or more, and there are 2"),
            "{reason}"
        );
    }
}

#[test]
fn the_runway_of_the_start_is_not_drawn_and_the_longest_has_a_plus() {
    let mut invented = Invented::new(Month::new(2025, 12));
    for series in invented.summary.series.iter_mut().filter(|s| s.metric == "runway_months") {
        series.rows[0].1.quantiles = [1e6; 7];
    }
    let series =
        invented.summary.series.iter_mut().find(|s| s.metric == "runway_months" && s.entity == "openai").unwrap();
    series.rows[1..].iter_mut().for_each(|(_, s)| s.quantiles = [120.0; 7]);
    let Ok(picture) = funding::funding(invented.material()) else { panic!() };
    let words = picture.canvas.words();
    assert!(words.iter().any(|(text, _)| text == "OpenAI 60+"), "{words:?}");
    assert_eq!(words.iter().filter(|(text, _)| text.ends_with(" 60+")).count(), 1);
}

#[test]
fn a_bad_figure_is_skipped_alone_and_titles_and_axes_are_those_asked_for() {
    let text = "extends = \"quick\"\n\
                [[figure]]\nkind = \"joint\"\nmetric = \"labs.openai.enterprise_share\"\n\
                [[figure]]\nkind = \"fan\"\nmetric = \"labs.*.valuation_usd\"\ntitle = \"Worth\"\nlog = false\n\
                [[figure]]\nkind = \"fan\"\nmetric = \"labs.*.valuation_usd\"\n\
                [[figure]]\nkind = \"joint\"\nmetric = \"labs.openai.enterprise_share\"\nagainst = \"market.hhi\"\n\
                [[figure]]\nkind = \"share_fan\"\n";
    let scenario = crate::scenario::Scenario::from_text("x.toml", text, &[]).unwrap();
    let (asked, skipped) = FigureSpec::asked(&scenario.figures);
    assert_eq!(skipped.len(), 1);
    assert!(skipped[0].reason.contains("labs.openai.enterprise_share"), "{}", skipped[0].reason);
    let names: Vec<&str> = asked.iter().map(FigureSpec::name).collect();
    assert_eq!(
        names,
        [
            "fan_labs_valuation_usd",
            "fan_labs_valuation_usd_no2",
            "joint_labs_openai_enterprise_share_market_hhi",
            "share_fan"
        ]
    );
    let invented = Invented::new(Month::new(2025, 12));
    let said = |at: usize| {
        let Ok(picture) = asked[at].draw(invented.material()) else { panic!() };
        picture.canvas.words().iter().map(|(text, _)| text.clone()).collect::<Vec<_>>().join("|")
    };
    assert!(said(0).contains("Worth") && !said(0).contains("log scale"));
    assert!(said(1).contains("Valuation") && said(1).contains("log scale"));
}

#[test]
fn a_scenario_s_figure_is_read_by_kind_and_metric() {
    let fan = FigureSpec::parse("fan", "labs.*.enterprise_share").unwrap();
    assert_eq!(fan.name(), "fan_labs_enterprise_share");
    assert_eq!(FigureSpec::parse("lines", "market.hhi").unwrap().name(), "lines_market_hhi");
    let joint = FigureSpec::parse("joint", "labs.*.enterprise_share x labs.*.valuation_usd").unwrap();
    assert_eq!(joint.metrics.len(), 2);
    assert!(matches!(FigureSpec::parse("pie", ""), Err(FigureError::UnknownKind { .. })));
    let words: Vec<(&str, bool)> = FigureKind::ALL.iter().map(|k| (k.word(), k.takes_metric())).collect();
    let known: Vec<(&str, bool)> =
        crate::scenario::notes::FIGURE_KINDS.iter().map(|(word, takes)| (*word, takes.start > 0)).collect();
    assert_eq!(words, known, "a scenario may ask for every kind that there is");
    for (kind, metric) in
        [("fan", ""), ("fan", "labs.enterprise_share"), ("joint", "market.hhi"), ("lines", "moons.*.x")]
    {
        assert!(matches!(FigureSpec::parse(kind, metric), Err(FigureError::BadMetric { .. })), "{kind} {metric}");
    }
}

#[test]
fn games_of_any_size_are_drawn_without_a_word_on_another() {
    use crate::experiment::game::{Payoff, Payoffs, analyse, board::Board, shape::Shape};

    let game = |sizes: &[usize], payoff: Payoff, runs: usize| {
        let shape = Shape::new(sizes.to_vec());
        let cells = sizes.len() * shape.profiles();
        let draw = |cell: usize, run: usize| match payoff {
            Payoff::Value => 9.0e11 + 1.0e11 * noise(0, cell) + 3.0e11 * noise(run, 900),
            Payoff::Share => 0.3 + 0.001 * noise(0, cell) + 0.05 * noise(run, 901 + cell),
            Payoff::Survival => 1.0,
        };
        let values = (0..cells).flat_map(|c| (0..runs).map(move |r| draw(c, r))).collect();
        Board::from(&analyse(payoff, &Payoffs { shape, runs, values }, 1))
    };
    let words = ["scale", "trust", "partner-with-everybody", "build", "race"];
    let mut invented = Invented::new(Month::new(2025, 12));
    let dir = tempfile::tempdir().unwrap();
    let kept = std::env::var_os("AIMARKET_KEEP_FIGURES").map(PathBuf::from);
    let kept = kept.as_deref().unwrap_or(dir.path());
    for long in [false, true] {
        if long {
            invented.provenance.labs[1].name = "International Consortium for Models".into();
        }
        for (k, sizes) in [&[2, 2][..], &[3, 2], &[5, 5], &[6, 2], &[2, 2, 2], &[3, 3, 3, 3]].into_iter().enumerate() {
            for payoff in Payoff::ALL {
                let board = game(sizes, payoff, 60);
                let players = sizes.iter().zip(LABS).map(|(n, lab)| {
                    (lab.0.to_string(), (0..*n).map(|s| words.get(s).map_or("other", |w| *w).to_string()).collect())
                });
                let title = "By valuation one equilibrium: OpenAI trust, Anthropic trust".to_string();
                let figure = GameFigure { title, runs: 60, players: players.collect(), board: &board };
                let Ok(picture) = game::draw(invented.material(), &figure) else { panic!("{sizes:?}") };
                no_overlap(&format!("game {sizes:?} {payoff:?}"), &picture);
                // The frame of an equilibrium and the marks of best replies are there for the cells that have them.
                let all = picture.canvas.words();
                assert!(all.iter().any(|(text, _)| text.contains("OpenAI")));
                if !long && payoff == Payoff::Value {
                    let drawn = draw_game(&invented.provenance, &figure, &kept.join(format!("game-{k}"))).unwrap();
                    assert!(drawn.written.iter().all(|p| p.is_file()) && drawn.written.len() == 2);
                }
            }
        }
    }
    // What a lab would gain by switching stands in its cell.
    let board = game(&[2, 2], Payoff::Survival, 60);
    let players =
        vec![("openai".into(), vec!["a".into(), "b".into()]), ("anthropic".into(), vec!["c".into(), "d".into()])];
    let figure = GameFigure { title: "t".into(), runs: 60, players, board: &board };
    let Ok(picture) = game::draw(invented.material(), &figure) else { panic!() };
    let said = picture.canvas.words().iter().filter(|(text, _)| text == "switching to d changes nothing").count();
    assert_eq!(said, 2);
}

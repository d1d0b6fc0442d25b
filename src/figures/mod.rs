//! Figures of an ensemble, PNG and SVG, made to be shown in a meeting.
//!
//! [`draw_all`] draws what a list of [`FigureSpec`] asks for. A figure is one file here and one variant of
//! [`FigureKind`]; [`theme`] holds the look, `canvas` turns drawings into files (plotters draws, resvg renders),
//! and `history` says what was observed. A figure whose metrics are not in the summary is skipped, with the reason.

mod canvas;
mod claims;
mod concentration;
mod convergence;
mod density;
mod differences;
mod distribution;
mod effects;
mod fan;
mod frame;
mod funding;
mod game;
mod geometry;
mod history;
mod joint;
mod labels;
mod lines;
mod material;
mod multiples;
mod overlay;
mod profits;
mod scale;
mod sensitivity;
mod sweep;
pub mod theme;
mod winners;

use std::path::{Path, PathBuf};

use crate::experiment::response::SweepMaterial;
use crate::experiment::summary::{Horizon, Provenance, Summary};
use crate::record::TableKind;
use crate::scenario::notes::metric_paths;
use canvas::Canvas;
pub use claims::ClaimBar;
pub use convergence::ConvergencePanel;
pub use effects::{Effect, EffectPanel};
pub use game::{GameFigure, draw_game};
use material::Material;
use rayon::prelude::*;
pub use sensitivity::{FactorMark, FactorPanel, Span, draw_sensitivity};

/// Why a figure could not be made.
#[derive(Debug, thiserror::Error)]
pub enum FigureError {
    /// A file could not be written.
    #[error("cannot write the figure {}: {error}", path.display())]
    Write {
        /// Where to.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// The drawing could not be turned into an image.
    #[error("cannot render the figure `{figure}`: {error}")]
    Drawing {
        /// Its title.
        figure: String,
        /// What the renderer said.
        error: String,
    },
    /// A figure that does not exist was asked for.
    #[error("`{word}` is not a kind of figure; there are: {}", known.join(", "))]
    UnknownKind {
        /// What was written.
        word: String,
        /// The kinds there are.
        known: Vec<&'static str>,
    },
    /// A figure was asked for without the metric that it needs, or with one that cannot be read.
    #[error("a figure of kind `{kind}` cannot read the metric `{metric}`; write for example `{example}`")]
    BadMetric {
        /// Kind of figure.
        kind: &'static str,
        /// What was written.
        metric: String,
        /// What would do.
        example: &'static str,
    },
}

/// Kinds of figures. The first eleven stand alone; the last four take a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FigureKind {
    /// Enterprise share by lab.
    ShareFan,
    /// Valuation by lab.
    ValuationFan,
    /// Revenue run-rate by lab.
    RunRateFan,
    /// Capability by lab.
    CapabilityRace,
    /// Trust by lab.
    Trust,
    /// Share × valuation at the horizon.
    JointHorizon,
    /// Distribution of share and valuation at the horizon.
    DistributionHorizon,
    /// Who leads, turns a profit or is gone: probabilities by lab.
    WhoWins,
    /// Profit by layer of the industry.
    WhoProfits,
    /// Concentration, segmentation, open weights, multi-sourcing.
    Concentration,
    /// Probability of distress, and runway.
    FundingRunway,
    /// Small multiples of a metric, a fan an agent.
    Fan,
    /// Medians of a metric, a line an agent.
    Lines,
    /// Joint density of two metrics at the horizon, written `one × other`, `one x other` or `one, other`.
    Joint,
    /// Distribution of a metric at the horizon, or of several parted by commas.
    Distribution,
}

impl FigureKind {
    /// All kinds, the default figures first.
    pub const ALL: [FigureKind; 15] = [
        FigureKind::ShareFan,
        FigureKind::ValuationFan,
        FigureKind::RunRateFan,
        FigureKind::CapabilityRace,
        FigureKind::Trust,
        FigureKind::JointHorizon,
        FigureKind::DistributionHorizon,
        FigureKind::WhoWins,
        FigureKind::WhoProfits,
        FigureKind::Concentration,
        FigureKind::FundingRunway,
        FigureKind::Fan,
        FigureKind::Lines,
        FigureKind::Joint,
        FigureKind::Distribution,
    ];
    /// The word that stands in scenarios and file names.
    pub fn word(self) -> &'static str {
        match self {
            FigureKind::ShareFan => "share_fan",
            FigureKind::ValuationFan => "valuation_fan",
            FigureKind::RunRateFan => "run_rate_fan",
            FigureKind::CapabilityRace => "capability_race",
            FigureKind::Trust => "trust",
            FigureKind::JointHorizon => "joint_horizon",
            FigureKind::DistributionHorizon => "distribution_horizon",
            FigureKind::WhoWins => "who_wins",
            FigureKind::WhoProfits => "who_profits",
            FigureKind::Concentration => "concentration",
            FigureKind::FundingRunway => "funding_runway",
            FigureKind::Fan => "fan",
            FigureKind::Lines => "lines",
            FigureKind::Joint => "joint",
            FigureKind::Distribution => "distribution",
        }
    }
    /// Whether the kind needs a metric.
    pub fn takes_metric(self) -> bool {
        matches!(self, FigureKind::Fan | FigureKind::Lines | FigureKind::Joint | FigureKind::Distribution)
    }
}

/// A figure asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FigureSpec {
    kind: FigureKind,
    metrics: Vec<(TableKind, String, String)>,
    name: String,
    title: String,
    log: Option<bool>,
}

impl FigureSpec {
    /// Reads a figure as a scenario writes it: its kind, and its metric (empty where the kind takes none), for
    /// example `fan` and `labs.*.enterprise_share`.
    pub fn parse(kind: &str, metric: &str) -> Result<FigureSpec, FigureError> {
        FigureSpec::of_paths(kind, &metric_paths(metric).collect::<Vec<_>>())
    }
    /// The figures that a scenario asks for, and those that cannot be drawn with the reason. Two of one name are numbered.
    pub fn asked(figures: &[crate::scenario::FigureSpec]) -> (Vec<FigureSpec>, Vec<Skipped>) {
        let (mut asked, mut skipped): (Vec<FigureSpec>, Vec<Skipped>) = (Vec::new(), Vec::new());
        for figure in figures {
            match FigureSpec::of_paths(&figure.kind, &figure.paths().collect::<Vec<_>>()) {
                Ok(spec) => {
                    let same = asked
                        .iter()
                        .filter(|s| s.name == spec.name || s.name.starts_with(&format!("{}_no", spec.name)));
                    let name = match same.count() {
                        0 => spec.name.clone(),
                        n => format!("{}_no{}", spec.name, n + 1),
                    };
                    asked.push(FigureSpec { name, title: figure.title.clone(), log: figure.log, ..spec });
                }
                Err(error) => skipped.push(Skipped { figure: figure.kind.clone(), reason: error.to_string() }),
            }
        }
        (asked, skipped)
    }
    fn of_paths(kind: &str, paths: &[&str]) -> Result<FigureSpec, FigureError> {
        let Some(found) = FigureKind::ALL.into_iter().find(|k| k.word() == kind) else {
            let known = FigureKind::ALL.iter().map(|k| k.word()).collect();
            return Err(FigureError::UnknownKind { word: kind.to_owned(), known });
        };
        if !found.takes_metric() {
            return Ok(FigureSpec::standing(found));
        }
        let wrong = || FigureError::BadMetric {
            kind: found.word(),
            metric: paths.join(", "),
            example: match found {
                FigureKind::Joint => "labs.*.enterprise_share × labs.*.valuation_usd",
                _ => "labs.*.enterprise_share",
            },
        };
        let metrics: Option<Vec<_>> = paths.iter().map(|path| metric_path(path)).collect();
        let metrics = metrics.ok_or_else(wrong)?;
        let fits = match found {
            FigureKind::Joint => metrics.len() == 2,
            FigureKind::Distribution => (1..=3).contains(&metrics.len()),
            _ => metrics.len() == 1,
        };
        if !fits {
            return Err(wrong());
        }
        let mut name = found.word().to_owned();
        for (table, entity, column) in &metrics {
            let entity = if entity == "*" || entity == "market" { String::new() } else { format!("_{entity}") };
            name.push_str(&format!("_{}{entity}_{column}", table.word()));
        }
        let name = name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' }).collect();
        Ok(FigureSpec { metrics, name, ..FigureSpec::standing(found) })
    }
    /// The figures that are drawn where a scenario asks for none.
    pub fn defaults() -> Vec<FigureSpec> {
        FigureKind::ALL.into_iter().filter(|k| !k.takes_metric()).map(FigureSpec::standing).collect()
    }
    /// Name of its files, without extension.
    pub fn name(&self) -> &str {
        &self.name
    }
    fn standing(kind: FigureKind) -> FigureSpec {
        FigureSpec { kind, metrics: Vec::new(), name: kind.word().to_owned(), title: String::new(), log: None }
    }
    fn draw(&self, material: Material) -> Drawing {
        let path = |at: usize| {
            let (kind, entity, column) = &self.metrics[at];
            (*kind, entity.as_str(), column.as_str())
        };
        let titled = |usual: String| if self.title.is_empty() { usual } else { self.title.clone() };
        match self.kind {
            FigureKind::ShareFan => multiples::share(material),
            FigureKind::ValuationFan => multiples::valuation(material),
            FigureKind::RunRateFan => multiples::run_rate(material),
            FigureKind::CapabilityRace => lines::capability(material),
            FigureKind::Trust => lines::trust(material),
            FigureKind::JointHorizon => joint::share_and_valuation(material),
            FigureKind::DistributionHorizon => distribution::share_and_valuation(material),
            FigureKind::WhoWins => winners::winners(material),
            FigureKind::WhoProfits => profits::profits(material),
            FigureKind::Concentration => concentration::concentration(material),
            FigureKind::FundingRunway => funding::funding(material),
            FigureKind::Fan => {
                let (kind, entity, column) = path(0);
                multiples::generic(material, (kind, entity, column), &titled(material::words(column)), self.log)
            }
            FigureKind::Lines => {
                let (kind, entity, column) = path(0);
                lines::generic(material, (kind, entity, column), &titled(material::words(column)), self.log)
            }
            FigureKind::Joint => {
                // Herfindahl is a name and keeps its capital.
                let second = material::words(path(1).2);
                let second = if path(1).2 == "hhi" { second } else { second.to_lowercase() };
                let title = format!("{} and {second}", material::words(path(0).2));
                joint::draw(material, path(0), path(1), &titled(title), self.log)
            }
            FigureKind::Distribution => {
                let paths: Vec<joint::Path> = (0..self.metrics.len()).map(path).collect();
                let title = format!("{} at the horizon", material::words(paths[0].2));
                distribution::draw(material, &paths, &titled(title), self.log)
            }
        }
    }
}

/// Reads `table.agent.column`, or `market.column`; `*` stands for every agent.
fn metric_path(text: &str) -> Option<(TableKind, String, String)> {
    let mut parts = text.split('.');
    let table = parts.next()?;
    let kind = TableKind::ALL.into_iter().find(|k| k.word() == table)?;
    let rest: Vec<&str> = parts.collect();
    match (kind, rest.as_slice()) {
        (TableKind::Market, [column]) if !column.is_empty() => Some((kind, "*".to_owned(), (*column).to_owned())),
        (_, [entity, column]) if !entity.is_empty() && !column.is_empty() => {
            Some((kind, (*entity).to_owned(), (*column).to_owned()))
        }
        _ => None,
    }
}

/// A figure that was not drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// Its name.
    pub figure: String,
    /// Why not.
    pub reason: String,
}

/// What [`draw_all`] did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drawn {
    /// Files written, in the order of the figures: the PNG, then the SVG.
    pub written: Vec<PathBuf>,
    /// Figures left out because the results hold nothing to draw.
    pub skipped: Vec<Skipped>,
}

impl Drawn {
    /// Writes a figure's files, or notes why there are none.
    fn take(&mut self, dir: &Path, name: &str, files: Rendered) -> Result<(), FigureError> {
        let (svg, png) = match files? {
            Ok(files) => files,
            Err(Skip(reason)) => {
                self.skipped.push(Skipped { figure: name.to_owned(), reason });
                return Ok(());
            }
        };
        for (extension, bytes) in [("png", png.as_slice()), ("svg", svg.as_bytes())] {
            let path = dir.join(format!("{name}.{extension}"));
            std::fs::write(&path, bytes).map_err(|error| FigureError::Write { path: path.clone(), error })?;
            self.written.push(path);
        }
        Ok(())
    }
}

/// Nothing to draw, and why.
struct Skip(String);

impl Skip {
    fn absent(what: &str) -> Skip {
        Skip(format!("the results hold no {what}"))
    }
    /// Fewer runs than a density takes.
    fn few(runs: u64, least: usize) -> Skip {
        Skip(format!("a density takes {least} runs or more, and there {} {runs}", if runs == 1 { "is" } else { "are" }))
    }
}

/// A figure that is drawn but not rendered.
struct Picture {
    canvas: Canvas,
    title: String,
}

/// A drawing, or why there is none.
type Drawing = Result<Picture, Skip>;

/// The SVG and the PNG of a figure, or why there are none.
type Rendered = Result<Result<(String, Vec<u8>), Skip>, FigureError>;

fn render(drawing: Drawing) -> Rendered {
    match drawing {
        Ok(picture) => picture.canvas.render(&picture.title).map(Ok),
        Err(skip) => Ok(Err(skip)),
    }
}

/// Draws figures into a folder, which is created; each as `<name>.png` and `<name>.svg`.
///
/// `figures` is what the scenario asks for; an empty list means [`FigureSpec::defaults`]. The same input gives
/// the same bytes.
pub fn draw_all(
    provenance: &Provenance,
    summary: &Summary,
    horizon: &Horizon,
    dir: &Path,
    figures: &[FigureSpec],
) -> Result<Drawn, FigureError> {
    let material = Material { provenance, summary, horizon };
    let defaults = if figures.is_empty() { FigureSpec::defaults() } else { Vec::new() };
    std::fs::create_dir_all(dir).map_err(|error| FigureError::Write { path: dir.to_owned(), error })?;
    let mut drawn = Drawn::default();
    let asked: Vec<&FigureSpec> = figures.iter().chain(&defaults).collect();
    let rendered: Vec<Rendered> = asked.par_iter().map(|figure| render(figure.draw(material))).collect();
    for (figure, files) in asked.iter().zip(rendered) {
        drawn.take(dir, &figure.name, files)?;
    }
    Ok(drawn)
}

/// Draws paired differences into a folder, as `<name>.png` and `<name>.svg`.
pub fn draw_effects(
    provenance: &Provenance,
    (title, subtitle): (&str, &str),
    panels: &[EffectPanel],
    dir: &Path,
    name: &str,
) -> Result<Drawn, FigureError> {
    let (summary, horizon) = (Summary::default(), Horizon::default());
    let material = Material { provenance, summary: &summary, horizon: &horizon };
    std::fs::create_dir_all(dir).map_err(|error| FigureError::Write { path: dir.to_owned(), error })?;
    let mut drawn = Drawn::default();
    drawn.take(dir, name, render(effects::effects(material, title, subtitle, panels)))?;
    Ok(drawn)
}

/// Draws the probabilities of claims into a folder, as `claims.png` and `claims.svg`; where there are many, also `claims_2` and so on.
pub fn draw_claims(provenance: &Provenance, claims: &[ClaimBar], dir: &Path) -> Result<Drawn, FigureError> {
    let (summary, horizon) = (Summary::default(), Horizon::default());
    let material = Material { provenance, summary: &summary, horizon: &horizon };
    std::fs::create_dir_all(dir).map_err(|error| FigureError::Write { path: dir.to_owned(), error })?;
    let mut drawn = Drawn::default();
    for (page, drawing) in claims::pages(material, claims).into_iter().enumerate() {
        let name = if page == 0 { "claims".to_owned() } else { format!("claims_{}", page + 1) };
        drawn.take(dir, &name, render(drawing))?;
    }
    Ok(drawn)
}

/// Draws what fits the design of a sweep into a folder: response curves, heatmaps and tornado charts, each as `<name>.png`
/// and `<name>.svg`.
///
/// `provenance.runs` are the runs of all points together. A metric that the sweep does not hold is skipped.
pub fn draw_sweep(provenance: &Provenance, what: &SweepMaterial, dir: &Path) -> Result<Drawn, FigureError> {
    let (summary, horizon) = (Summary::default(), Horizon::default());
    let material = Material { provenance, summary: &summary, horizon: &horizon };
    std::fs::create_dir_all(dir).map_err(|error| FigureError::Write { path: dir.to_owned(), error })?;
    let mut drawn = Drawn::default();
    let (names, drawings): (Vec<String>, Vec<Drawing>) = sweep::drawings(material, what).into_iter().unzip();
    let rendered: Vec<Rendered> = drawings.into_par_iter().map(render).collect();
    for (name, files) in names.iter().zip(rendered) {
        drawn.take(dir, name, files)?;
    }
    Ok(drawn)
}

/// Draws paired differences in a column of the labs over time into a folder. The statistics of `summary` are of the differences: `mean` is
/// their mean and `mcse` its standard error.
pub fn draw_differences(
    provenance: &Provenance,
    (title, subtitle): (&str, &str),
    (summary, column): (&Summary, &str),
    dir: &Path,
    name: &str,
) -> Result<Drawn, FigureError> {
    let material = Material { provenance, summary, horizon: &Horizon::default() };
    std::fs::create_dir_all(dir).map_err(|error| FigureError::Write { path: dir.to_owned(), error })?;
    let mut drawn = Drawn::default();
    drawn.take(dir, name, render(differences::differences(material, title, subtitle, column)))?;
    Ok(drawn)
}

/// Draws how means settle into a folder, as `convergence.png` and `convergence.svg`; `stopped` is the number of runs that were enough.
pub fn draw_convergence(
    provenance: &Provenance,
    subtitle: &str,
    panels: &[ConvergencePanel],
    stopped: Option<u64>,
    dir: &Path,
) -> Result<Drawn, FigureError> {
    let (summary, horizon) = (Summary::default(), Horizon::default());
    let material = Material { provenance, summary: &summary, horizon: &horizon };
    std::fs::create_dir_all(dir).map_err(|error| FigureError::Write { path: dir.to_owned(), error })?;
    let mut drawn = Drawn::default();
    drawn.take(dir, "convergence", render(convergence::convergence(material, subtitle, panels, stopped)))?;
    Ok(drawn)
}

#[cfg(test)]
mod tests;

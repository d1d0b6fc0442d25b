//! `aimarket plot DIR`

use std::path::Path;

use super::arguments::PlotArguments;
use super::failure::{Failure, OUTPUT};
use crate::figures::{Drawn, FigureSpec, draw_all};
use crate::output::{Results, read};
use crate::scenario::Scenario;

/// Redraws the figures of a results folder.
pub fn plot(arguments: &PlotArguments) -> Result<(), Failure> {
    let results = read(&arguments.dir)?;
    let file = arguments.dir.join("scenario.toml");
    let scenario = Scenario::load(&file.to_string_lossy(), &[]).map_err(|faults| Failure::faults(&faults))?;
    let drawn = draw(&scenario, &results, &arguments.dir)?;
    tell(&drawn);
    for path in &drawn.written {
        anstream::println!("{}", path.display());
    }
    Ok(())
}

/// Draws what the scenario asks for, or the usual figures, into `figures/` of a results folder.
pub fn draw(scenario: &Scenario, results: &Results, folder: &Path) -> Result<Drawn, Failure> {
    let wrong = |e: crate::figures::FigureError| Failure::new(OUTPUT, e);
    let asked = scenario.figures.iter().map(|f| FigureSpec::parse(&f.kind, &f.metric));
    let asked: Vec<FigureSpec> = asked.collect::<Result<_, _>>().map_err(wrong)?;
    let Results { provenance, summary, horizon, .. } = results;
    draw_all(provenance, summary, horizon, &folder.join("figures"), &asked).map_err(wrong)
}

/// Says which figures were left out, and why.
pub fn tell(drawn: &Drawn) {
    for skipped in &drawn.skipped {
        anstream::eprintln!("no figure {}: {}", skipped.figure, skipped.reason);
    }
}

//! Scenarios: read, extend, overlay, check; what is uncertain; what happens when.
//!
//! ```text
//! overlay    files and --set merged into one table     (document: the table and its places)
//! read       the table into Parameters                 (nodes: which path stands where)
//! uncertain  distributions, drawn once a run           (distribution)
//! timeline   events, their dates in a run, the parameters then in force
//! claims     claims and the language of their tests
//! notes      figures, sources, a sweep;  vary: paths and distributions that a command names
//! game       labs as players, and their strategies
//! check      the whole: names, sums, dates, sizes      (fault: what, where, what would do)
//! resolve    the scenario written out in full; its hash
//! describe   what there is, for lists;  schema: the same for editors
//! ```

use crate::fields::{Kind, Tag, Value};

pub mod check;
pub mod claims;
pub mod describe;
pub mod distribution;
pub mod document;
pub mod fault;
pub mod game;
pub mod nodes;
pub mod notes;
pub mod overlay;
pub mod parameters;
pub mod read;
pub mod resolve;
pub mod schema;
pub mod shipped;
pub mod timeline;
pub mod uncertain;
pub mod vary;

pub use claims::Claim;
pub use distribution::Distribution;
pub use fault::{Fault, Where};
pub use game::GameSpec;
pub use notes::{Basis, FigureSpec, Source, Sources, SweepSpec};
pub use parameters::Parameters;
pub use timeline::{Event, Realised, Timeline, Transfer, When};
pub use uncertain::{Ridge, Role, Uncertain};

use document::Node;
use nodes::{CompiledPath, Setting};
use overlay::{Lookalike, Merged};
use read::Reader;

/// A scenario, read and checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// Name; that of its file where it gives none.
    pub name: String,
    /// What it is about.
    pub description: String,
    /// Every value, before any draw or event.
    pub parameters: Parameters,
    /// What is drawn once a run.
    pub uncertain: Uncertain,
    /// What happens when.
    pub events: Timeline,
    /// Claims to be scored.
    pub claims: Vec<Claim>,
    /// Figures asked for; none for the usual ones.
    pub figures: Vec<FigureSpec>,
    /// Sources of values by path.
    pub sources: Sources,
    /// The sweep that the file asks for.
    pub sweep: Option<SweepSpec>,
    /// The game that the file asks for.
    pub game: Option<GameSpec>,
    /// What `check` says of a scenario without faults: new agents that may be old ones misspelt.
    pub notes: Vec<String>,
    hash: String,
}

impl Scenario {
    /// Reads a scenario: a path, or the name of a shipped one. `overlays` are (path, value) laid over it in
    /// order, the value as TOML or a bare word. All faults are reported at once.
    pub fn load(what: &str, overlays: &[(String, String)]) -> Result<Scenario, Vec<Fault>> {
        Scenario::load_and(what, overlays, &|_, _| Vec::new())
    }

    /// As [`Scenario::load`], with a check of what this floor does not know, whose faults are told with the others. It is
    /// shown the scenario as read, and whether that is without faults so far.
    pub fn load_and(
        what: &str,
        overlays: &[(String, String)],
        check: &dyn Fn(&Scenario, bool) -> Vec<Fault>,
    ) -> Result<Scenario, Vec<Fault>> {
        Scenario::resolve(overlay::load(what, overlays)?, check)
    }

    /// Reads a scenario from its text; its parents are the shipped ones. `name` stands in messages.
    pub fn from_text(name: &str, text: &str, overlays: &[(String, String)]) -> Result<Scenario, Vec<Fault>> {
        Scenario::resolve(overlay::load_text(name, text, overlays)?, &|_, _| Vec::new())
    }

    fn resolve(mut merged: Merged, also: &dyn Fn(&Scenario, bool) -> Vec<Fault>) -> Result<Scenario, Vec<Fault>> {
        let faults = std::mem::take(&mut merged.faults);
        let tree = &merged.tree;
        let mut reader = Reader { layers: &merged.layers, removed: &merged.removed, faults };
        let mut parameters = read::parameters(&merged, &mut reader);
        let table = |name: &str| tree.get(name).and_then(Node::table);
        let uncertain = uncertain::read(&mut reader, table("uncertain"), &mut parameters);
        let events = timeline::read(&mut reader, tree.get("event"), &parameters);
        let claims = claims::read(&mut reader, tree.get("claim"), &events);
        let figures = notes::figures(&mut reader, tree.get("figure"));
        let sources = notes::sources(&mut reader, table("sources"), &parameters);
        let sweep = notes::sweep(&mut reader, tree.get("sweep"), &parameters);
        let game = game::read(&mut reader, tree.get("game"), &parameters);
        let mut text_of = |name: &str| match tree.get(name) {
            Some(node) => reader.text(node, name).unwrap_or_default().to_string(),
            None => String::new(),
        };
        let (mut name, description) = (text_of("name"), text_of("description"));
        if name.is_empty() {
            let file = std::path::Path::new(&merged.file);
            name = file.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
        }
        // Sums over values that could not be read would only repeat those faults in other words.
        if reader.faults.is_empty() {
            check::check(&mut reader, tree, &parameters, &events);
        }
        let mut faults = reader.faults;
        let mut scenario = Scenario {
            name,
            description,
            parameters,
            uncertain,
            events,
            claims,
            figures,
            sources,
            sweep,
            game,
            notes: merged.lookalikes.iter().map(Lookalike::told).collect(),
            hash: String::new(),
        };
        faults.extend(also(&scenario, faults.is_empty()));
        if !faults.is_empty() {
            faults.sort_by_key(Fault::line);
            faults.dedup();
            faults.iter_mut().for_each(|fault| merged.lookalikes.iter().for_each(|like| like.hint(fault)));
            return Err(faults);
        }
        scenario.hash = resolve::hash(&scenario);
        Ok(scenario)
    }

    /// Lays the draws of a run over the nominal values, into `into`; returns them in the order of
    /// [`Scenario::draw_paths`].
    pub fn draw(&self, seed: u64, run: u64, into: &mut Parameters) -> Vec<f64> {
        self.draw_at(seed, run, &[], into)
    }

    /// As [`Scenario::draw`], with the values at given probabilities where `at` gives them ([`Uncertain::lay_at`]).
    pub fn draw_at(&self, seed: u64, run: u64, at: &[Option<f64>], into: &mut Parameters) -> Vec<f64> {
        into.clone_from(&self.parameters);
        self.uncertain.lay_at(seed, run, at, into)
    }

    /// Paths of the uncertain values, the columns of `draws.parquet`.
    pub fn draw_paths(&self) -> Vec<String> {
        self.uncertain.paths().map(str::to_string).collect()
    }

    /// The scenario in full: every value explicit. Read again it gives the same results.
    pub fn to_toml(&self) -> String {
        resolve::to_toml(self)
    }

    /// SHA-256 of [`Scenario::to_toml`], in hexadecimal.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// The basis of a value: its own source, then that of the table of numbers it is in; without one a draw
    /// is a prior, and otherwise the tag of its field counts. `None` for a setting.
    pub fn basis(&self, path: &str, place: &CompiledPath) -> Option<Basis> {
        let map = path.rsplit_once('.').map(|(map, _)| map).filter(|_| place.is_entry());
        let own = self.sources.get(path).or_else(|| self.sources.get(map?));
        match own {
            Some(source) => Some(source.basis),
            None if self.uncertain.of(path).is_some() => Some(Basis::Prior),
            None => match place.field()?.tag {
                Tag::Fitted => Some(Basis::Observed),
                Tag::Derived => Some(Basis::Derived),
                Tag::Prior => Some(Basis::Prior),
                Tag::Setting => None,
            },
        }
    }

    /// How many values of the initial state are observed or derived from observations, and how many are
    /// priors. Each number of a map counts.
    pub fn initial_provenance(&self) -> (usize, usize) {
        let (mut observed, mut priors) = (0, 0);
        let mut count = |basis: Option<Basis>| match basis {
            Some(Basis::Observed | Basis::Derived) => observed += 1,
            Some(Basis::Prior) => priors += 1,
            None => {}
        };
        for (path, place) in nodes::all_paths(&self.parameters) {
            let Some(field) = place.field().filter(|f| nodes::is_sourced_start(f)) else { continue };
            if field.kind != Kind::Keyed {
                count(self.basis(&path, &place));
                continue;
            }
            if let Some(Setting::Value(Value::Keyed(map))) = place.get(&self.parameters) {
                for name in map.keys() {
                    count(self.basis(&format!("{path}.{name}"), &place.entry(name)));
                }
            }
        }
        (observed, priors)
    }
}

#[cfg(test)]
mod tests;

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
//! check      the whole: names, sums, dates, sizes      (fault: what, where, what would do; unsound: what could not be read)
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
pub mod unsound;
pub mod vary;

pub use claims::Claim;
pub use distribution::Distribution;
pub use fault::{Fault, Where};
pub use game::GameSpec;
pub use notes::{Basis, FigureSpec, Source, Sources, SweepSpec};
pub use parameters::Parameters;
pub use timeline::{Event, Realised, Timeline, Transfer, When};
pub use uncertain::{Ridge, Role, Uncertain};
pub use unsound::Unsound;

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
    /// What `check` says of a scenario without faults: new agents that may be old ones misspelt, what is left out.
    pub notes: Vec<String>,
    /// Where each lab's compute was written.
    lab_places: Places,
    hash: String,
}

/// Places of agents by id. Where something was written is not what it says: all are equal.
#[derive(Clone, Debug, Default)]
struct Places(Vec<(String, Where)>);

impl PartialEq for Places {
    fn eq(&self, _: &Places) -> bool {
        true
    }
}

impl Scenario {
    /// Reads a scenario: a path, or the name of a shipped one. `overlays` are (path, value) laid over it in
    /// order, the value as TOML or a bare word. All faults are reported at once.
    pub fn load(what: &str, overlays: &[(String, String)]) -> Result<Scenario, Vec<Fault>> {
        Scenario::load_and(what, overlays, &|_, _| Vec::new())
    }

    /// As [`Scenario::load`], with a check of what this floor does not know, whose faults are told with the others. It is
    /// shown the scenario as read, and what of it could not be read.
    pub fn load_and(
        what: &str,
        overlays: &[(String, String)],
        check: &dyn Fn(&Scenario, &Unsound) -> Vec<Fault>,
    ) -> Result<Scenario, Vec<Fault>> {
        Scenario::resolve(overlay::load(what, overlays)?, check)
    }

    /// Reads a scenario from its text; its parents are the shipped ones. `name` stands in messages.
    pub fn from_text(name: &str, text: &str, overlays: &[(String, String)]) -> Result<Scenario, Vec<Fault>> {
        Scenario::resolve(overlay::load_text(name, text, overlays)?, &|_, _| Vec::new())
    }

    fn resolve(mut merged: Merged, also: &dyn Fn(&Scenario, &Unsound) -> Vec<Fault>) -> Result<Scenario, Vec<Fault>> {
        let faults = std::mem::take(&mut merged.faults);
        let unsound = std::mem::take(&mut merged.unsound);
        let tree = &merged.tree;
        let mut reader = Reader { layers: &merged.layers, removed: &merged.removed, faults, unsound };
        let mut parameters = read::parameters(&merged, &mut reader);
        let table = |name: &str| tree.get(name).and_then(Node::table);
        let uncertain = uncertain::read(&mut reader, table("uncertain"), &mut parameters);
        let events = timeline::read(&mut reader, tree.get("event"), &parameters);
        let late = timeline::notes(tree.get("event"), &events, &parameters);
        let claims = claims::read(&mut reader, tree.get("claim"), &events);
        let (figures, left_out) = notes::figures(&mut reader, tree.get("figure"));
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
        check::check(&mut reader, tree, &parameters, &events);
        let place_of = |id: &str| {
            let entry = tree.towards(&format!("labs.{id}.rented_h100e"))?;
            let at = if entry.node.table().is_some() { entry.name_at } else { entry.node.at };
            Some((id.to_string(), merged.layers.fault(at, "", None).place))
        };
        let lab_places = Places(parameters.labs.iter().filter_map(|lab| place_of(&lab.id)).collect());
        let Reader { mut faults, unsound, .. } = reader;
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
            notes: merged.lookalikes.iter().map(Lookalike::told).chain(left_out).chain(late).collect(),
            lab_places,
            hash: String::new(),
        };
        faults.extend(also(&scenario, &unsound));
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

    /// A fault of the compute that a lab has, where that was written.
    pub fn fault_of_compute(&self, lab: &str, message: String, hint: String) -> Fault {
        let place = self.lab_places.0.iter().find(|(id, _)| id == lab).map(|(_, place)| place.clone());
        Fault { place: place.unwrap_or_else(|| Where::Whole(self.name.clone())), message, hint: Some(hint) }
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

    /// The values of the initial state: path, basis, and whether it is drawn once a run. Each number of a map counts.
    pub fn initial_values(&self) -> Vec<(String, Basis, bool)> {
        let mut found = Vec::new();
        let mut add = |path: String, basis: Option<Basis>| {
            let drawn = self.uncertain.of(&path).is_some();
            found.extend(basis.map(|basis| (path, basis, drawn)));
        };
        for (path, place) in nodes::all_paths(&self.parameters) {
            let Some(field) = place.field().filter(|f| nodes::is_sourced_start(f)) else { continue };
            if field.kind != Kind::Keyed {
                let basis = self.basis(&path, &place);
                add(path, basis);
                continue;
            }
            if let Some(Setting::Value(Value::Keyed(map))) = place.get(&self.parameters) {
                for name in map.keys() {
                    let path = format!("{path}.{name}");
                    let basis = self.basis(&path, &place.entry(name));
                    add(path, basis);
                }
            }
        }
        found
    }

    /// What the values of the initial state rest on.
    pub fn initial_provenance(&self) -> InitialProvenance {
        let mut found = InitialProvenance::default();
        for (_, basis, drawn) in self.initial_values() {
            match basis {
                Basis::Observed | Basis::Derived => found.observed += 1,
                Basis::Prior => {
                    found.priors += 1;
                    found.drawn += usize::from(drawn);
                }
            }
        }
        found
    }
}

/// What the values of an initial state rest on, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct InitialProvenance {
    /// Observed, or derived from observations.
    pub observed: usize,
    /// Priors.
    pub priors: usize,
    /// Those of the priors that are drawn once a run; the others are fixed points, whose uncertainty no band holds.
    pub drawn: usize,
}

#[cfg(test)]
mod tests;

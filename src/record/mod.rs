//! What is recorded of a run: metrics with unit and meaning, laid out in tables by agent kind.

pub mod claims;
pub mod figures;
pub mod metrics;
pub mod readings;

use crate::scenario::Parameters;
use crate::units::Month;
use metrics::{Metric, SegmentMetric};

/// A table of results: one agent kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TableKind {
    /// `labs.parquet`
    Labs,
    /// `clouds.parquet`
    Clouds,
    /// `regulators.parquet`
    Regulators,
    /// `investors.parquet`
    Investors,
    /// `market.parquet`
    Market,
}

impl TableKind {
    /// All, in the order of the layout.
    pub const ALL: [TableKind; 5] =
        [TableKind::Labs, TableKind::Clouds, TableKind::Regulators, TableKind::Investors, TableKind::Market];
    /// The word that stands in metric paths and file names.
    pub fn word(self) -> &'static str {
        match self {
            TableKind::Labs => "labs",
            TableKind::Clouds => "clouds",
            TableKind::Regulators => "regulators",
            TableKind::Investors => "investors",
            TableKind::Market => "market",
        }
    }
}

/// One column of a table: a metric.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Name, for example `enterprise_share` or `share_coding`.
    pub name: String,
    /// Unit; `1` for a pure number.
    pub unit: &'static str,
    /// Meaning, one line.
    pub meaning: String,
    /// Whether it is a core metric: in `summary.csv` and written by `--paths core`.
    pub core: bool,
}

/// An agent of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Entity {
    /// Id in the scenario (`openai`); `market` for the market.
    pub id: String,
    /// Name shown (`OpenAI`).
    pub name: String,
    /// Colour, `#rrggbb`, or empty.
    pub colour: String,
    /// Whether the lab is a division of an owner group (its value is notional).
    pub division: bool,
}

/// One table: its agents and columns.
#[derive(Clone, Debug, PartialEq)]
pub struct TableLayout {
    /// Which.
    pub kind: TableKind,
    /// Agents (rows at each date).
    pub entities: Vec<Entity>,
    /// Metrics.
    pub columns: Vec<Column>,
    /// Where the table starts within the values of one date.
    pub offset: usize,
}

/// How the values of a run are laid out: `months.len() × width` numbers, date after date; within a date
/// table after table, within a table entity after entity, within an entity column after column.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    /// The tables in the order of [`TableKind::ALL`].
    pub tables: Vec<TableLayout>,
    /// Dates: the initial state's month, then the end of every step.
    pub months: Vec<Month>,
    /// Numbers of one date.
    pub width: usize,
    /// Paths of the uncertain parameters, the columns of `draws.parquet`.
    pub draws: Vec<String>,
}

impl Layout {
    /// Numbers of one run.
    pub fn len(&self) -> usize {
        self.width * self.months.len()
    }
    /// Whether there is nothing to record.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// Where the value of a column of an entity at a date stands.
    pub fn index(&self, table: usize, date: usize, entity: usize, column: usize) -> usize {
        let t = &self.tables[table];
        date * self.width + t.offset + entity * t.columns.len() + column
    }
    /// A column by table and name.
    pub fn column(&self, kind: TableKind, name: &str) -> Option<(usize, usize)> {
        let t = self.tables.iter().position(|t| t.kind == kind)?;
        Some((t, self.tables[t].columns.iter().position(|c| c.name == name)?))
    }
}

/// What one run left behind.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// Number of the run, from 0.
    pub run: u64,
    /// Values as [`Layout`] says. A value that does not exist (the price of a lab that is gone) is NaN.
    pub values: Vec<f64>,
    /// The uncertain parameters drawn, in the order of [`Layout::draws`].
    pub draws: Vec<f64>,
}

/// Metrics and segment metrics of a table.
fn rows_of(kind: TableKind) -> (&'static [Metric], &'static [SegmentMetric]) {
    match kind {
        TableKind::Labs => (metrics::LABS, metrics::LAB_SEGMENTS),
        TableKind::Clouds => (metrics::CLOUDS, &[]),
        TableKind::Regulators => (metrics::REGULATORS, &[]),
        TableKind::Investors => (metrics::INVESTORS, &[]),
        TableKind::Market => (metrics::MARKET, &[]),
    }
}

/// The columns of a table in a scenario: its metrics, then those by segment.
pub fn columns(kind: TableKind, p: &Parameters) -> Vec<Column> {
    let (rows, segments) = rows_of(kind);
    let mut columns: Vec<Column> = rows
        .iter()
        .map(|m| Column { name: m.name.to_string(), unit: m.unit, meaning: m.meaning.to_string(), core: m.core })
        .collect();
    for m in segments {
        for id in m.over.ids(p) {
            columns.push(Column {
                name: format!("{}{id}", m.prefix),
                unit: m.unit,
                meaning: m.meaning.replace("{}", &id),
                core: (m.core)(&id),
            });
        }
    }
    columns
}

/// The agents of a table in a scenario.
pub fn entities(kind: TableKind, p: &Parameters) -> Vec<Entity> {
    let entity = |id: &str, name: &str| Entity {
        id: id.to_string(),
        name: if name.is_empty() { id.to_string() } else { name.to_string() },
        colour: String::new(),
        division: false,
    };
    match kind {
        TableKind::Labs => p
            .labs
            .iter()
            .map(|a| Entity {
                colour: a.values.identity.colour.clone(),
                division: !a.values.identity.owner.is_empty(),
                ..entity(&a.id, &a.values.identity.name)
            })
            .collect(),
        TableKind::Clouds => p.clouds.iter().map(|a| entity(&a.id, &a.values.name)).collect(),
        TableKind::Regulators => p.regulators.iter().map(|a| entity(&a.id, "")).collect(),
        TableKind::Investors => p.investors.iter().map(|a| entity(&a.id, "")).collect(),
        TableKind::Market => vec![entity("market", "Market")],
    }
}

/// How the runs of a scenario are laid out.
pub fn layout(p: &Parameters, draws: Vec<String>) -> Layout {
    let mut tables = Vec::new();
    let mut offset = 0;
    for kind in TableKind::ALL {
        let entities = entities(kind, p);
        let columns = columns(kind, p);
        let width = entities.len() * columns.len();
        tables.push(TableLayout { kind, entities, columns, offset });
        offset += width;
    }
    let start = p.month_before_start();
    let months = (0..=p.steps()).map(|s| start.plus(s as i32 * p.months_per_step())).collect();
    Layout { tables, months, width: offset, draws }
}

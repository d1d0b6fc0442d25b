//! The tables of runs: tidy rows as Parquet and CSV, with units and meaning in the column metadata.
//!
//! Runs are numbered from 1. Row groups are cut by run number, so the bytes do not depend on threads.

use std::collections::HashMap;
use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::builder::Float64Builder;
use arrow_array::{Array, ArrayRef, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use parquet::schema::types::ColumnPath;

use super::selection::Selection;
use super::{Format, OutputError, Paths};
use crate::record::{Layout, TableLayout};
use crate::run::ensemble::Block;
use crate::units::Month;

/// Rows of a row group, about.
pub const GROUP_ROWS: usize = 65_536;
/// Zstandard level: most of the gain of the higher ones at a fraction of their time.
const ZSTD_LEVEL: i32 = 3;

type Metadata = Vec<(String, String)>;

pub(super) fn field(name: &str, kind: DataType, nullable: bool, unit: &str, meaning: &str) -> Field {
    let metadata = [("unit".to_string(), unit.to_string()), ("meaning".to_string(), meaning.to_string())];
    Field::new(name, kind, nullable).with_metadata(metadata.into_iter().collect::<HashMap<String, String>>())
}

fn run_field() -> Field {
    field("run", DataType::Int64, false, "1", "number of the run, from 1")
}

/// Numbers of a column; what does not exist is null.
pub(super) fn numbers(values: impl Iterator<Item = f64>) -> ArrayRef {
    let mut builder = Float64Builder::with_capacity(values.size_hint().0);
    values.for_each(|v| builder.append_option(if v.is_nan() { None } else { Some(v) }));
    Arc::new(builder.finish())
}

fn run_numbers(block: &Block, rows: usize) -> ArrayRef {
    let runs = block.runs.iter().flat_map(|&run| std::iter::repeat_n(run as i64 + 1, rows));
    Arc::new(Int64Array::from_iter_values(runs))
}

/// What a table holds, and how its rows are read off a block.
enum Content {
    /// A table by run, date and entity: the positions of its columns for each (date, entity).
    Paths { days: Vec<i32>, entities: Vec<String>, positions: Vec<Vec<usize>> },
    /// All tables at the last date: for each column, a position for each row, where the table has that metric.
    Horizon { tables: Vec<&'static str>, entities: Vec<String>, positions: Vec<Vec<Option<usize>>> },
    /// The uncertain parameters.
    Draws { count: usize },
}

impl Content {
    fn rows_per_run(&self) -> usize {
        match self {
            Content::Paths { days, entities, .. } => days.len() * entities.len(),
            Content::Horizon { entities, .. } => entities.len(),
            Content::Draws { .. } => 1,
        }
    }

    fn columns(&self, block: &Block) -> Vec<ArrayRef> {
        let m = block.runs.len();
        let rows = self.rows_per_run();
        let mut arrays = vec![run_numbers(block, rows)];
        match self {
            Content::Paths { days, entities, positions } => {
                let dates = (0..m).flat_map(|_| days.iter().flat_map(|&d| std::iter::repeat_n(d, entities.len())));
                arrays.push(Arc::new(Date32Array::from_iter_values(dates)));
                let ids = (0..m * days.len()).flat_map(|_| entities.iter());
                arrays.push(Arc::new(StringArray::from_iter_values(ids)));
                for at in positions {
                    let values = (0..m).flat_map(|r| at.iter().map(move |&position| block.values[position * m + r]));
                    arrays.push(numbers(values));
                }
            }
            Content::Horizon { tables, entities, positions } => {
                let words = (0..m).flat_map(|_| tables.iter());
                arrays.push(Arc::new(StringArray::from_iter_values(words)));
                let ids = (0..m).flat_map(|_| entities.iter());
                arrays.push(Arc::new(StringArray::from_iter_values(ids)));
                for at in positions {
                    let value =
                        |r: usize, position: Option<usize>| position.map_or(f64::NAN, |p| block.values[p * m + r]);
                    arrays.push(numbers((0..m).flat_map(|r| at.iter().map(move |&p| value(r, p)))));
                }
            }
            Content::Draws { count } => {
                for draw in 0..*count {
                    arrays.push(numbers((0..m).map(|r| block.draws[r * count + draw])));
                }
            }
        }
        arrays
    }
}

/// One table under way, in the formats asked for.
pub struct Table {
    path: PathBuf,
    content: Content,
    schema: Arc<Schema>,
    parquet: Option<ArrowWriter<BufWriter<File>>>,
    csv: Option<csv::Writer<File>>,
    group_runs: u64,
    runs_in_group: u64,
}

impl Table {
    /// A table of one agent kind: the core metrics or all, at every date.
    pub fn paths(
        layout: &Layout,
        table: usize,
        selection: &Selection,
        paths: Paths,
        format: Format,
        about: &Metadata,
        folder: &Path,
    ) -> Result<Table, OutputError> {
        let t: &TableLayout = &layout.tables[table];
        let mut fields = vec![
            run_field(),
            field("date", DataType::Date32, false, "date", "last day of the month"),
            field("entity", DataType::Utf8, false, "id", "agent"),
        ];
        let mut positions = Vec::new();
        for (column, c) in t.columns.iter().enumerate().filter(|(_, c)| c.core || paths == Paths::All) {
            fields.push(field(&c.name, DataType::Float64, true, c.unit, &c.meaning));
            let cells = (0..layout.months.len()).flat_map(|d| (0..t.entities.len()).map(move |e| (d, e)));
            let at = cells.map(|(d, e)| selection.position(layout.index(table, d, e, column)));
            positions.push(at.map(|p| p.expect("a written column is gathered")).collect());
        }
        let days = layout.months.iter().copied().map(Month::last_day_since_epoch).collect();
        let entities = t.entities.iter().map(|e| e.id.clone()).collect();
        let content = Content::Paths { days, entities, positions };
        Table::create(folder, t.kind.word(), fields, content, (format.parquet(), format.csv()), about, selection)
    }

    /// The last date of every run, all tables in one.
    pub fn horizon(
        layout: &Layout,
        selection: &Selection,
        format: Format,
        about: &Metadata,
        folder: &Path,
    ) -> Result<Table, OutputError> {
        let mut fields = vec![
            run_field(),
            field("table", DataType::Utf8, false, "id", "kind of agent"),
            field("entity", DataType::Utf8, false, "id", "agent"),
        ];
        let rows: Vec<(usize, usize)> =
            layout.tables.iter().enumerate().flat_map(|(t, l)| (0..l.entities.len()).map(move |e| (t, e))).collect();
        let mut names: Vec<&str> = Vec::new();
        for column in layout.tables.iter().flat_map(|t| &t.columns) {
            if !names.contains(&column.name.as_str()) {
                names.push(&column.name);
            }
        }
        let last = layout.months.len().saturating_sub(1);
        let mut positions = Vec::new();
        for name in names {
            let in_table = |t: usize| layout.tables[t].columns.iter().position(|c| c.name == name);
            let holders: Vec<usize> = (0..layout.tables.len()).filter(|&t| in_table(t).is_some()).collect();
            let holder = &layout.tables[holders[0]];
            let column = &holder.columns[in_table(holders[0]).unwrap_or(0)];
            // Two kinds of agents may share the name of a metric; the unit is the same, the meaning may differ.
            let words: Vec<&str> = holders.iter().map(|&t| layout.tables[t].kind.word()).collect();
            let mut f = field(name, DataType::Float64, true, column.unit, &column.meaning);
            f.metadata_mut().insert("tables".to_string(), words.join(","));
            fields.push(f);
            let at = |&(t, e): &(usize, usize)| {
                let column = in_table(t)?;
                selection.position(layout.index(t, last, e, column))
            };
            positions.push(rows.iter().map(at).collect());
        }
        let content = Content::Horizon {
            tables: rows.iter().map(|&(t, _)| layout.tables[t].kind.word()).collect(),
            entities: rows.iter().map(|&(t, e)| layout.tables[t].entities[e].id.clone()).collect(),
            positions,
        };
        Table::create(folder, "horizon", fields, content, (true, format.csv()), about, selection)
    }

    /// The uncertain parameters of every run; `units` by parameter, empty where not known.
    pub fn draws(
        layout: &Layout,
        units: &[String],
        selection: &Selection,
        format: Format,
        about: &Metadata,
        folder: &Path,
    ) -> Result<Table, OutputError> {
        let mut fields = vec![run_field()];
        for (i, path) in layout.draws.iter().enumerate() {
            let unit = units.get(i).map_or("", String::as_str);
            fields.push(field(path, DataType::Float64, true, unit, "uncertain parameter, as drawn for the run"));
        }
        let content = Content::Draws { count: layout.draws.len() };
        Table::create(folder, "draws", fields, content, (format.parquet(), format.csv()), about, selection)
    }

    fn create(
        folder: &Path,
        name: &str,
        fields: Vec<Field>,
        content: Content,
        (parquet, csv): (bool, bool),
        about: &Metadata,
        selection: &Selection,
    ) -> Result<Table, OutputError> {
        let path = folder.join(name);
        let schema =
            Arc::new(Schema::new_with_metadata(fields, about.iter().cloned().collect::<HashMap<String, String>>()));
        let parquet = if parquet { Some(parquet_writer(&path.with_extension("parquet"), &schema)?) } else { None };
        let csv = if csv {
            let path = path.with_extension("csv");
            let mut writer = csv::Writer::from_path(&path).map_err(|e| OutputError::table(&path, e))?;
            let names = schema.fields().iter().map(|f| f.name());
            writer.write_record(names).map_err(|e| OutputError::table(&path, e))?;
            Some(writer)
        } else {
            None
        };
        // Whole blocks to a group, so that a group ends where a block does.
        let runs = (GROUP_ROWS / content.rows_per_run().max(1)) as u64;
        let group_runs = (runs / selection.block_runs).max(1) * selection.block_runs;
        Ok(Table { path, content, schema, parquet, csv, group_runs, runs_in_group: 0 })
    }

    /// Writes the runs of a block.
    pub fn write(&mut self, block: &Block) -> Result<(), OutputError> {
        let path = &self.path;
        if !block.runs.is_empty() {
            let batch = RecordBatch::try_new(self.schema.clone(), self.content.columns(block))
                .map_err(|e| OutputError::table(path, e))?;
            if let Some(parquet) = &mut self.parquet {
                parquet.write(&batch).map_err(|e| OutputError::table(path, e))?;
            }
            if let Some(csv) = &mut self.csv {
                write_csv(csv, &batch).map_err(|e| OutputError::table(path, e))?;
            }
        }
        self.runs_in_group += block.attempted;
        if self.runs_in_group >= self.group_runs {
            self.runs_in_group = 0;
            if let Some(parquet) = &mut self.parquet {
                parquet.flush().map_err(|e| OutputError::table(path, e))?;
            }
        }
        Ok(())
    }

    /// Ends the table.
    pub fn finish(self) -> Result<(), OutputError> {
        if let Some(parquet) = self.parquet {
            parquet.close().map_err(|e| OutputError::table(&self.path, e))?;
        }
        if let Some(mut csv) = self.csv {
            csv.flush().map_err(OutputError::file(&self.path))?;
        }
        Ok(())
    }
}

pub(super) fn parquet_writer(path: &Path, schema: &Arc<Schema>) -> Result<ArrowWriter<BufWriter<File>>, OutputError> {
    let file = File::create(path).map_err(OutputError::file(path))?;
    let level = ZstdLevel::try_new(ZSTD_LEVEL).map_err(|e| OutputError::table(path, e))?;
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(level))
        .set_max_row_group_row_count(None)
        // Floating-point values seldom repeat: a dictionary would only be built and thrown away.
        .set_dictionary_enabled(false);
    for name in ["run", "date", "table", "entity"] {
        properties = properties.set_column_dictionary_enabled(ColumnPath::from(name), true);
    }
    ArrowWriter::try_new(BufWriter::new(file), schema.clone(), Some(properties.build()))
        .map_err(|e| OutputError::table(path, e))
}

/// A column of a batch, ready to be written as text.
enum Text<'a> {
    Run(&'a Int64Array),
    Date(&'a Date32Array),
    Word(&'a StringArray),
    Number(&'a Float64Array),
}

pub(super) fn write_csv(writer: &mut csv::Writer<File>, batch: &RecordBatch) -> Result<(), csv::Error> {
    let columns: Vec<Text<'_>> = batch.columns().iter().filter_map(text_of).collect();
    for row in 0..batch.num_rows() {
        for column in &columns {
            match column {
                Text::Run(a) => writer.write_field(a.value(row).to_string())?,
                Text::Date(a) => writer.write_field(a.value_as_date(row).map_or(String::new(), |d| d.to_string()))?,
                Text::Word(a) => writer.write_field(a.value(row))?,
                Text::Number(a) if a.is_null(row) => writer.write_field("")?,
                Text::Number(a) => writer.write_field(a.value(row).to_string())?,
            }
        }
        writer.write_record(None::<&[u8]>)?;
    }
    Ok(())
}

fn text_of(array: &ArrayRef) -> Option<Text<'_>> {
    let any = array.as_any();
    None.or_else(|| any.downcast_ref().map(Text::Run))
        .or_else(|| any.downcast_ref().map(Text::Date))
        .or_else(|| any.downcast_ref().map(Text::Word))
        .or_else(|| any.downcast_ref().map(Text::Number))
}

//! A table that is written batch after batch, as Parquet and CSV: keys, then one column of numbers after another.

use std::collections::HashMap;
use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{Field, Schema};
use parquet::arrow::ArrowWriter;

use super::tables::{GROUP_ROWS, numbers, parquet_writer, write_csv};
use super::{Format, OutputError};

/// One table under way.
pub struct Sheet {
    path: PathBuf,
    schema: Arc<Schema>,
    parquet: Option<ArrowWriter<BufWriter<File>>>,
    csv: Option<csv::Writer<File>>,
    rows_in_group: usize,
}

impl Sheet {
    /// A table of these columns in a folder.
    ///
    /// # Errors
    /// When a file cannot be made.
    pub fn create(
        folder: &Path,
        name: &str,
        fields: Vec<Field>,
        format: Format,
        about: &[(String, String)],
    ) -> Result<Sheet, OutputError> {
        let path = folder.join(name);
        let metadata: HashMap<String, String> = about.iter().cloned().collect();
        let schema = Arc::new(Schema::new_with_metadata(fields, metadata));
        let parquet =
            if format.parquet() { Some(parquet_writer(&path.with_extension("parquet"), &schema)?) } else { None };
        let csv = if format.csv() {
            let path = path.with_extension("csv");
            let wrong = |e: csv::Error| OutputError::table(&path, e);
            let mut writer = csv::Writer::from_path(&path).map_err(wrong)?;
            writer.write_record(schema.fields().iter().map(|f| f.name())).map_err(wrong)?;
            Some(writer)
        } else {
            None
        };
        Ok(Sheet { path, schema, parquet, csv, rows_in_group: 0 })
    }

    /// Writes rows: the keys, then the numbers column by column; a number that is NaN does not exist.
    ///
    /// # Errors
    /// When the columns are not those of the table, or a file cannot be written.
    pub fn write(&mut self, mut keys: Vec<ArrayRef>, columns: &[Vec<f64>]) -> Result<(), OutputError> {
        let path = &self.path;
        keys.extend(columns.iter().map(|column| numbers(column.iter().copied())));
        let batch = RecordBatch::try_new(self.schema.clone(), keys).map_err(|e| OutputError::table(path, e))?;
        if let Some(csv) = &mut self.csv {
            write_csv(csv, &batch).map_err(|e| OutputError::table(path, e))?;
        }
        self.rows_in_group += batch.num_rows();
        if let Some(parquet) = &mut self.parquet {
            parquet.write(&batch).map_err(|e| OutputError::table(path, e))?;
            if self.rows_in_group >= GROUP_ROWS {
                self.rows_in_group = 0;
                parquet.flush().map_err(|e| OutputError::table(path, e))?;
            }
        }
        Ok(())
    }

    /// Ends the table.
    ///
    /// # Errors
    /// When a file cannot be written.
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

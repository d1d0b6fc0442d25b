//! A CSV table of ours read back by the names of its columns.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::OutputError;

/// A table.
pub(super) struct Rows {
    path: PathBuf,
    columns: csv::StringRecord,
    records: Vec<csv::StringRecord>,
}

/// A row of it.
#[derive(Clone, Copy)]
pub(super) struct Row<'r> {
    table: &'r Rows,
    record: &'r csv::StringRecord,
}

impl Rows {
    /// Reads a table.
    ///
    /// # Errors
    /// When it cannot be read, or its rows are not of one length.
    pub fn read(path: &Path) -> Result<Rows, OutputError> {
        let wrong = |e: csv::Error| OutputError::table(path, e);
        let mut reader = csv::Reader::from_path(path).map_err(wrong)?;
        let columns = reader.headers().map_err(wrong)?.clone();
        let records = reader.records().collect::<Result<_, _>>().map_err(wrong)?;
        Ok(Rows { path: path.to_path_buf(), columns, records })
    }
    /// Names of the columns.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.columns.iter()
    }
    /// The rows in order.
    pub fn iter(&self) -> impl Iterator<Item = Row<'_>> {
        self.records.iter().map(|record| Row { table: self, record })
    }
    /// An error in the content of the table as a whole.
    pub fn wrong(&self, what: &str) -> OutputError {
        OutputError::table(&self.path, what)
    }
}

impl<'r> Row<'r> {
    /// The text in a column.
    ///
    /// # Errors
    /// When the table has no such column.
    pub fn word(self, column: &str) -> Result<&'r str, OutputError> {
        let at = self.table.columns().position(|c| c == column);
        at.and_then(|at| self.record.get(at)).ok_or_else(|| self.table.wrong(&format!("there is no column `{column}`")))
    }
    /// The value in a column.
    ///
    /// # Errors
    /// When there is no such column, or its text is none of these values.
    pub fn value<T: FromStr>(self, column: &str) -> Result<T, OutputError> {
        self.word(column)?.parse().map_err(|_| self.wrong(column))
    }
    /// The number in a column; NaN where the column is empty.
    ///
    /// # Errors
    /// When there is no such column, or its text is no number.
    pub fn number(self, column: &str) -> Result<f64, OutputError> {
        if self.word(column)?.is_empty() { Ok(f64::NAN) } else { self.value(column) }
    }
    /// An error in a column of this row.
    pub fn wrong(self, column: &str) -> OutputError {
        let line = self.record.position().map_or(0, csv::Position::line);
        let text = self.word(column).unwrap_or_default();
        self.table.wrong(&format!("line {line}: `{text}` does not belong into the column {column}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_found_by_name_and_faults_tell_where_they_stand() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("t.csv");
        std::fs::write(&path, "name,n,x\na,3,0.25\nb,many,\n").unwrap();
        let rows = Rows::read(&path).unwrap();
        let all: Vec<Row> = rows.iter().collect();
        assert_eq!(rows.columns().collect::<Vec<_>>(), ["name", "n", "x"]);
        assert_eq!((all[0].word("name").unwrap(), all[0].value::<u64>("n").unwrap()), ("a", 3));
        assert!(all[0].number("x").unwrap() == 0.25 && all[1].number("x").unwrap().is_nan());
        let said = all[1].value::<u64>("n").unwrap_err().to_string();
        assert!(said.contains("t.csv: line 3: `many`") && said.ends_with("column n"), "{said}");
        assert!(all[0].word("y").unwrap_err().to_string().contains("no column `y`"));
        std::fs::write(&path, "a,b\n1\n").unwrap();
        assert!(Rows::read(&path).is_err() && Rows::read(&dir.path().join("none.csv")).is_err());
    }
}

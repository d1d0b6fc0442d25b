"""Opens every table of a results folder with polars and with pandas, as an analyst would.

Usage: python tests/open_in_polars.py output/quick
Needs: pip install polars pandas pyarrow
"""

import datetime
import sys
from pathlib import Path

import pandas as pd
import polars as pl
import pyarrow.parquet as pq

PATHS = ["labs", "clouds", "regulators", "investors", "market"]


def main(folder: Path) -> None:
    tables = sorted(folder.glob("*.parquet"))
    names = {table.stem for table in tables}
    assert {"horizon", "draws"} <= names, f"missing tables, found {sorted(names)}"
    for path in tables:
        frame = pl.read_parquet(path)
        pandas = pd.read_parquet(path)
        assert frame.height == len(pandas) > 0, path
        assert frame.schema["run"] == pl.Int64, path
        for field in pq.read_schema(path):
            metadata = field.metadata or {}
            assert b"unit" in metadata, f"{path}: {field.name} has no unit"
            assert b"meaning" in metadata, f"{path}: {field.name} has no meaning"
        if path.stem in PATHS:
            assert frame.schema["date"] == pl.Date, path
            assert frame.schema["entity"] == pl.String, path
            assert isinstance(pandas["date"].iloc[0], datetime.date), path
            keys = frame.select("run", "date", "entity")
            assert keys.unique().height == keys.height, f"{path}: a row appears twice"
    summary = pl.read_csv(folder / "summary.csv", try_parse_dates=True)
    assert summary.schema["date"] == pl.Date
    quantiles = ["p05", "p10", "p25", "p50", "p75", "p90", "p95"]
    known = summary.drop_nulls(quantiles)
    for low, high in zip(quantiles, quantiles[1:]):
        assert known.filter(pl.col(low) > pl.col(high)).height == 0, f"{low} above {high}"
    # The summary says of the last date what the horizon says of every run.
    last = summary.filter((pl.col("date") == summary["date"].max()) & (pl.col("metric") == "labs.enterprise_share"))
    horizon = pl.read_parquet(folder / "horizon.parquet").filter(pl.col("table") == "labs")
    for entity, mean in last.select("entity", "mean").iter_rows():
        mine = horizon.filter(pl.col("entity") == entity)["enterprise_share"].mean()
        assert abs(mine - mean) <= 1e-9 * max(1.0, abs(mean)), entity
    print(f"{len(tables)} tables and the summary open as they should")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

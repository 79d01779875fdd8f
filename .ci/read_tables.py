"""Opens every table of a run with pyarrow, polars and duckdb; checks that measured columns carry a unit, and that text comes as
a categorical whose values are found by name."""

import sys
from pathlib import Path

import duckdb
import polars
import pyarrow.parquet
import pyarrow.types

run = Path(sys.argv[1])
tables = [p for p in sorted(run.iterdir()) if p.suffix == ".parquet" or (p.is_dir() and any(p.glob("*.parquet")))]
assert len(tables) >= 14, tables
for table in tables:
    pattern = str(table / "*.parquet") if table.is_dir() else str(table)
    parts = sorted(table.glob("*.parquet")) if table.is_dir() else [table]
    rows = sum(pyarrow.parquet.read_table(p).num_rows for p in parts)
    assert polars.read_parquet(pattern).height == rows, table
    assert duckdb.sql(f"select count(*) from '{pattern}'").fetchall()[0][0] == rows, table
    for field in pyarrow.parquet.read_schema(parts[0]):
        measured = field.name.endswith(("_s", "_m", "_db", "_dbm", "_rad"))
        assert not measured or b"unit" in (field.metadata or {}), (table.name, field.name)
        assert not pyarrow.types.is_string(field.type), (table.name, field.name)
    print(f"{table.name}: {rows} rows")

accuracy = str(run / "accuracy.parquet")
headline = polars.read_parquet(accuracy).filter(polars.col("stratum") == "headline").height
table = pyarrow.parquet.read_table(accuracy, filters=[("stratum", "=", "headline")])
assert headline == table.num_rows == duckdb.sql(f"select count(*) from '{accuracy}' where stratum = 'headline'").fetchall()[0][0] > 0

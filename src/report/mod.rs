//! Figures and report.html, made from a run's Parquet files alone.

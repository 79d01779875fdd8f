//! Tables as Parquet, manifest, content hashes.

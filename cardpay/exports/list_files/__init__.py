"""Lists as files: CSV, Excel and Parquet, written a stretch at a time."""

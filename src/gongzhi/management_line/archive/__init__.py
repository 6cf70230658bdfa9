"""Archive: raw readings that have left the database for Parquet, and one query over both."""

"""Archive: raw readings that have left the database for Parquet, and one query over both.

A month of a town leaves as a whole when the town's term for raw readings (rule `raw_reading_days`) has passed since its
end. `moving` does it in steps that may be cut off anywhere: a file is written aside, flushed and renamed; noted; read
again from the disk; and then the rows are deleted by a statement that gives back what it deletes, which is kept only
if it is, byte for byte, what stands in the file. What comes late for such a month goes into a further file at the next
run, and counts before the earlier one when it is read.

`queries.readings_between` and `queries.rolls_between` read hot rows and files as one table, by Ibis expressions
(`expressions`) that run on DuckDB inside the process, or on Spark when the installation names one (`engines`).
"""

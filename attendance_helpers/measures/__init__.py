"""Pure functions: a data frame in, a new data frame out; no labels, no rounding, no files."""

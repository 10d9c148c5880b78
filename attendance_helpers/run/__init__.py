"""Parameters, execution, many schools, and an account of what was done."""

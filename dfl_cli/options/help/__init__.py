"""The short help: examples, a line for each flag, in columns and in colors."""

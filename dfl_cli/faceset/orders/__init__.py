"""The orders that `dfl faceset sort` knows: their names, the rankings, and the questions about them."""

"""`dfl compare`: two swaps of the same faces, score by score."""

"""Faces over time: which are one face, who it is, and how its landmarks move."""

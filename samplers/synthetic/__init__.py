"""Synthetic people: drawn heads with exact landmarks and masks, for the demo and for tests."""

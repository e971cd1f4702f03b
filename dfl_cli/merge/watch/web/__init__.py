"""The interactive merge as a page on this machine."""

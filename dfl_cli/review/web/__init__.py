"""The review as a page on this machine."""

"""The editor as a page on this machine."""

"""What the pages in a browser have in common: the server, the guard in front of it, and their look."""

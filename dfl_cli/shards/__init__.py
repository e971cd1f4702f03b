"""Several runs on one folder: who holds a lock, which shards run, and the files that shards write."""

"""`dfl extract`: faces of a video or of a folder of frames as a face set."""

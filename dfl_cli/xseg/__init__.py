"""XSeg: masks that people teach the program, by labels, a network and its predictions."""

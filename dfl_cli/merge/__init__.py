"""Merging: the learned face goes into the frames of dst.

Pixels here are float32 BGR in 0..1 as everywhere, masks (h, w, 1); only what is read from and written to files is uint8.
"""

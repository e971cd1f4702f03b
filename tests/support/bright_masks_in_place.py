"""Importing this makes XSeg models those of `bright_masks`, for runs of the program in processes of their own (`kill_points`)."""

from bright_masks import put_in_place

put_in_place()

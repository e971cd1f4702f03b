"""Faces in, training samples out: face data, geometry, masks, augmentation, batches.

Pixels everywhere: float32, BGR, (H, W, C), 0..1. Masks: float32 (H, W, 1), 0..1, 1 is face.
Points: (x, y) in pixels, x to the right, y down. Matrices: (2, 3) affine, from the first named place to the second.
Angles: radians in code.

Only NumPy and OpenCV are used here, so that workers start without TensorFlow.
"""

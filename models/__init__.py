"""Networks, losses, optimizers and the compiled train step: arrays in, arrays out, no questions and no printing.

Pictures are float32 BGR, (B, H, W, 3), 0..1; masks (B, H, W, 1), 0..1, 1 is face. Call `runtime.prepare` first.
"""

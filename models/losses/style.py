"""Style and adversarial losses (models.md 1.3, 3.3, 3.5): one float32 number per face, (B,)."""

from keras import ops

from models.losses.pixels import dssim, gaussian_blur, per_face


def style_difference(target, style, *, blur: float, weight):
    """How far apart the colors of two pictures (B, H, W, C) are: their means and deviations per channel.

    blur    pixels both are blurred by first; 0: not
    """
    if blur > 0:
        target, style = gaussian_blur(target, blur), gaussian_blur(style, blur)
    (target_mean, target_deviation), (style_mean, style_deviation) = moments(target), moments(style)
    means = ops.sum(ops.square(target_mean - style_mean), axis=-1)
    deviations = ops.sum(ops.square(target_deviation - style_deviation), axis=-1)
    return (means + deviations) * ops.cast(weight / target.shape[-1], "float32")


def moments(x):
    """Mean and (slightly lifted) standard deviation of each channel: two of (B, C)."""
    mean = ops.mean(x, axis=(1, 2), keepdims=True)
    variance = ops.mean(ops.square(x - mean), axis=(1, 2))
    return mean[:, 0, 0], ops.sqrt(variance + 1e-5)


def background(truth, guess, *, power, window: int):
    """Structural and squared difference of two pictures that show only background. `window` in pixels."""
    structure = ops.mean(dssim(truth, guess, window), axis=1)
    weight = ops.cast(10 * power, "float32")
    return weight * structure + weight * per_face(ops.square(truth - guess))


def cross_entropy(label: float, logits):
    """Of `logits` (B, H, W, 1) to one label, 0 or 1."""
    logits = ops.cast(logits, "float32")
    return per_face(ops.softplus(logits) - label * logits)


def total_variation(x):
    """Sum of squared differences of neighbors, down and across."""
    down = ops.square(x[:, 1:] - x[:, :-1])
    across = ops.square(x[:, :, 1:] - x[:, :, :-1])
    return ops.sum(down, axis=(1, 2, 3)) + ops.sum(across, axis=(1, 2, 3))

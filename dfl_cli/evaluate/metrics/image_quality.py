"""How close one picture comes to another inside a mask."""

import cv2
import numpy as np

SSIM_SIGMA = 1.5  # pixels (Wang et al. 2004)
SSIM_WINDOW = (11, 11)
C1, C2 = 0.01**2, 0.03**2  # stabilisers of the same paper for pictures in 0..1


def psnr(picture: np.ndarray, truth: np.ndarray, mask: np.ndarray) -> float:
    """Peak signal-to-noise ratio in dB of two (H, W, 3) pictures in 0..1 where the mask (H, W, 1) is set; inf for equal ones."""
    error = np.sum(mask * (picture - truth) ** 2) / (3 * np.sum(mask))
    return float(-10 * np.log10(error)) if error > 0 else float("inf")


def ssim(picture: np.ndarray, truth: np.ndarray, mask: np.ndarray) -> float:
    """Mean structural similarity, 1 for equal pictures, over the pixels where the mask (H, W, 1) is set."""
    mean_p, mean_t = blur(picture), blur(truth)
    variance_p = blur(picture**2) - mean_p**2
    variance_t = blur(truth**2) - mean_t**2
    covariance = blur(picture * truth) - mean_p * mean_t
    luminance = (2 * mean_p * mean_t + C1) / (mean_p**2 + mean_t**2 + C1)
    structure = (2 * covariance + C2) / (variance_p + variance_t + C2)
    return float(np.sum(mask * luminance * structure) / (3 * np.sum(mask)))


def blur(picture: np.ndarray) -> np.ndarray:
    return cv2.GaussianBlur(picture, SSIM_WINDOW, SSIM_SIGMA)

"""Coarse grids over our fine Brownian path, which `normals.py` draws again: what a solver needs beside the mixture."""
import numpy as np

from mixture import FINE, T_MIN, denoise, log_alpha
from normals import normals

ITEMS, SEED, STREAM_SAMPLING, INITIAL_STEP = 4, 23, 6, 0xFFFFFFFF

fine_t = T_MIN + (1 - T_MIN) * (1 - np.arange(FINE + 1) / FINE) ** 2
fine_alpha, fine_sigma = np.exp(log_alpha(fine_t)), np.sqrt(-np.expm1(2 * log_alpha(fine_t)))
fine_lambda = np.log(fine_alpha / fine_sigma)
theta = np.exp(2 * fine_lambda)
z = np.array([[normals(2, SEED, STREAM_SAMPLING, item, j) for item in range(ITEMS)] for j in range(FINE)])
dB = np.sqrt(np.diff(theta))[:, None, None] * z
x_T = np.array([normals(2, SEED, STREAM_SAMPLING, item, INITIAL_STEP) for item in range(ITEMS)])


def increment(start, end):
    """B over fine steps [start, end), scaled to unit variance: the noise of the exponential step."""
    return dB[start:end].sum(0) / np.sqrt(theta[end] - theta[start])


def x0_of(x, ratio):
    """E[x0 | x] where sigma / alpha = ratio, alpha^2 + sigma^2 = 1."""
    a = 1 / np.sqrt(1 + float(ratio) ** 2)
    return denoise(x, a, a * float(ratio))


class Coarse:
    """`steps` steps of the quadratic grid, which take every (1000 / steps)-th fine node."""

    def __init__(self, steps):
        self.steps = steps
        self.nodes = np.arange(0, FINE + 1, FINE // steps)
        self.alpha, self.sigma, self.lam = fine_alpha[self.nodes], fine_sigma[self.nodes], fine_lambda[self.nodes]
        self.ratio = self.sigma / self.alpha
        self.noise = np.stack([increment(a, b) for a, b in zip(self.nodes[:-1], self.nodes[1:])])
        self.start = x_T * self.sigma[0]

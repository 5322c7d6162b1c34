"""PSNR and SSIM of pairs of pictures by scikit-image."""
import numpy as np
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from fixtures import write_json


def pairs():
    generator = np.random.default_rng(21)
    y, x = np.mgrid[0:28, 0:28] / 27
    smooth = np.sin(5 * x) * np.cos(3 * y)
    yield "28 x 28 grey, a little noise", smooth[..., None], (smooth + 0.1 * generator.normal(size=smooth.shape))[..., None], 2.0
    yield "28 x 28 grey, shifted", smooth[..., None], np.roll(smooth, 2, axis=1)[..., None], 2.0
    colour = generator.uniform(-1, 1, size=(16, 20, 3))
    yield "16 x 20 colour, brighter", colour, np.clip(colour * 0.8 + 0.2, -1, 1), 2.0
    yield "11 x 11 colour, unrelated", generator.uniform(0, 255, size=(11, 11, 3)), generator.uniform(0, 255, size=(11, 11, 3)), 255.0
    yield "12 x 30 grey, a constant against its negative", np.full((12, 30, 1), 0.5), np.full((12, 30, 1), -0.5), 2.0


def case(name, a, b, data_range):
    # Our samples are float32; the values are those of the rounded pictures in float64.
    a, b = (p.astype(np.float32).astype(np.float64) for p in (a, b))
    value = structural_similarity(a, b, channel_axis=2, data_range=data_range, gaussian_weights=True, sigma=1.5, use_sample_covariance=False)
    return {"name": name, "shape": list(a.shape), "range": data_range, "a": a.ravel().tolist(), "b": b.ravel().tolist(),
            "psnr": float(peak_signal_noise_ratio(a, b, data_range=data_range)), "ssim": float(value)}


write_json("likeness.json", ["numpy", "scikit-image"], {"cases": [case(*pair) for pair in pairs()]})

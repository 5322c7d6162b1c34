"""numpy's random numbers, and signatures made of them."""

import numpy as np

from timing import timed

NORMALS = 1 << 20


def normals(params):
    generator = np.random.Generator(np.random.Philox(1))
    dtype = np.dtype(params["dtype"])
    out = np.empty(NORMALS, dtype)
    return {"units": NORMALS}, timed(lambda: generator.standard_normal(dtype=dtype, out=out))


def signature(params):
    """1000 fine noises an item, projected on three rows over each of ten intervals: the cost is that of any basis."""
    generator = np.random.Generator(np.random.Philox(1))
    size, items, fine, coarse, depth = int(np.prod(params["itemShape"])), params["items"], 1000, 10, 3
    # As many items at a time as the cache likes.
    rows = max(1, min(items, (1 << 17) // (fine * size) or 1))
    bounds = [round(fine * i / coarse) for i in range(coarse + 1)]
    bases = [np.linalg.qr(generator.standard_normal((b - a, depth)))[0].T.copy() for a, b in zip(bounds, bounds[1:])]

    def draw():
        out = np.empty((items, coarse, depth, size), np.float32)
        for first in range(0, items, rows):
            z = generator.standard_normal((min(rows, items - first), fine, size))
            for n, basis in enumerate(bases):
                out[first : first + len(z), n] = basis @ z[:, bounds[n] : bounds[n + 1]]
        return out

    return {"units": items * size * fine}, timed(draw)

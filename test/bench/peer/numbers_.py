"""numpy's random numbers."""

import numpy as np

from timing import timed

NORMALS = 1 << 20


def normals(params):
    generator = np.random.Generator(np.random.Philox(1))
    dtype = np.dtype(params["dtype"])
    out = np.empty(NORMALS, dtype)
    return {"units": NORMALS}, timed(lambda: generator.standard_normal(dtype=dtype, out=out))

"""Levy areas from diffrax and signature words from pySigLib."""
import diffrax
import jax
import jax.numpy as jnp
import numpy as np
import pysiglib

from fixtures import write_json

jax.config.update("jax_enable_x64", True)


def brownian_tree():
    """W, H, K of the cells of a partition and of the unions of neighbouring cells, all asked of ONE VirtualBrownianTree: diffrax computes each of them
    from its own bridge formulas, none by joining the cells."""
    tree = diffrax.VirtualBrownianTree(0.0, 2.0, tol=2.0**-12, shape=(), key=jax.random.key(7), levy_area=diffrax.SpaceTimeTimeLevyArea)
    nodes = [0.0, 0.11, 0.25, 0.26, 0.7, 1.0, 1.3, 1.9, 2.0]
    rows = []
    for i in range(len(nodes)):
        for j in range(i + 1, len(nodes)):
            a = tree.evaluate(nodes[i], nodes[j], use_levy=True)
            rows.append({"from": i, "to": j, "W": float(a.W), "H": float(a.H), "K": float(a.K)})
    return {"nodes": nodes, "intervals": rows}


def moments(n=100_000, h=0.37):
    """Second moments of (W, H, K) over an interval of length h, drawn by diffrax."""
    path = diffrax.UnsafeBrownianPath(shape=(n,), key=jax.random.key(1), levy_area=diffrax.SpaceTimeTimeLevyArea)
    a = path.evaluate(jnp.array(0.0), jnp.array(h), use_levy=True)
    x = np.stack([np.asarray(a.W, np.float64), np.asarray(a.H, np.float64), np.asarray(a.K, np.float64)])
    return {"h": h, "n": n, "covariance": (x @ x.T / n).tolist()}


def words(degree=6):
    """The words 1, 01, 001, ... of piecewise linear paths (t, B). In level k + 1 of the signature of a path in R^2 they stand at index 1."""
    generator = np.random.default_rng(3)
    cases = []
    for steps in (1, 2, 7, 40):
        dt = generator.uniform(0.01, 0.2, steps)
        dB = generator.normal(size=steps) * np.sqrt(dt)
        path = np.concatenate([np.zeros((1, 2)), np.cumsum(np.stack([dt, dB], axis=1), axis=0)])
        signature = np.asarray(pysiglib.sig(path, degree), np.float64)
        starts = [2**level - 2 for level in range(1, degree + 1)]  # without the leading 1, level k starts at 2 + 4 + ... + 2^(k-1)
        cases.append({"dt": dt.tolist(), "dB": dB.tolist(), "P": [float(signature[start + 1]) for start in starts]})
    return {"cases": cases}


write_json("diffrax-tree.json", ["diffrax", "jax", "jaxlib"], brownian_tree())
write_json("diffrax-moments.json", ["diffrax", "jax", "jaxlib"], moments())
write_json("pysiglib-words.json", ["pysiglib", "numpy"], words())

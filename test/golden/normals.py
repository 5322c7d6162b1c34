"""The generator of src/core/random, written again from its definition: Philox4x32-10 with Python's integers, Box and Muller with numpy's log, cos, sin."""
import numpy as np

MASK = 0xFFFFFFFF


def philox4x32(counter, key):
    """Salmon et al. 2011; checked below against an answer that Random123 publishes."""
    x0, x1, x2, x3 = counter
    k0, k1 = key
    for _ in range(10):
        p0, p1 = 0xD2511F53 * x0, 0xCD9E8D57 * x2
        x0, x1, x2, x3 = (p1 >> 32) ^ x1 ^ k0, p1 & MASK, (p0 >> 32) ^ x3 ^ k1, p0 & MASK
        k0, k1 = (k0 + 0x9E3779B9) & MASK, (k1 + 0xBB67AE85) & MASK
    return x0, x1, x2, x3


assert philox4x32((0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344), (0xA4093822, 0x299F31D0)) == (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1)


def words(count, seed, stream, item, step):
    blocks = [philox4x32((block, step, item, stream), (seed & MASK, seed >> 32)) for block in range(-(-count // 4))]
    return np.array(blocks, dtype=np.uint64).reshape(-1)


def normals(count, seed, stream, item, step):
    w = words(count, seed, stream, item, step).reshape(-1, 2, 2).astype(np.float64) + 0.5
    radius, angle = np.sqrt(-2 * np.log(w[:, :, 0] / 2**32)), 2 * np.pi * (w[:, :, 1] / 2**32)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=2).reshape(-1)[:count]

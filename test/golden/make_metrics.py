"""Random numbers, order statistics and distances between sample sets."""
import dcor
import mpmath
import numpy as np
import ot
import scipy.linalg

from fixtures import write_json
from normals import normals, words

STREAM_PROJECTION = 9  # src/core/random/streams.ts

ADDRESSES = [(0, 6, 0, 0), (1, 6, 0, 0), (0, 7, 0, 0), (0, 6, 1, 0), (0, 6, 0, 0xFFFFFFFF), (2**53 - 1, 11, 123456, 999), (20260101, 1, 4294967295, 17)]


def random_numbers():
    return {"addresses": [{"address": a, "words": words(8, *a).tolist(), "normals": normals(8, *a).tolist()} for a in ADDRESSES]}


def statistics():
    generator = np.random.default_rng(5)
    cases = []
    for n in (1, 2, 5, 10, 101):
        values = generator.normal(size=n).round(2)  # ties on purpose
        quantiles = [{"q": q, "value": float(np.quantile(values, q))} for q in (0, 0.05, 0.25, 1 / 3, 0.5, 0.9, 1)]
        cases.append({"values": values.tolist(), "median": float(np.median(values)), "mean": float(np.mean(values)), "quantiles": quantiles})
    return {"cases": cases}


def frechet_scipy(a, b):
    """The formula of pytorch-fid in float64: a Schur root of the product, which is not symmetric."""
    ca, cb = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    root = scipy.linalg.sqrtm(ca @ cb)
    return float(np.sum((a.mean(0) - b.mean(0)) ** 2) + np.trace(ca) + np.trace(cb) - 2 * np.trace(root).real)


def frechet_exact(a, b):
    """The same with 60 digits, through the eigenvalues of Ca^1/2 Cb Ca^1/2: holds for singular covariances too, where a float64 root loses half its digits."""
    with mpmath.workdps(60):
        moments = []
        for x in (a, b):
            m = mpmath.matrix(x.tolist())
            n, d = m.rows, m.cols
            mean = [mpmath.fsum(m[:, j]) / n for j in range(d)]
            centred = mpmath.matrix(n, d)
            for i in range(n):
                for j in range(d):
                    centred[i, j] = m[i, j] - mean[j]
            moments.append((mean, centred.T * centred / (n - 1)))
        (ma, ca), (mb, cb) = moments
        d = len(ma)
        values, vectors = mpmath.eigsy(ca)
        root = vectors * mpmath.diag([mpmath.sqrt(max(v, 0)) for v in values]) * vectors.T
        product = mpmath.eigsy(root * cb * root, eigvals_only=True)
        trace = mpmath.fsum(mpmath.sqrt(max(v, 0)) for v in product)
        return float(mpmath.fsum((x - y) ** 2 for x, y in zip(ma, mb)) + mpmath.fsum(ca[i, i] + cb[i, i] for i in range(d)) - 2 * trace)


def sample_sets():
    generator = np.random.default_rng(11)

    def regular(n, d):
        return generator.normal(size=(n, d)) @ generator.normal(size=(d, d)) + generator.normal(size=d)

    def singular(n, d):
        """Two columns constant, as border pixels are, and one the sum of two others."""
        x = regular(n, d)
        x[:, 0] = -1
        x[:, 3] = 0.5
        x[:, 4] = x[:, 1] + x[:, 2]
        return x

    low_rank = generator.normal(size=(4, 12))
    return {
        "2-D, equal sizes": (regular(60, 2), regular(60, 2)),
        "8-D, equal sizes": (regular(80, 8), regular(80, 8)),
        "5-D, different sizes": (regular(40, 5), regular(55, 5)),
        "6-D, singular covariances": (singular(50, 6), singular(50, 6)),
        "12-D, rank 4 against full rank": (generator.normal(size=(40, 4)) @ low_rank, regular(40, 12)),
        "10-D, fewer items than dimensions": (regular(6, 10), regular(6, 10)),
    }


def distances(projections=64, seed=3):
    cases = []
    for name, pair in sample_sets().items():
        # Our functions take float32 items; the values are those of the rounded items in float64.
        a, b = (x.astype(np.float32).astype(np.float64) for x in pair)
        d = a.shape[1]
        case = {"name": name, "dimension": d, "a": a.ravel().tolist(), "b": b.ravel().tolist()}
        case["energy"] = float(dcor.energy_distance(a, b))
        case["frechetExact"] = frechet_exact(a, b)
        if min(len(a), len(b)) > d and np.linalg.matrix_rank(np.cov(a, rowvar=False)) == d:
            case["frechetScipy"] = frechet_scipy(a, b)
        if len(a) == len(b):
            theta = np.stack([normals(d, seed, STREAM_PROJECTION, p, 0) for p in range(projections)])
            theta /= np.linalg.norm(theta, axis=1, keepdims=True)
            case["slicedWasserstein"] = float(ot.sliced_wasserstein_distance(a, b, projections=theta.T, p=2))
        cases.append(case)
    return {"projections": projections, "seed": seed, "cases": cases}


write_json("random.json", ["numpy"], random_numbers())
write_json("statistics.json", ["numpy"], statistics())
write_json("distances.json", ["numpy", "scipy", "mpmath", "POT", "dcor"], distances())

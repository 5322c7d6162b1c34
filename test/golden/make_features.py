"""Metrics of image generators on stored features: FID, KID, precision and recall by torch-fidelity, density and coverage by prdc."""
import numpy as np
import torch
from prdc import compute_prdc
from safetensors.numpy import save_file
from scipy.spatial.distance import cdist, pdist
from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric
from torch_fidelity.metric_kid import kernel_mmd, kid_features_to_metric
from torch_fidelity.metric_prc import prc_features_to_metric

from fixtures import FOLDER, write_json
from normals import words

STREAM_SUBSET = 10  # src/core/random/streams.ts
POLYNOMIAL = {"kid_kernel": "poly", "kid_kernel_poly_degree": 3, "kid_kernel_poly_gamma": None, "kid_kernel_poly_coef0": 1}


def feature_sets():
    """Float32, as an extractor gives them: of rectified units, or of a layer without; the second set of a pair is of another law."""
    generator = np.random.default_rng(31)

    def rectified(n, d, mixing, shift):
        return np.maximum(0, generator.normal(size=(n, d)) @ mixing + shift)

    def clusters(n, d, centres):
        return centres[generator.integers(len(centres), size=n)] + 0.5 * generator.normal(size=(n, d))

    mixing = generator.normal(size=(64, 64)) / 8
    centres = 2 * generator.normal(size=(5, 8))
    sets = {
        "64 rectified units": (rectified(300, 64, mixing, 0.5), rectified(300, 64, mixing, 0.6)),
        "8-D clusters, different sizes": (clusters(250, 8, centres[:4]), clusters(320, 8, centres)),
    }
    return {name: [x.astype(np.float32) for x in pair] for name, pair in sets.items()}


def subset(count, size, seed, draw):
    """The start of a Fisher-Yates shuffle with our random numbers."""
    indices = list(range(count))
    for i in range(size):
        bound = count - i
        limit = 2**32 - 2**32 % bound
        word = next(int(w) for w in words(64, seed, STREAM_SUBSET, i, draw) if w < limit)
        j = i + word % bound
        indices[i], indices[j] = indices[j], indices[i]
    return indices[:size]


def fid(a, b):
    return fid_statistics_to_metric(*(fid_features_to_statistics(torch.from_numpy(x)) for x in (a, b)), False)["frechet_inception_distance"]


def fid_infinity(a, b, seed):
    """The line of Chong and Forsyth through 15 sizes from a tenth to all."""
    shares = np.linspace(0.1, 1, 15)

    def part(x, draw):
        size = int(np.floor(shares[draw] * len(x) + 0.5))
        return x if size == len(x) else x[subset(len(x), size, seed, draw)]

    return float(np.polyfit(1 / shares, [fid(part(a, s), part(b, s)) for s in range(15)], 1)[1])


def case(name, a, b, seed=7):
    a, b = a.astype(np.float64), b.astype(np.float64)
    generated, real = torch.from_numpy(a), torch.from_numpy(b)
    m = min(len(a), len(b))
    subsets = [[subset(len(x), 100, seed, draw) for draw in range(3)] for x in (a, b)]
    prc = prc_features_to_metric(generated, real, prc_neighborhood=3, prc_batch_size=1000, save_cpu_ram=False, verbose=False)
    prdc = compute_prdc(b, a, 5)
    result = {
        "name": name, "key": name.split()[0], "seed": seed, "frechet": fid(a, b),
        "subsets": subsets,
        "kidOnSubsets": float(np.mean([kernel_mmd(a[i], b[j], **POLYNOMIAL) for i, j in zip(*subsets)])),
        "precision": prc["precision"], "recall": prc["recall"], "density": float(prdc["density"]), "coverage": float(prdc["coverage"]),
        # torch-fidelity wants sets of one size.
        "mmdItems": m, "mmdSigma": float(np.median(pdist(b[:m]))),
        "nearest": cdist(a, b).min(axis=1).tolist(),
    }
    result["mmd"] = float(kernel_mmd(a[:m], b[:m], kid_kernel="rbf", kid_kernel_rbf_sigma=result["mmdSigma"]))
    result["kid"] = kid_features_to_metric(generated[:m], real[:m], kid_subsets=1, kid_subset_size=m, rng_seed=0, verbose=False, **POLYNOMIAL)["kernel_inception_distance_mean"]
    if len(a) >= 10 * (a.shape[1] + 1):
        result["frechetInfinity"] = fid_infinity(a, b, seed)
    return result


SETS = feature_sets()
save_file({f"{name.split()[0]}.{side}": x for name, pair in SETS.items() for side, x in zip("ab", pair)}, FOLDER / "features.safetensors")
write_json("features.json", ["numpy", "scipy", "torch", "torch-fidelity", "prdc"], {"cases": [case(name, *pair) for name, pair in SETS.items()]})

"""torch-fidelity's distances from features."""

import sys
import types

from safetensors.numpy import load_file

from timing import timed


class _Absent(types.ModuleType):
    """torch-fidelity's package loads torchvision for its extractors and data sets; its arithmetic on features needs none of it."""

    __path__ = []

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (), {})


for _name in ("torchvision", "torchvision.datasets", "torchvision.transforms", "torchvision.transforms.functional", "torchvision.models"):
    _module = sys.modules.setdefault(_name, _Absent(_name))
    _parent, _, _child = _name.rpartition(".")
    if _parent:
        setattr(sys.modules[_parent], _child, _module)

import numpy  # noqa: E402
import torch  # noqa: E402
from torch_fidelity.metric_fid import KEY_METRIC_FID, fid_features_to_statistics, fid_statistics_to_metric  # noqa: E402
from torch_fidelity.metric_kid import kernel_mmd, kid_features_to_metric  # noqa: E402


def frechet(params):
    tensors = load_file(params["reference"])
    a, b = torch.from_numpy(tensors["a"]), torch.from_numpy(tensors["b"])

    def distance():
        return fid_statistics_to_metric(fid_features_to_statistics(a), fid_features_to_statistics(b), False)[KEY_METRIC_FID]

    ours = float(tensors["distance"][0])
    return {"deviation": abs(distance() - ours) / ours}, timed(distance)


POLYNOMIAL = {"kid_kernel": "poly", "kid_kernel_poly_degree": 3, "kid_kernel_poly_gamma": None, "kid_kernel_poly_coef0": 1}


def kid(params):
    tensors = load_file(params["reference"])
    a, b = torch.from_numpy(tensors["a"]), torch.from_numpy(tensors["b"])
    pairs = list(zip(tensors["subsets.a"], tensors["subsets.b"], strict=True))
    options = {**POLYNOMIAL, "kid_subsets": len(pairs), "kid_subset_size": len(pairs[0][0]), "rng_seed": 0, "verbose": False}
    # It draws subsets of its own, so that its arithmetic is checked on ours; in double, which single falls short of by more than is allowed here.
    exact = numpy.mean([kernel_mmd(tensors["a"][i].astype(float), tensors["b"][j].astype(float), **POLYNOMIAL) for i, j in pairs])
    ours = float(tensors["distance"][0])
    return {"deviation": abs(exact - ours) / abs(ours)}, timed(lambda: kid_features_to_metric(a, b, **options))

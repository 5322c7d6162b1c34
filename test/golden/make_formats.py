"""Files as numpy and safetensors write them, and what they read in the files that our encoders wrote (ours.npy, ours.safetensors: see README)."""
import base64
import io

import numpy as np
import safetensors
import safetensors.torch
import torch

from fixtures import FOLDER, write_json


def plain(values):
    """Numbers as JSON can hold them: what is not finite as a string, long integers too."""
    return [str(v) if isinstance(v, int) and abs(v) > 2**53 or isinstance(v, float) and not np.isfinite(v) else v for v in np.asarray(values).ravel().tolist()]


def npy_files():
    generator = np.random.default_rng(2)
    floats = generator.normal(size=(3, 4))
    integers = generator.integers(-100, 100, size=(2, 5))
    good = {
        "<f4": floats.astype("<f4"), ">f4": floats.astype(">f4"), "<f8": floats, ">f8": floats.astype(">f8"),
        "|u1": generator.integers(0, 256, size=(2, 3, 3, 1)).astype("u1"), "|i1": integers.astype("i1"),
        "<i2": integers.astype("<i2"), ">i2": integers.astype(">i2"), "<i4": integers.astype("<i4"), ">i4": integers.astype(">i4"),
        "<i8": integers * 10**12, ">i8": integers.astype(">i8"),
        "scalar": np.float64(np.pi), "one dimension": np.arange(7, dtype="<f4"), "no items": np.zeros((0, 3), "<f4"),
        "not finite": np.array([np.nan, np.inf, -np.inf, -0.0, 5e-324], "<f8"),
        "transposed, which numpy saves in C order when it is copied": np.ascontiguousarray(floats.T),
        "one row in Fortran order, which is C order too": np.asfortranarray(floats[:1]),
    }
    refused = {
        "fortran": (np.asfortranarray(floats), "Fortran order"), "objects": (np.array([1, "a", None], dtype=object), "pickle"),
        "half": (floats.astype("<f2"), "<f2"), "complex": (floats.astype("<c8"), "<c8"), "bool": (floats > 0, "b1"),
        "text": (np.array(["ab", "c"]), "<U2"), "record": (np.zeros(2, dtype=[("x", "<f4"), ("y", "<i4")]), "found"),
        "beyond 2^53": (np.array([2**53 + 1]), "9007199254740993"), "u4": (np.arange(3, dtype="<u4"), "<u4"),
    }

    def save(array, version):
        out = io.BytesIO()
        np.lib.format.write_array(out, np.asanyarray(array), version=version)
        return base64.b64encode(out.getvalue()).decode()

    cases = [
        {"name": f"{name}, version {version[0]}", "shape": list(np.shape(a)), "base64": save(a, version), "values": plain(a)}
        for name, a in good.items() for version in ((1, 0), (2, 0), (3, 0)) if version == (1, 0) or name in ("<f4", "|u1", "scalar")
    ]
    return {"good": cases, "refused": [{"name": name, "says": says, "base64": save(a, (1, 0))} for name, (a, says) in refused.items()]}


def safetensors_file():
    special = torch.tensor([0.0, -0.0, 1.0, -2.5, 1 / 3, 6.103515625e-05, 5.960464477539063e-08, 65504.0, float("inf"), float("-inf"), float("nan")], dtype=torch.float64)
    tensors = {
        "F64": torch.arange(6, dtype=torch.float64).reshape(2, 3) / 7, "F32": special.float(), "F16": special.half(), "BF16": special.bfloat16(),
        "I64": torch.tensor([-(2**63), 2**63 - 1, 0, -1]), "I32": torch.tensor([[-(2**31)], [2**31 - 1]], dtype=torch.int32),
        "I16": torch.tensor([-32768, 32767], dtype=torch.int16), "I8": torch.tensor([-128, 127], dtype=torch.int8),
        "U8": torch.tensor([0, 255, 7], dtype=torch.uint8), "BOOL": torch.tensor([True, False, True]),
        "scalar": torch.tensor(2.5), "empty": torch.zeros(0, 4), "layers.0.größe": torch.ones(1, 1, 2),
    }
    safetensors.torch.save_file(tensors, FOLDER / "python.safetensors", metadata={"format": "pt", "note": "Grüße"})
    safetensors.torch.save_file({"x": torch.ones(4).to(torch.float8_e4m3fn)}, FOLDER / "float8.safetensors")
    return {
        name: {"dtype": name if name.isupper() else "F32", "shape": list(t.shape), "values": plain(t.double().numpy() if t.is_floating_point() else t.numpy())}
        for name, t in tensors.items()
    }


def ours():
    with safetensors.safe_open(FOLDER / "ours.safetensors", framework="pt") as file:
        tensors = {}
        for name in file.keys():
            t = file.get_tensor(name)
            tensors[name] = {"torch": str(t.dtype), "shape": list(t.shape), "values": plain(t.double().numpy() if t.is_floating_point() else t.numpy())}
        metadata = file.metadata()
    array = np.load(FOLDER / "ours.npy", allow_pickle=False)
    return {"safetensors": {"metadata": metadata, "tensors": tensors}, "npy": {"dtype": array.dtype.str, "shape": list(array.shape), "values": plain(array)}}


write_json("npy.json", ["numpy"], npy_files())
write_json("safetensors.json", ["safetensors", "torch"], {"tensors": safetensors_file()})
if (FOLDER / "ours.safetensors").exists() and (FOLDER / "ours.npy").exists():
    write_json("ours-read-by-python.json", ["safetensors", "torch", "numpy"], ours())

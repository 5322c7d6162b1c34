"""Draws samples with the model beside this file: model.onnx is the network, sampler.json everything else.

    python sample.py --n 16 --seed 0 --out samples.npy      (needs numpy and onnxruntime)

The same seed gives the same samples as `sigdeg sample` of the run that was exported. A sample depends on its seed and number alone, so --first and --n
cut the endless list of samples of a seed wherever you like.

A student (Sig-DEG, arXiv 2508.16939) takes a few coarse steps. Over each it is told m numbers per dimension, the partial signature of the Brownian motion
z over the fine steps that the coarse one spans: xi_k = q_k . z, with rows q_k that make them independent standard normals. A teacher is an ordinary
denoiser that estimates the clean item x0; its steps are the ancestral ones, x <- keep x + drift x0 + noise z.

A model with classes draws them in turn, or one with --class. A guidance scale w leads a teacher to x0(none) + w (x0(class) - x0(none)), in two evaluations; a
student is told w and needs one.
"""
import argparse
import json
import pathlib

import numpy as np
import onnxruntime

HERE = pathlib.Path(__file__).resolve().parent
LOW = np.uint64(0xFFFFFFFF)


def philox4x32(c0, c1, c2, c3, seed):
    """Philox4x32-10 (Salmon et al. 2011): four uint32 words for every counter; arrays broadcast."""
    k0, k1 = seed & 0xFFFFFFFF, seed >> 32
    x = [np.asarray(c, dtype=np.uint64) for c in (c0, c1, c2, c3)]
    for _ in range(10):
        p0, p1 = x[0] * np.uint64(0xD2511F53), x[2] * np.uint64(0xCD9E8D57)
        x = [(p1 >> np.uint64(32)) ^ x[1] ^ np.uint64(k0), p1 & LOW, (p0 >> np.uint64(32)) ^ x[3] ^ np.uint64(k1), p0 & LOW]
        k0, k1 = (k0 + 0x9E3779B9) & 0xFFFFFFFF, (k1 + 0xBB67AE85) & 0xFFFFFFFF
    return x


def normals(seed, stream, items, step, count):
    """Standard normals [items, count] at the addresses (seed, stream, item, step, 0 .. count - 1), by Box and Muller."""
    blocks = np.arange((count + 3) // 4, dtype=np.uint64)
    w = np.stack(philox4x32(blocks[None, :], step, np.asarray(items, dtype=np.uint64)[:, None], stream, seed), axis=-1)
    unit = (w.astype(np.float64) + 0.5) / 2.0**32
    radius, angle = np.sqrt(-2 * np.log(unit[..., 0::2])), 2 * np.pi * unit[..., 1::2]
    z = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=-1)
    return z.reshape(len(z), -1)[:, :count]


def conditions(about, items, label, guidance):
    """Classes [n, classes], one-hot, and guidance scale of a model that has classes."""
    names = about["classes"]
    guidance = about["usualGuidance"] if guidance is None else guidance
    if about["guidance"] is not None and not about["guidance"][0] <= guidance <= about["guidance"][1]:
        raise SystemExit(f"--guidance: expected {about['guidance'][0]} to {about['guidance'][1]}, which is what the student was taught, found {guidance}")
    if label in (None, "all"):
        labels = items % len(names)
    elif label in names or (label.isdigit() and int(label) < len(names)):
        labels = np.full(len(items), names.index(label) if label in names else int(label))
    else:
        raise SystemExit(f"--class: expected a number from 0 to {len(names) - 1}, all, or one of {', '.join(names)}, found {label}")
    return np.eye(len(names), dtype=np.float32)[labels], guidance


def sample(n, seed, steps=None, first=0, folder=HERE, label=None, guidance=None):
    """Samples [n, *item] in data units."""
    about = json.loads((folder / "sampler.json").read_text())
    conditional = about.get("conditional")
    if conditional is None and (label is not None or guidance is not None):
        raise SystemExit("--class, --guidance: this model knows no classes")
    session = onnxruntime.InferenceSession(str(folder / "model.onnx"), providers=["CPUExecutionProvider"])
    plan = about["samplers"][str(steps) if steps else max(about["samplers"], key=int)]
    shape, depth, stream = about["itemShape"], about["depth"], about["noise"]["stream"]
    size, items = int(np.prod(shape)), np.arange(first, first + n)

    x = about["initialSigma"] * normals(seed, stream, items, about["noise"]["initialStep"], size).astype(np.float32).reshape(n, *shape)
    x = x.astype(np.float32)
    classes, guidance = (None, 1) if conditional is None else conditions(conditional, items, label, guidance)
    told = {} if classes is None else {"classes": classes}
    carry = None if about["carry"] is None else np.zeros((n, *about["carry"]), np.float32)
    for step in plan:
        xi = np.zeros((depth, n, size))
        for j in range(step["from"], step["to"]):
            z = normals(seed, stream, items, j, size)
            for k in range(depth):
                xi[k] += step["basis"][k][j - step["from"]] * z
        numbers = {name: np.array(step[name], np.float32) for name in ("alpha", "sigma", "keep", "drift", "noise")}
        embedding = np.asarray([step["embedding"]], np.float32)
        if about["kind"] == "student":
            # Terms lie side by side in the last axis.
            terms = np.moveaxis(xi.reshape(depth, n, *shape), 0, -2).reshape(n, *shape[:-1], depth * shape[-1]).astype(np.float32)
            feeds = {"x": x, "xi": terms, "embedding": embedding, **numbers, **told}
            if classes is not None:
                feeds["guidance"] = np.full((n, 1), guidance, np.float32)
            if carry is None:
                x, = session.run(["x_next"], feeds)
            else:
                x, carry = session.run(["x_next", "carry_next"], {**feeds, "carry": carry})
        else:
            feeds = {"x": x, "embedding": embedding, "alpha": numbers["alpha"], "sigma": numbers["sigma"]}
            x0, = session.run(["x0"], {**feeds, **told})
            if guidance != 1:
                free, = session.run(["x0"], {**feeds, "classes": np.zeros_like(classes)})
                x0 = free + np.float32(guidance) * (x0 - free)
            x = numbers["keep"] * x + numbers["drift"] * x0 + numbers["noise"] * xi[0].reshape(n, *shape).astype(np.float32)
    return x * np.float32(about["normalisation"]["scale"]) + np.float32(about["normalisation"]["offset"])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Draws samples with the exported model.")
    parser.add_argument("--n", type=int, default=16, help="how many")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, default=0, help="number of the first sample")
    parser.add_argument("--steps", type=int, default=None, help="step count, where the model has several")
    parser.add_argument("--class", dest="label", default=None, help="of a model with classes: a name, a number, or all in turn (the default)")
    parser.add_argument("--guidance", type=float, default=None, help="of a model with classes: guidance scale")
    parser.add_argument("--out", default="samples.npy")
    given = parser.parse_args()
    np.save(given.out, sample(given.n, given.seed, given.steps, given.first, label=given.label, guidance=given.guidance))

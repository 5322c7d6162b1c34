"""Draws samples with the student beside this file: unet/ is a UNet2DModel of diffusers, steps.json holds the numbers of its steps.

    python sample.py --n 16 --seed 0 --out samples.npy      (needs numpy, torch and diffusers)

A student (Sig-DEG, arXiv 2508.16939) takes a few steps. Over each it is told m numbers per pixel and channel, the partial signature of the Brownian motion over
the step, which are independent standard normals: its input channels are the state's, then those of xi_0, …, xi_{m-1}. Which step it is, it is told as a class
label, since a step has two times and UNet2DModel knows one. A network's answer F stands for the step's average of the clean item,

    xbar0 = x0OfState x + x0OfOutput F, held within ± clip;    x <- keep x + drift xbar0 + noise xi_0

The noise is torch's: samples are not those of `sigdeg sample` for the same seed, but of the same law (those of «sigdeg export --to python» are the same).
"""
import argparse
import json
import pathlib

import numpy as np
import torch
from diffusers import UNet2DModel

HERE = pathlib.Path(__file__).resolve().parent


@torch.no_grad()
def sample(start, normals, steps=None, folder=HERE):
    """Samples [n, height, width, channels] in data units, from standard normals: start [n, channels, height, width], and normals(k), as many again for xi_k of the next step."""
    about = json.loads((folder / "steps.json").read_text())
    unet = UNet2DModel.from_pretrained(folder / "unet").eval()
    x = about["initialSigma"] * start
    for step in about["samplers"][str(steps) if steps else max(about["samplers"], key=int)]:
        xi = [normals(k) if k < step["terms"] else torch.zeros_like(x) for k in range(about["depth"])]
        labels = torch.full((len(x),), step["label"], dtype=torch.long)
        out = unet(torch.cat([x, *xi], dim=1), step["timestep"], class_labels=labels).sample
        xbar0 = step["x0OfState"] * x + step["x0OfOutput"] * out
        if about["clip"] is not None:
            xbar0 = xbar0.clamp(-about["clip"], about["clip"])
        x = step["keep"] * x + step["drift"] * xbar0 + step["noise"] * xi[0]
    return x.permute(0, 2, 3, 1).numpy() * about["normalisation"]["scale"] + about["normalisation"]["offset"]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Draws samples with the exported student.")
    parser.add_argument("--n", type=int, default=16, help="how many")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, default=None, help="step count, where the student has several")
    parser.add_argument("--out", default="samples.npy")
    given = parser.parse_args()
    config = json.loads((HERE / "unet" / "config.json").read_text())
    height, width = np.broadcast_to(config["sample_size"], 2).tolist()
    torch.manual_seed(given.seed)
    shape = (given.n, config["out_channels"], height, width)
    np.save(given.out, sample(torch.randn(shape), lambda k: torch.randn(shape), given.steps))

"""A small denoiser and a small feature extractor as PyTorch exports them to ONNX, and what PyTorch computes with both; images resized by PyTorch, Pillow and torch-fidelity."""
import importlib.util
import warnings

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save_file
from torch import nn
from torch.nn.functional import interpolate, mse_loss, silu

from fixtures import FOLDER, write_json

PACKAGES = ["torch", "onnx", "Pillow", "torch-fidelity", "safetensors"]
STEPS = 24
HEIGHT, WIDTH, CHANNELS = 6, 8, 3


class Denoiser(nn.Module):
    """Predicts v from images, channels first, and whole steps."""

    def __init__(self, width=24):
        super().__init__()
        self.time = nn.Embedding(STEPS, width)
        self.first = nn.Conv2d(CHANNELS, width, 3, padding=1)
        self.middle = nn.ModuleList(nn.Conv2d(width, width, 3, padding=1) for _ in range(3))
        self.last = nn.Conv2d(width, CHANNELS, 3, padding=1)

    def forward(self, sample, timestep):
        h = self.first(sample) + self.time(timestep)[:, :, None, None]
        for layer in self.middle:
            h = h + layer(silu(h))
        return self.last(silu(h))


class Extractor(nn.Module):
    """Features [n, 5, 1, 1], as Inception's pool gives them."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Conv2d(3, 5, 3)

    def forward(self, image):
        return self.layer(image).tanh().mean((2, 3), keepdim=True)


def spots(count):
    """Pictures of one coloured spot each, −1 to 1."""
    def profile(length):
        centre, width = 1 + (length - 3) * torch.rand(count, 1), 1 + torch.rand(count, 1)
        return torch.exp(-(((torch.arange(length) - centre) / width) ** 2))
    shade = profile(HEIGHT)[:, None, :, None] * profile(WIDTH)[:, None, None, :]
    return 2 * shade * torch.rand(count, CHANNELS, 1, 1) - 1


def alpha_bar():
    """DDPM's linear schedule, as diffusers computes it."""
    return torch.cumprod(1 - torch.linspace(0.004, 0.4, STEPS), 0)


def train(model, steps=2500):
    """Long enough that it denoises better than a linear filter."""
    bars = alpha_bar()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    decay = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for _ in range(steps):
        x0, t = spots(32), torch.randint(0, STEPS, (32,))
        noise = torch.randn_like(x0)
        bar = bars[t][:, None, None, None]
        loss = mse_loss(model(bar.sqrt() * x0 + (1 - bar).sqrt() * noise, t), bar.sqrt() * noise - (1 - bar).sqrt() * x0)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        decay.step()
    print(f"trained to a loss of {loss.item():.4f}")


def export(model, inputs, name, names, output):
    free = {key: {0: "batch"} for key in [*names, output]}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter without onnxscript is the older one
        torch.onnx.export(model.eval(), inputs, FOLDER / "onnx" / name, input_names=names, output_names=[output], dynamic_axes=free, opset_version=17, dynamo=False)


def like_tensorflow(x, size):
    """torch-fidelity's, without the package, which loads torchvision."""
    package = importlib.util.find_spec("torch_fidelity").submodule_search_locations[0]
    spec = importlib.util.spec_from_file_location("interpolate_compat_tensorflow", f"{package}/interpolate_compat_tensorflow.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.interpolate_bilinear_2d_like_tensorflow1x(x, size=size, align_corners=False)


def like_clean_fid(x, size):
    """Each channel by Pillow in float32, then clipped: clean-fid's make_resizer("PIL", False, "bicubic", …)."""
    rows = [[np.asarray(Image.fromarray(channel).resize(size[::-1], resample=Image.BICUBIC)).clip(0, 255) for channel in image] for image in x.numpy()]
    return torch.from_numpy(np.array(rows, np.float32))


RESIZE = {
    "bilinear": lambda x, size: interpolate(x, size=size, mode="bilinear", align_corners=False),
    "bilinear-tf1": like_tensorflow,
    "bicubic": like_clean_fid,
}
SIZES = [(11, 9), (4, 5)]


def last(x):
    return x.permute(0, 2, 3, 1).contiguous()


if __name__ == "__main__":
    (FOLDER / "onnx").mkdir(exist_ok=True)
    torch.set_num_threads(1)
    torch.manual_seed(3)
    denoiser, extractor = Denoiser(), Extractor().eval()
    train(denoiser)
    export(denoiser, (torch.zeros(2, CHANNELS, HEIGHT, WIDTH), torch.zeros(2, dtype=torch.int64)), "denoiser.onnx", ["sample", "timestep"], "velocity")
    export(extractor, (torch.zeros(2, 3, *SIZES[0]),), "extractor.onnx", ["image"], "features")
    steps = torch.tensor([0, 7, 23])
    x, samples = torch.randn(3, CHANNELS, HEIGHT, WIDTH), 1.2 * torch.tanh(torch.randn(3, 3, 7, 6))
    tensors = {"x": last(x), "steps": steps.float(), "samples": last(samples)}
    with torch.no_grad():
        tensors["velocity"] = last(denoiser(x, steps))
        pixels = ((samples.clamp(-1, 1) + 1) * 127.5).round()
        for rule, resize in RESIZE.items():
            for size in SIZES:
                tensors[f"{rule}.{size[0]}x{size[1]}"] = last(resize(pixels, size))
            tensors[f"{rule}.features"] = extractor(resize(pixels, SIZES[0]) / 128 - 1)[:, :, 0, 0]
    save_file({key: value.contiguous() for key, value in tensors.items()}, FOLDER / "onnx" / "outputs.safetensors")
    write_json("onnx/made-with.json", PACKAGES, {})

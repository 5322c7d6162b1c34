"""EDM's bare network F(c_in x, c_noise) of the Gaussian mixture in closed form, as PyTorch exports it to ONNX, and what PyTorch computes with it. Needs no training."""
import warnings

import torch
from safetensors.torch import save_file
from torch import nn

from fixtures import FOLDER, write_json
from mixture import MEANS, SPREAD, WEIGHTS

SIGMA_DATA = 0.5


class Bare(nn.Module):
    """In float64 inside, since at small sigma what is left of E[x0 | x] less c_skip x is small."""

    def __init__(self):
        super().__init__()
        self.register_buffer("means", torch.from_numpy(MEANS))
        self.register_buffer("log_weights", torch.from_numpy(WEIGHTS).log())

    def forward(self, x, c_noise):
        s2 = (8 * c_noise.double())[:, None].exp()
        n2 = s2 + SIGMA_DATA**2
        state = x.double() * n2.sqrt()
        variance = SPREAD**2 + s2
        distance = ((state[:, None, :] - self.means) ** 2).sum(-1)
        p = torch.softmax(self.log_weights - distance / (2 * variance), -1)
        x0 = (SPREAD**2 * state + s2 * (p @ self.means)) / variance
        return ((x0 - SIGMA_DATA**2 / n2 * state) * (n2 / s2).sqrt() / SIGMA_DATA).float()


if __name__ == "__main__":
    torch.manual_seed(5)
    model = Bare().eval()
    names = ["x", "c_noise", "F"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter without onnxscript is the older one
        torch.onnx.export(model, (torch.zeros(2, 2), torch.zeros(2)), FOLDER / "onnx" / "edm.onnx", input_names=names[:2], output_names=names[2:], dynamic_axes={name: {0: "batch"} for name in names}, opset_version=17, dynamo=False)
    sigma = torch.tensor([0.002, 0.1, 0.7, 5.0, 80.0])
    noisy = 0.7 * torch.randn(5, 2) + sigma[:, None] * torch.randn(5, 2)
    with torch.no_grad():
        output = model(noisy / (sigma**2 + SIGMA_DATA**2).sqrt()[:, None], sigma.log() / 4)
    save_file({"x": noisy, "sigma": sigma, "F": output}, FOLDER / "onnx" / "edm.safetensors")
    write_json("onnx/edm-made-with.json", ["torch", "onnx", "safetensors"], {})

"""The networks of src/nets (mlp.ts, unet.ts) in PyTorch, with our weights put into its layouts."""

import math

import torch
from safetensors.torch import load_file
from torch import nn
from torch.nn import functional as F

OCTAVES = {"mlp": 4, "unet": 6}


def embed(lam, octaves):
    """lambda/5, then sin and cos of 2^k (pi/2) lambda/5: [batch] -> [batch, 1 + 2 octaves]."""
    scaled = (lam / 5)[:, None]
    angles = scaled * (math.pi / 2 * 2.0 ** torch.arange(octaves))
    waves = torch.stack([angles.sin(), angles.cos()], -1).flatten(1)
    return torch.cat([scaled, waves], 1)


class Conditioned(nn.Module):
    """silu(x W + e U + b)."""

    def __init__(self, inputs, embedding, width):
        super().__init__()
        self.dense = nn.Linear(inputs, width)
        self.time = nn.Linear(embedding, width, bias=False)

    def forward(self, x, e):
        return F.silu(self.dense(x) + self.time(e))


class Mlp(nn.Module):
    def __init__(self, width=128, blocks=2, channels=2, embedding=9):
        super().__init__()
        self.input = Conditioned(channels, embedding, width)
        self.blocks = nn.ModuleList(Conditioned(width, embedding, width) for _ in range(blocks))
        self.output = nn.Linear(width, channels)

    def forward(self, x, e):
        h = self.input(x, e)
        for block in self.blocks:
            h = h + block(h, e)
        return self.output(h)


class Resnet(nn.Module):
    def __init__(self, channels, time, groups=8):
        super().__init__()
        self.norm1 = nn.GroupNorm(groups, channels, eps=1e-5)
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.time_emb_proj = nn.Linear(time, 2 * channels)
        self.norm2 = nn.GroupNorm(groups, channels, eps=1e-5)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x, e):
        hidden = self.conv1(F.silu(self.norm1(x)))
        scale, shift = self.time_emb_proj(e)[:, :, None, None].chunk(2, 1)
        return x + self.conv2(F.silu(torch.addcmul(shift, self.norm2(hidden), 1 + scale)))


class Unet(nn.Module):
    """Two resolutions, one residual block each way, patches of 2 x 2."""

    def __init__(self, channels=(32, 64), patch=2, inputs=1, embedding=13):
        super().__init__()
        top, deep = channels
        time = 2 * top
        self.patch = patch
        self.linear_1 = nn.Linear(embedding, time)
        self.linear_2 = nn.Linear(time, time)
        self.conv_in = nn.Conv2d(patch * patch * inputs, top, 3, padding=1)
        self.down = nn.ModuleList([Resnet(top, time), Resnet(deep, time)])
        # A dense layer over channels is a convolution of one pixel.
        self.downsampler = nn.Conv2d(4 * top, deep, 1)
        self.mid = Resnet(deep, time)
        self.up = nn.ModuleList([Resnet(top, time), Resnet(deep, time)])
        self.upsampler = nn.Conv2d(deep, 4 * top, 1)
        self.conv_norm_out = nn.GroupNorm(8, top, eps=1e-5)
        self.conv_out = nn.Conv2d(top, patch * patch * inputs, 3, padding=1)

    def forward(self, x, embedding):
        e = F.silu(self.linear_2(F.silu(self.linear_1(embedding))))
        h = self.conv_in(F.pixel_unshuffle(x, self.patch))
        fine = self.down[0](h, e)
        coarse = self.down[1](self.downsampler(F.pixel_unshuffle(fine, 2)), e)
        h = self.mid(coarse, e)
        h = self.up[1](h + coarse, e)
        h = F.pixel_shuffle(self.upsampler(h), 2)
        h = self.up[0](h + fine, e)
        return F.pixel_shuffle(self.conv_out(F.silu(self.conv_norm_out(h))), self.patch)


UNET_NAMES = {
    "linear_1": "time_embedding.linear_1",
    "linear_2": "time_embedding.linear_2",
    "downsampler": "down_blocks.0.downsamplers.0",
    "upsampler": "up_blocks.1.upsamplers.0",
    "mid": "mid_block.resnets.0",
    **{f"{way}.{i}": f"{way}_blocks.{i}.resnets.0" for way in ("down", "up") for i in (0, 1)},
}


def our_name(name):
    """The name of one of our parameters for one of these modules'."""
    for short, long in UNET_NAMES.items():
        if name.startswith(f"{short}."):
            return long + name[len(short) :]
    return name.replace(".dense.", ".")


def depth_first(weight, axis, patches):
    """Our space-to-depth orders channels (row, column, c), PyTorch's (c, row, column)."""
    moved = weight.movedim(axis, 0)
    return moved.reshape(patches, -1, *moved.shape[1:]).transpose(0, 1).reshape(moved.shape).movedim(0, axis)


def load_weights(net, tensors):
    """Puts our weights in; every one of ours must find its place."""
    ours = {name[len("net.") :]: value for name, value in tensors.items() if name.startswith("net.")}
    state = {}
    for name, parameter in net.named_parameters():
        value = ours.pop(our_name(name))
        if value.dim() == 4:  # [height, width, in, out]
            value = value.permute(3, 2, 0, 1)
        elif value.dim() == 2:  # [in, out]
            value = value.t()
            if name.startswith("downsampler"):
                value = depth_first(value, 1, 4)
            if name.startswith("upsampler"):
                value = depth_first(value, 0, 4)
        elif name == "upsampler.bias":
            value = depth_first(value, 0, 4)
        if parameter.dim() == 4 and value.dim() == 2:
            value = value[:, :, None, None]
        state[name] = value.contiguous()
    if ours:
        raise ValueError(f"our parameters {', '.join(ours)} have no place in the peer's network")
    net.load_state_dict(state)


def v_to_x0(net, x, e, alpha, sigma):
    return alpha * x - sigma * net(x, e)


def build(name, reference):
    """The network with our weights, and how far its results are from ours, relative to the largest."""
    tensors = load_file(reference, device=str(torch.get_default_device()))
    net = Mlp() if name == "mlp" else Unet()
    load_weights(net, tensors)
    x, x0 = tensors["x"], tensors["x0"]
    if x.dim() == 4:
        x, x0 = x.permute(0, 3, 1, 2), x0.permute(0, 3, 1, 2)
    alpha, sigma, lam = tensors["level"].tolist()
    with torch.inference_mode():
        mine = v_to_x0(net, x, embed(torch.tensor([lam]), OCTAVES[name]), alpha, sigma)
    return net, float((mine - x0).abs().max() / x0.abs().max())


def count(net):
    return sum(parameter.numel() for parameter in net.parameters())

"""The rate of a large matrix product and of copying memory, as PyTorch reaches them."""

import torch

from timing import timed

SIDE = 1024
COPIED = 1 << 26


def matmul(_params):
    a = torch.randn(SIDE, SIDE)
    return {"flop": 2 * SIDE**3}, timed(lambda: a @ a)


def copy(_params):
    source = torch.ones(COPIED, dtype=torch.uint8)
    target = torch.zeros(COPIED, dtype=torch.uint8)
    return {"bytes": 2 * COPIED}, timed(lambda: target.copy_(source))

"""Seconds of some calls."""

import sys
import time


def wait():
    """Until a GPU in use has done what it was asked for."""
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_initialized():
        torch.cuda.synchronize()


def timed(body):
    """A function of the number of iterations, as main.py wants it."""

    def run(iterations):
        wait()
        start = time.perf_counter()
        for _ in range(iterations):
            body()
        wait()
        return time.perf_counter() - start

    return run

"""Seconds of some calls."""

import time


def timed(body):
    """A function of the number of iterations, as main.py wants it."""

    def run(iterations):
        start = time.perf_counter()
        for _ in range(iterations):
            body()
        return time.perf_counter() - start

    return run

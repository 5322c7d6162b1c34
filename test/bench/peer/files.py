"""Reading weights."""

from safetensors.numpy import load_file

from timing import timed


def safetensors(params):
    return {}, timed(lambda: load_file(params["reference"]))

"""The peers' process: one request a line on stdin, one answer a line on stdout. See child.ts for what is said."""

import importlib
import json
import os
import sys

# What libraries print must not stand among the answers.
answers = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(2, 1)

# Loaded when first asked for: torch takes seconds.
WORKS = {
    "matmul": ("machine", "matmul"),
    "copy": ("machine", "copy"),
    "training": ("training", "training"),
    "forward": ("training", "forward"),
    "sampling": ("sampling", "sampling"),
    "normals": ("numbers_", "normals"),
    "signature": ("numbers_", "signature"),
    "frechet": ("distances", "frechet"),
    "kid": ("distances", "kid"),
    "safetensors": ("files", "safetensors"),
}


def open_work(name, params):
    module, function = WORKS[name]
    if "device" in params:
        import torch

        # All that torch makes from now on is there.
        torch.set_default_device(params["device"])
    if os.environ.get("OMP_NUM_THREADS") == "1" and module != "numbers_":
        import torch

        torch.set_num_threads(1)
    return getattr(importlib.import_module(module), function)(params)


def main():
    opened = {}
    for line in sys.stdin:
        request = json.loads(line)
        answer = {"id": request["id"]}
        try:
            key = request["key"]
            if request["op"] == "open":
                facts, run = open_work(request["work"], request["params"])
                opened[key] = run
                answer["facts"] = facts
            elif request["op"] == "run":
                answer["seconds"] = opened[key](request["iterations"])
            else:
                opened.pop(key, None)
        except Exception as error:  # noqa: BLE001, everything is told to who asked
            words = str(error).strip().splitlines() or [""]
            answer["error"] = {"code": "INTERNAL", "message": f"{type(error).__name__}: {words[0][:300]}"}
        answers.write(json.dumps(answer) + "\n")


main()

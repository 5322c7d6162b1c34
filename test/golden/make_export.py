"""What ONNX Runtime computes with the models that our exporter wrote, and what TensorBoard reads in our event file (ours-student-*.onnx, ours.tfevents: see README)."""
import shutil
import tempfile

import numpy as np
import onnx
import onnxruntime
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from fixtures import FOLDER, write_json

BATCH = 5  # neither of the two batches that the exporter looked at


def plain(arrays):
    return {name: {"shape": list(np.shape(a)), "values": np.asarray(a, np.float64).ravel().tolist()} for name, a in arrays.items()}


def model(name):
    path = str(FOLDER / f"ours-student-{name}.onnx")
    onnx.checker.check_model(onnx.load(path), full_check=True)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    generator = np.random.default_rng(7)
    shape = {i.name: [BATCH if d == "batch" else d for d in i.shape] for i in session.get_inputs()}
    inputs = {key: generator.uniform(0.2, 0.9, size=s).astype(np.float32) if s == [] else generator.normal(size=s).astype(np.float32) for key, s in shape.items()}
    inputs = {key: np.asarray(value, np.float32) for key, value in inputs.items()}
    names = [o.name for o in session.get_outputs()]
    return {"inputs": plain(inputs), "outputs": plain(dict(zip(names, session.run(names, inputs))))}


def tensorboard():
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(FOLDER / "ours.tfevents", f"{folder}/events.out.tfevents.1700000000.ours")
        events = EventAccumulator(folder, size_guidance={"scalars": 0, "images": 0})
        events.Reload()
        tags = events.Tags()
        return {
            "scalars": {tag: [[e.wall_time, e.step, e.value] for e in events.Scalars(tag)] for tag in tags["scalars"]},
            "images": {tag: [[e.step, e.height, e.width] for e in events.Images(tag)] for tag in tags["images"]},
        }


if __name__ == "__main__":
    write_json("export-read-by-python.json", ["onnx", "onnxruntime", "tensorboard"], {"models": {name: model(name) for name in ["mlp", "gru", "unet"]}, "tensorboard": tensorboard()})

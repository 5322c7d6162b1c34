"""Where fixtures go and which versions made them."""
import json
from importlib.metadata import version
from pathlib import Path

FOLDER = Path(__file__).parent / "fixtures"


def write_json(name, packages, values):
    """Every float with 17 digits, so that a float64 comes back bit for bit."""
    made_with = {package: version(package) for package in packages}
    (FOLDER / name).write_text(json.dumps({"madeWith": made_with, **values}, allow_nan=False) + "\n")

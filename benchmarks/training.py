"""Trains lesson 16's model with the lesson's own functions, and prints the held-out loss after a fixed time.

python benchmarks/training.py                          # tiny Shakespeare, downloaded once; 240 seconds
python benchmarks/training.py TEXT --seconds 33        # a text of your own
python benchmarks/training.py --ablations              # 600 steps for each ingredient left out
python benchmarks/training.py --plain                  # nanoGPT's recipe for CPUs: AdamW, GELU, learned positions
"""

import argparse
import contextlib
import io
import sys
from pathlib import Path

import torch

from attention_course import data
from autograder.lesson_source import role, tags
from autograder.lessons import load

LESSON = "16_train_a_transformer"
COLUMNS = "left out;seed;seconds;steps;tokens per second;parameters;held-out loss, nats;bits per byte".split(";")
SMALLER = {"layers": 4, "heads": 4, "width": 128, "context": 128, "batch": 12}  # what 33 seconds are enough for
PLAIN = {"layers": 4, "heads": 4, "width": 128, "context": 64, "batch": 12, "dropout": 0.0}
PLAIN |= dict.fromkeys(("rotary", "qk_norm", "squared_relu", "zero_start", "muon", "half"), False)
LEFT_OUT = {
    "nothing": {},
    "Muon (AdamW in its place)": {"muon": False},
    "rotary positions (learned ones)": {"rotary": False},
    "normalized queries and keys": {"qk_norm": False},
    "squared ReLU (GELU)": {"squared_relu": False},
    "the start at zero": {"zero_start": False},
    "the falling rate (constant)": {"decay": False},
    "half precision": {"half": False},
    "weight decay": {"weight_decay": 0.0},
}


def main() -> None:
    """Print a table: a line per run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("text", nargs="?", type=Path, metavar="TEXT", help="a text file (default: tiny Shakespeare, checked)")
    parser.add_argument("--seconds", type=float, default=240, help="for training alone (default 240)")
    parser.add_argument("--steps", type=int, help="so many steps in place of seconds (with --ablations 600 if nothing is said)")
    parser.add_argument("--seeds", type=int, default=1, help="runs of each kind (default 1)")
    parser.add_argument("--preset", choices=["auto", "cpu"], default="auto", help="cpu: also where there is a GPU")
    parser.add_argument("--smaller", action="store_true", help=f"the sizes for short runs: {SMALLER}")
    kinds = parser.add_mutually_exclusive_group()
    kinds.add_argument("--ablations", action="store_true", help="leave out one ingredient after the other, at the smaller sizes")
    kinds.add_argument("--plain", action="store_true", help="nanoGPT's recipe for CPUs in place of the lesson's")
    wanted = parser.parse_args()
    steps = wanted.steps or (600 if wanted.ablations else None)
    try:
        text = wanted.text.read_text(encoding="utf-8") if wanted.text else data.tiny_shakespeare()
    except (OSError, UnicodeDecodeError, data.DataError) as problem:
        sys.exit(f"No text to train on ({problem}); name a file.")
    lesson, ids = _lesson(), _ids(text)
    settings = lesson["preset"](gpu=wanted.preset != "cpu")
    print(f"{len(text):,} characters; {torch.get_num_threads()} threads, PyTorch {torch.__version__}")
    print(f"| {' | '.join(COLUMNS)} |\n{'| --- ' * len(COLUMNS)}|", flush=True)
    for name, change in (LEFT_OUT if wanted.ablations else {"all" if wanted.plain else "nothing": {}}).items():
        for seed in range(wanted.seeds):
            sizes = PLAIN if wanted.plain else SMALLER if wanted.ablations or wanted.smaller else {}
            print(_line(name, _run(lesson, ids, text, settings, sizes | change, (wanted.seconds, steps), seed)), flush=True)


def _lesson() -> dict:
    """What the lesson's code cells define, its trainings and tests left out."""
    names: dict = {"__name__": LESSON}
    for cell in load(LESSON).notebook.cells:
        if cell.cell_type == "code" and role(cell) != "test" and "skip-execution" not in tags(cell):
            with contextlib.redirect_stdout(io.StringIO()):
                exec(compile(cell.source, LESSON, "exec"), names)
    return names


def _ids(text: str) -> torch.Tensor:
    known = {character: number for number, character in enumerate(sorted(set(text)))}
    return torch.tensor([known[character] for character in text])


def _run(lesson: dict, ids, text: str, settings: tuple, changes: dict, time: tuple, seed: int) -> dict:
    """Train on the first nine tenths for (seconds, or so many steps), measure on all of the last one."""
    recipe, device, *how = settings
    recipe, size = recipe | changes, int(ids.max()) + 1
    known, held_out = ids[: int(0.9 * len(ids))], ids[int(0.9 * len(ids)) :]
    model, steps, used = lesson["train"](size, *time, settings=(recipe, device, *how), seed=seed, ids=known, bar=False)
    bytes_each = len(text.encode()) / len(text)
    nats, bits = lesson["evaluate"](model, held_out.to(device), recipe["context"], bytes_each)
    speed = steps * recipe["batch"] * recipe["context"] / used
    parameters = sum(parameter.numel() for parameter in model.parameters())
    return {"seed": seed, "seconds": used, "steps": steps, "speed": speed, "parameters": parameters, "nats": nats, "bits": bits}


def _line(name: str, found: dict) -> str:
    return "| {} | {seed} | {seconds:.0f} | {steps:,} | {speed:,.0f} | {parameters:,} | {nats:.4f} | {bits:.3f} |".format(
        name, **found
    )


if __name__ == "__main__":
    main()

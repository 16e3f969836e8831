"""What a lesson prints when its training starts from other seeds: the figures that its text gives as bands.

python benchmarks/seeds.py 17_applications              # seeds 0, 1 and 2
python benchmarks/seeds.py 12_cross_attention --seeds 3 4
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from autograder.lesson_source import read_cells, role
from autograder.lessons import SOLUTIONS, lesson_names

START = re.compile(r"(\bmanual_seed\(|\bseed=)0\b")


def main() -> None:
    """Run each lesson once per seed and print its outputs, a heading for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lessons", nargs="+", choices=lesson_names(), metavar="LESSON")
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2], help="what stands in the place of seed 0")
    wanted = parser.parse_args()
    for lesson in wanted.lessons:
        for seed in wanted.seeds:
            print(f"## {lesson}, seed {seed}\n", flush=True)
            said = printed(lesson, seed)
            print(said, flush=True)


def printed(lesson: str, seed: int) -> str:
    """What the lesson prints, its test cells left out, with `seed` where its own cells start from seed 0."""
    sources = [
        cell.source if role(cell) == "solution" else START.sub(rf"\g<1>{seed}", cell.source)
        for cell, _ in read_cells(SOLUTIONS / f"{lesson}.py")
        if cell.cell_type == "code" and role(cell) != "test"
    ]
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / f"{lesson}.py"
        program.write_text("\n\n".join(sources), encoding="utf-8")
        run = subprocess.run(
            [sys.executable, str(program)], env=os.environ | {"MPLBACKEND": "agg"}, capture_output=True, text=True
        )
    if run.returncode:
        raise SystemExit(f"{lesson} with seed {seed} ended in: {run.stderr.strip().splitlines()[-1]}")
    return run.stdout


if __name__ == "__main__":
    main()

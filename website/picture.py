"""The front page's picture: queries and keys of lesson 08's model, and the markup that shows their weights.

python website/picture.py     # trains the model anew and writes picture.json
"""

import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
LESSON, UNTIL = "08_self_attention", "def train("
CHOSEN = ("apple", "crane")  # the sentences about apples are those that the lesson quotes


def markup() -> str:
    """The picture as HTML that needs nothing but itself."""
    data = json.loads((HERE / "picture.json").read_text(encoding="utf-8"))
    template = (HERE / "picture.html").read_text(encoding="utf-8")
    program = (HERE / "picture.js").read_text(encoding="utf-8")
    return template.replace("[[ data ]]", json.dumps(data)).replace("[[ program ]]", program)


def trained() -> list[dict]:
    """Two held-out sentences for each chosen word: their words, their queries and keys, and the place of the chosen word."""
    import matplotlib
    import torch

    matplotlib.use("agg")
    names = _lesson()
    reader, sentences = names["train"]("attention", 0), []
    for word in CHOSEN:
        lines = [line for line in names["held_out_lines"] if line["word"] == word]
        first = lines[0]
        other = next(line for line in lines if line["sense"] != first["sense"])
        for line in (first, other):
            with torch.no_grad():
                x = reader.table(names["tensors"]([line])[0])[0]
                query, key = reader.attend.q_proj(x), reader.attend.k_proj(x)
            rounded = [[[round(number, 3) for number in row] for row in rows.tolist()] for rows in (query, key)]
            words = line["text"].split()
            sentences.append({"words": words, "asks": line["position"], "query": rounded[0], "key": rounded[1]})
    return sentences


def _lesson() -> dict:
    """The names of lesson 08 when its training is defined, and nothing has been trained."""
    from autograder.lesson_source import read_cells, role
    from autograder.lessons import SOLUTIONS

    names: dict = {}
    for cell, _ in read_cells(SOLUTIONS / f"{LESSON}.py"):
        if cell.cell_type == "code" and role(cell) != "test":
            exec(cell.source, names)
            if UNTIL in cell.source:
                return names
    raise SystemExit(f"{LESSON} has no cell with `{UNTIL}` any more: name the one that defines the training in UNTIL.")


if __name__ == "__main__":
    sys.path.insert(0, str(HERE.parent))
    (HERE / "picture.json").write_text(json.dumps(trained(), separators=(",", ":")) + "\n", encoding="utf-8")

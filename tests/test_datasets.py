"""What all data sets that are files have in common: a script that makes the same bytes, and a card that is true of them."""

import hashlib
import runpy

import pytest

from autograder.lessons import ROOT

FOLDER = ROOT / "datasets"
SCRIPTS = {path.stem.removeprefix("make_"): path for path in sorted(FOLDER.glob("make_*.py"))}
MOST = {"senses": 400_000, "dates": 500_000, "phrases": 500_000, "reviews": 1 << 20, "stories": 1_400_000}  # bytes
NEEDS = {"dates": "babel"}


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_file_is_what_its_script_makes_byte_for_byte(name):
    if name in NEEDS:
        pytest.importorskip(NEEDS[name])
    script = runpy.run_path(str(SCRIPTS[name]))
    assert script["FILE"].read_bytes() == script["content"]()


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_card_has_the_checksum_the_size_and_the_licence_of_the_file(name):
    card = (FOLDER / f"{name}.md").read_text(encoding="utf-8")
    (file,) = (path for path in FOLDER.glob(f"{name}.*") if path.suffix != ".md")
    content = file.read_bytes()
    assert hashlib.sha256(content).hexdigest() in card
    assert f"{len(content):,} bytes" in card
    assert "CC BY 4.0" in card
    assert len(content) < MOST[name]


def test_every_data_file_has_a_script():
    files = {path.stem for path in FOLDER.iterdir() if path.is_file() and path.suffix not in (".md", ".py")}
    assert files == set(SCRIPTS) == set(MOST)

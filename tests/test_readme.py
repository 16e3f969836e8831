"""What README and CONTRIBUTING say is there, is there."""

import re

import pytest
from typer.main import get_command

from autograder.__main__ import app
from autograder.lessons import ROOT, lesson_names, load

README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
GUIDES = {path.stem: path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs").glob("*_guide.md"))}
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


@pytest.mark.parametrize("text", [README, CONTRIBUTING], ids=["README", "CONTRIBUTING"])
def test_every_make_target_that_is_named_exists(text):
    named = set(re.findall(r"^    make ([a-z]+)", text, re.M)) | set(re.findall(r"`make ([a-z]+)`", text))
    assert named and named <= set(re.findall(r"^([a-z]+):", MAKEFILE, re.M))


@pytest.mark.parametrize("text", [README, CONTRIBUTING, *GUIDES.values()], ids=["README", "CONTRIBUTING", *GUIDES])
def test_every_command_and_option_that_is_named_exists(text):
    commands = get_command(app).commands
    for line in re.findall(r"python -m autograder (.*)", text):
        name, *rest = line.split("#")[0].split()
        assert name in commands, name
        options = {option for parameter in commands[name].params for option in parameter.opts}
        assert {word for word in rest if word.startswith("--")} <= options


def test_every_path_of_the_tree_exists():
    tree = README.split("## What is where")[1].split("How to write")[0]
    folder, missing = ROOT, []
    for line in tree.splitlines():
        found = re.match(r"^    ( *)([a-z_]+(?:\.py|/))  ", line)
        if not found or found[2] in ("build/", "work/"):
            continue
        path = (folder if found[1] else ROOT) / found[2]
        if not found[1]:
            folder = path
        missing += [] if path.exists() else [str(path)]
    assert not missing


def test_the_table_lists_the_lessons_that_are_there():
    rows = re.findall(r"^\| (\d\d) \| \[([^\]]+)\]\(notebooks/([a-z0-9_]+)\.ipynb\) \| (.+) \| (\d+) \|$", README, re.M)
    assert [row[2] for row in rows] == lesson_names()
    for _, title, name, built, points in rows:
        lesson = load(name)
        assert title in lesson.title and int(points) == lesson.points
        assert re.findall(r"`([^`]+)`", built) == [exercise.name for exercise in lesson.exercises]

"""GitHub's workflow files, as tests look into them: are they valid, and are the commands that they run there?"""

import re
import shlex
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from ruamel.yaml import YAML
from typer.main import get_command

from autograder.__main__ import app
from autograder.lessons import ROOT

# What GitHub's own machines bring along, or the shell itself.
THERE = {"[", "echo", "fi", "gh", "sed", "sudo", "tee"}


def read(text: str) -> dict:
    """A file of YAML."""
    return YAML(typ="safe").load(text)


def complaints(path: Path) -> str:
    """What GitHub's schema for workflows has against a file; "" if nothing."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", path]
    done = subprocess.run(command, capture_output=True, text=True)
    return done.stdout + done.stderr if done.returncode else ""


def scripts(text: str) -> list[str]:
    """The scripts of all steps of all jobs."""
    return [step["run"] for job in read(text)["jobs"].values() for step in job["steps"] if "run" in step]


def is_read_by_the_shell(script: str) -> bool:
    """Whether bash can parse a script."""
    return subprocess.run(["bash", "-n", "-c", script], capture_output=True).returncode == 0


def missing(script: str) -> list[str]:
    """What a script runs that is not there: make's targets, Python's modules, the autograder's commands, programs."""
    return [reason for words in _commands(script) if (reason := _missing(words))]


def _missing(words: list[str]) -> str:
    match words:
        case ["make", *targets]:
            there = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
            return "" if targets and set(targets) <= there else f"make {' '.join(targets)}"
        case ["python", "-m", "autograder", command, *rest]:
            commands = get_command(app).commands
            options = (
                {option for parameter in commands[command].params for option in parameter.opts} if command in commands else set()
            )
            return "" if {word for word in rest if word.startswith("--")} <= options and command in commands else " ".join(words)
        case ["python", "-m", module, *_]:
            return "" if module == "pip" or _is_module(module) else f"python -m {module}"
        case [program, *_]:
            return "" if program in THERE else program
    return ""


def _is_module(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:
        return False


def _commands(script: str) -> list[list[str]]:
    """The words of each command of a script, without what the shell does with them."""
    found: list[list[str]] = [[]]
    for line in script.replace("\\\n", " ").splitlines():
        lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
        lexer.whitespace_split = True
        for word in lexer:
            if set(word) <= set(";|&"):
                found.append([])
            elif word not in ("if", "then", "{", "}", "!"):
                found[-1].append(word)
        found.append([])
    return [words for words in found if words]

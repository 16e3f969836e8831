"""A place such as Colab: a fresh environment with other versions than ours, and a repository that stands in for GitHub."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from packaging.requirements import Requirement

from autograder.lessons import ROOT
from autograder.outer_cells import repository

PUBLISHED = repository(ROOT)
# What Colab has besides what notebooks import: its kernel, and widgets.
KERNELS = {"oldest": ["ipykernel==5.5.6", "ipywidgets==7.7.1"], "newest": ["ipykernel", "ipywidgets"]}
TORCH = "torch"  # the one package that is taken over as it is installed here: it has hundreds of megabytes


@dataclass(frozen=True)
class Colab:
    """An environment and the address that its notebooks find the course at. variables: of the environment, for every process."""

    folder: Path
    variables: dict[str, str]

    @property
    def python(self) -> str:
        return str(self.folder / "bin" / "python")

    def versions(self) -> dict[str, str]:
        """What pip has installed: version by name."""
        return {one["name"].lower(): one["version"] for one in json.loads(self._run("-m", "pip", "list", "--format=json"))}

    def leave(self) -> None:
        """Uninstall the course, so that the next notebook finds the environment as the first one did."""
        self._run("-m", "pip", "uninstall", "--yes", "--quiet", "attention-step-by-step")

    def run(self, notebook: nbformat.NotebookNode, folder: Path, without: str = "") -> nbformat.NotebookNode:
        """The notebook as it stands after its cells were run in an empty folder, exceptions among the outputs.

        without: a tag; cells that have it are not run.
        """
        folder.mkdir()
        where = {"metadata": {"path": str(folder)}}
        client = NotebookClient(notebook, timeout=300, allow_errors=True, skip_cells_with_tag=without, resources=where)
        client.create_kernel_manager()
        client.km.kernel_spec.argv = [self.python, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        client.execute(env=os.environ | self.variables)
        return notebook

    def _run(self, *arguments: str) -> str:
        done = subprocess.run([self.python, *arguments], env=os.environ | self.variables, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout


def make(folder: Path, packages: list[str], published: Path) -> Colab:
    """An environment with these packages and PyTorch, where the course's published address leads to a local repository."""
    subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], check=True)
    variables = {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{published.as_uri()}.insteadOf",
        "GIT_CONFIG_VALUE_0": PUBLISHED.address,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "JUPYTER_PLATFORM_DIRS": "1",
        "MPLCONFIGDIR": str(folder / "matplotlib"),
    }
    colab = Colab(folder / "venv", variables)
    _lend_torch(colab, folder / "torch")
    colab._run("-m", "pip", "install", "--quiet", *packages)
    return colab


def publish(folder: Path) -> Path:
    """A repository whose one commit has what this working tree has, on the branch that notebooks install from."""
    working_copy(folder)
    identity = ["-c", "user.name=course", "-c", "user.email=course@example.org", "-c", "commit.gpgsign=false"]
    start = ["init", "--quiet", f"--initial-branch={PUBLISHED.branch}"]
    for command in (start, ["add", "--all", "--force"], [*identity, "commit", "-qm", "All"]):
        subprocess.run(["git", "-C", str(folder), *command], check=True)
    return folder


def working_copy(folder: Path) -> Path:
    """The files that git tracks, as they stand now."""
    listed = subprocess.run(["git", "-C", str(ROOT), "ls-files", "-z"], check=True, capture_output=True).stdout
    for name in filter(None, listed.decode().split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)
    return folder


def last_words(notebook: nbformat.NotebookNode) -> list[str]:
    """The lines that the last cell prints."""
    return "".join(output.get("text", "") for output in notebook.cells[-1].outputs).splitlines()


def packages(versions: str) -> list[str]:
    """What Colab has, torch apart, in the "oldest" or the "newest" versions."""
    return [*{"oldest": oldest, "newest": newest}[versions](), *KERNELS[versions]]


def oldest() -> list[str]:
    """The oldest versions that pyproject.toml allows of what notebooks import, torch apart."""
    return [f"{one.name}=={min(part.version for part in one.specifier)}" for one in _dependencies()]


def newest() -> list[str]:
    """The newest versions there are, torch apart."""
    return [one.name for one in _dependencies()]


def _dependencies() -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [one for one in map(Requirement, project["dependencies"]) if one.name != TORCH]


def _lend_torch(colab: Colab, shelf: Path) -> None:
    """Links PyTorch and what it needs into a folder that the environment looks into; nothing else of ours is to be seen there."""
    shelf.mkdir()
    wanted, lent = [TORCH], set()
    while wanted:
        name = wanted.pop()
        if name in lent:
            continue
        lent.add(name)
        distribution = metadata.distribution(name)
        tops = {Path(file).parts[0] for file in distribution.files or [] if ".." not in Path(file).parts}
        for top in tops - {"__pycache__"}:
            place = Path(str(distribution.locate_file(top)))
            if place.exists() and not (shelf / top).exists():
                (shelf / top).symlink_to(place)
        needed = [Requirement(text) for text in distribution.requires or []]
        wanted += [one.name for one in needed if one.marker is None or one.marker.evaluate({"extra": ""})]
    site = sysconfig.get_path("purelib", vars={"base": str(colab.folder), "platbase": str(colab.folder)})
    Path(site, "lent.pth").write_text(f"{shelf}\n", encoding="utf-8")

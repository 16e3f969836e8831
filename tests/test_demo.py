"""The demonstration, from release to report."""

import pytest

from autograder import demo
from autograder.sample_class import sample_class


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("demo")


def test_the_sample_class_gets_what_it_deserves(folder, monkeypatch, capsys):
    monkeypatch.setattr(demo, "FOLDER", folder)
    demo.run(2)  # raises if one of the twelve did not
    said = capsys.readouterr().out
    assert all(sample.student in said for sample in sample_class())
    written = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert {"class/gradebook.db", "class/grades-csv.csv", "class/report.html"} <= written
    assert "class/feedback/chloe/05_softmax/05_softmax.html" in written


def test_the_sample_class_has_twelve_of_every_kind():
    samples = sample_class()
    assert len(samples) == len({sample.student for sample in samples}) == 12
    assert any(sample.ungraded for sample in samples) and any(sample.points == 0 for sample in samples)

"""The gradebook is copied before a run writes into it, and where it cannot be, that is said in a sentence."""

import sqlite3
from contextlib import closing

import pytest

from autograder import backup
from autograder.backup import back_up
from tests.sample_records import STUDENTS, put_gradebook


@pytest.fixture
def url(tmp_path):
    return put_gradebook(tmp_path)


def test_a_sqlite_gradebook_is_copied_whole(url, tmp_path):
    assert back_up(url, tmp_path / "backups") == ""
    (copy,) = (tmp_path / "backups").iterdir()
    assert copy.stat().st_mode & 0o077 == 0
    with closing(sqlite3.connect(copy)) as book:
        assert book.execute("select count(*) from student").fetchone() == (len(STUDENTS),)


def test_the_newest_copies_are_kept(url, tmp_path):
    for _ in range(backup.KEPT + 3):
        back_up(url, tmp_path / "backups")
    names = sorted(path.name for path in (tmp_path / "backups").iterdir())
    assert len(names) == backup.KEPT
    back_up(url, tmp_path / "backups")
    assert names[0] not in {path.name for path in (tmp_path / "backups").iterdir()}


def test_where_there_is_no_gradebook_yet_there_is_nothing_to_copy(tmp_path):
    assert back_up(f"sqlite:///{tmp_path / 'gradebook.db'}", tmp_path / "backups") == ""
    assert not (tmp_path / "backups").exists()


def test_what_is_no_gradebook_is_told_and_leaves_no_copy(tmp_path):
    (tmp_path / "gradebook.db").write_bytes(b"no database" * 1000)
    assert "was not backed up" in back_up(f"sqlite:///{tmp_path / 'gradebook.db'}", tmp_path / "backups")
    assert not list((tmp_path / "backups").iterdir())


def test_without_its_program_a_server_is_not_backed_up_and_that_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "there is no pg_dump here" in back_up("postgresql+psycopg://u:secret@127.0.0.1/x", tmp_path / "backups")


def test_a_program_that_fails_is_told_without_the_password(tmp_path, monkeypatch):
    program = tmp_path / "pg_dump"
    program.write_text('#!/bin/sh\necho "no: $*" >&2\nexit 1\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    said = back_up("postgresql+psycopg://u:secret@127.0.0.1:9/x", tmp_path / "backups")
    assert "pg_dump failed (no: " in said and "postgresql://u@127.0.0.1:9/x" in said and "secret" not in said
    assert not list((tmp_path / "backups").iterdir())

"""attention_course.data: a text from the interpreter, data sets by name, downloads that are whole or not there."""

import hashlib
import http.server
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from attention_course import data

TEXT = b"To be, or not to be: that is the question.\n" * 5000


@pytest.fixture
def server():
    """A web server whose `files` are served, and which counts its `requests`; `cut` sends a file without its end."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.server.requests += 1
            body = self.server.files.get(self.path)
            if body is None:
                return self.send_error(404)
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: len(body) // 2] if self.server.cut else body)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        running.files, running.requests, running.cut = {"/text.txt": TEXT}, 0, False
        running.url = f"http://127.0.0.1:{running.server_port}/text.txt"
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield running
        running.shutdown()


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch) -> Path:
    """A cache folder that is not there yet."""
    folder = tmp_path / "new" / "cache"
    monkeypatch.setenv("ATTENTION_COURSE_CACHE", str(folder))
    return folder


@pytest.fixture
def datasets(tmp_path, monkeypatch) -> Path:
    """The data folder of a checkout of its own."""
    (tmp_path / "attention_course").mkdir()
    (tmp_path / "datasets").mkdir()
    (tmp_path / "pyproject.toml").touch()
    monkeypatch.setattr(data, "PACKAGE", tmp_path / "attention_course")
    return tmp_path / "datasets"


def checksum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_the_reference_is_a_long_english_text_and_the_same_each_time():
    text = data.reference_text()
    data.reference_text.cache_clear()
    assert data.reference_text() == text
    assert 300_000 < len(text) < 2_000_000
    assert "Assert statements are a convenient way" in text


def test_a_python_without_its_reference_is_told_of_in_one_sentence(monkeypatch):
    monkeypatch.setitem(sys.modules, "pydoc_data.topics", None)
    data.reference_text.cache_clear()
    with pytest.raises(data.DataError, match="without `pydoc_data`.*python.org"):
        data.reference_text()


def test_every_kind_of_file_is_read_as_what_it_is(datasets):
    (datasets / "lines.jsonl").write_text('{"text": "a\u2028b", "label": 1}\n\n{"text": "é", "label": 0}\n', encoding="utf-8")
    (datasets / "table.tsv").write_text('date\tiso\n"1 May\t2020"\t2020-05-01\n', encoding="utf-8")
    (datasets / "comma.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    (datasets / "tree.json").write_text('{"a": [1, 2]}')
    (datasets / "story.txt").write_text("Once.\n", encoding="utf-8")
    np.savez(datasets / "images.npz", images=np.eye(3), labels=np.arange(3))
    assert data.load("lines") == [{"text": "a\u2028b", "label": 1}, {"text": "é", "label": 0}]
    assert data.load("table") == [{"date": "1 May\t2020", "iso": "2020-05-01"}]
    assert data.load("comma") == [{"a": "1", "b": "2"}]
    assert data.load("tree") == {"a": [1, 2]}
    assert data.load("story") == "Once.\n"
    assert np.array_equal(data.load("images")["images"], np.eye(3))


def test_a_data_set_is_read_anew_so_that_changing_it_does_no_harm(datasets):
    (datasets / "tree.json").write_text("[1, 2]")
    data.load("tree").append(3)
    assert data.load("tree") == [1, 2]


def test_an_unknown_name_is_answered_with_those_there_are(datasets):
    with pytest.raises(data.DataError, match="There is no data set 'dates': there is none."):
        data.load("dates")
    for name in ("senses.jsonl", "phrases.tsv", "senses.md", "make_senses.py"):
        (datasets / name).touch()
    with pytest.raises(data.DataError, match="'dates': there are phrases, senses.$"):
        data.load("dates")


@pytest.mark.parametrize("name", ["../secret", "datasets/senses", "", "senses.jsonl", "/etc/passwd"])
def test_a_name_is_no_path(datasets, name):
    (datasets / "senses.jsonl").touch()
    (datasets.parent / "secret.txt").write_text("no")
    with pytest.raises(data.DataError, match="There is no data set"):
        data.load(name)


def test_an_installed_package_brings_its_own_data_and_reads_no_neighbour(datasets):
    (datasets.parent / "pyproject.toml").unlink()
    (datasets / "senses.txt").write_text("of another package")
    with pytest.raises(data.DataError):
        data.load("senses")
    (data.PACKAGE / "datasets").mkdir()
    (data.PACKAGE / "datasets" / "senses.txt").write_text("ours")
    assert data.load("senses") == "ours"


def test_a_download_comes_once_and_stays(server, cache):
    path = data.download(server.url, checksum(TEXT), "shakespeare.txt")
    assert path == cache / "shakespeare.txt" and path.read_bytes() == TEXT
    server.files.clear()
    assert data.download(server.url, checksum(TEXT).upper(), "shakespeare.txt") == path
    assert server.requests == 1
    assert [each.name for each in cache.iterdir()] == ["shakespeare.txt"]


def test_a_file_spoilt_in_the_cache_is_fetched_again(server, cache):
    data.download(server.url, checksum(TEXT), "text.txt").write_bytes(b"spoilt")
    assert data.download(server.url, checksum(TEXT), "text.txt").read_bytes() == TEXT
    assert server.requests == 2


@pytest.mark.parametrize("fault", ["changed", "cut", "missing"])
def test_what_is_not_the_whole_right_file_never_gets_there(server, cache, fault):
    if fault == "changed":
        server.files["/text.txt"] = TEXT.replace(b"question", b"answer")
    if fault == "cut":
        server.cut = True
    if fault == "missing":
        server.files.clear()
    with pytest.raises(data.DataError, match="go on with data.reference_text") as caught:
        data.download(server.url, checksum(TEXT), "text.txt")
    assert "\n" not in str(caught.value)
    assert list(cache.iterdir()) == []


def test_tiny_shakespeare_is_downloaded_once_and_checked(server, cache, monkeypatch):
    assert data.TINY_SHAKESPEARE[0].startswith("https://") and len(data.TINY_SHAKESPEARE[1]) == 64
    monkeypatch.setattr(data, "TINY_SHAKESPEARE", (server.url, checksum(TEXT)))
    assert data.tiny_shakespeare().encode() == data.tiny_shakespeare().encode() == TEXT
    assert server.requests == 1
    monkeypatch.setattr(data, "TINY_SHAKESPEARE", (server.url, checksum(b"another play")))
    with pytest.raises(data.DataError, match="go on with data.reference_text"):
        data.tiny_shakespeare()


def test_an_old_file_survives_a_download_that_fails(server, cache):
    path = data.download(server.url, checksum(TEXT), "text.txt")
    with pytest.raises(data.DataError):
        data.download(server.url, checksum(b"a newer edition"), "text.txt")
    assert path.read_bytes() == TEXT


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/text.txt", "no address", "http://nowhere.invalid/text.txt"])
def test_without_a_network_there_is_a_sentence_with_the_way_out(url):
    with pytest.raises(data.DataError, match="go on with data.reference_text"):
        data.download(url, checksum(TEXT), "text.txt")


def test_a_cache_that_cannot_be_written_is_told_of_in_the_same_way(server, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("ATTENTION_COURSE_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(data.DataError, match="go on with data.reference_text"):
        data.download(server.url, checksum(TEXT), "text.txt")


def test_a_file_name_stays_in_the_cache_folder(server, cache):
    assert data.download(server.url, checksum(TEXT), "../../text.txt") == cache / "text.txt"


def test_the_cache_folder_is_where_such_folders_are(monkeypatch, tmp_path):
    monkeypatch.delenv("ATTENTION_COURSE_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert data.cache_folder() == tmp_path / "attention_course"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert data.cache_folder() == Path.home() / ".cache" / "attention_course"

"""What a student's code can reach: each thing it should not, by itself, in a kernel behind the walls."""

import os
import socket
from pathlib import Path

import pytest
from conftest import CANARY
from probes import (
    ask,
    connection,
    environment,
    interfaces,
    outputs,
    processes,
    readable,
    refusals,
    signalled,
    status,
    writable_folders,
)

from autograder.sandbox import Limits, SandboxedKernel, SandboxUnavailable, WarmProcess, bubblewrap

ROOT = Path(bubblewrap.__file__).parents[2]


@pytest.fixture(scope="module")
def kernel(warm):
    with SandboxedKernel(warm) as kernel:
        yield kernel


def test_there_is_no_network_but_its_own(kernel):
    assert ask(kernel, interfaces) == ["lo"]


def test_servers_on_this_machine_cannot_be_reached(kernel):
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert ask(kernel, connection, int(socket.AF_INET), server.getsockname()) in ("ECONNREFUSED", "ENETUNREACH")


def test_the_world_cannot_be_reached(kernel):
    assert ask(kernel, connection, int(socket.AF_INET), ("192.0.2.1", 80)) == "ENETUNREACH"


def test_abstract_sockets_of_this_machine_cannot_be_reached(kernel):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(f"\0{CANARY}-{os.getpid()}")
        server.listen()
        assert ask(kernel, connection, int(socket.AF_UNIX), server.getsockname()) == "ECONNREFUSED"


def test_the_machine_that_this_one_runs_on_cannot_be_reached(kernel):
    assert ask(kernel, connection, 40, (2, 1024)) == "EAFNOSUPPORT"


def test_no_process_but_its_own_is_seen(kernel):
    assert ask(kernel, processes) == [1]


def test_the_grader_cannot_be_signalled(kernel):
    assert ask(kernel, signalled, os.getpid()) == "No such process"


def test_the_graders_files_cannot_be_seen(kernel, tmp_path):
    (tmp_path / "canary").write_text(CANARY)
    kernel_folders = list(Path("/tmp").glob("k-*"))
    assert kernel_folders
    hidden = [
        ROOT / "solutions",
        ROOT / "tests",
        ROOT / "autograder",
        ROOT / "README.md",
        ROOT / ".git",
        tmp_path,
        tmp_path / "canary",
    ]
    hidden += [*kernel_folders, Path("/etc/passwd"), Path("/etc/shadow"), Path("/var"), Path("/run"), Path("/sys"), Path("/home")]
    assert ask(kernel, readable, [str(path) for path in hidden]) == []


def test_of_the_home_folder_only_pythons_place_is_seen(kernel):
    listed = kernel.run(
        f"import os; print(os.path.isdir({str(Path.home())!r}) and os.listdir({str(Path.home())!r}))"
    ).text.strip()
    python = {
        Path(place).relative_to(Path.home()).parts[0]
        for place in bubblewrap._python_places()
        if Path(place).is_relative_to(Path.home())
    }
    assert listed == "False" if not python else set(eval(listed)) <= python


def test_what_students_have_at_home_is_there(kernel):
    assert ask(kernel, readable, ["/course/attention_course", "/course/datasets"])[:1] == ["/course/attention_course"]


def test_only_scratch_can_be_written_to(kernel):
    folders = ask(kernel, writable_folders)
    assert {folder for folder in folders if not folder.startswith("/scratch")} == {"/dev/shm"}
    assert "/scratch" in folders


def test_scratch_is_empty_at_the_start_and_nobody_elses(warm, kernel):
    kernel.run("open('/scratch/note', 'w').write('x'); open('/dev/shm/note', 'w').write('x')")
    with SandboxedKernel(warm) as other:
        assert ask(other, readable, ["/scratch/note", "/dev/shm/note"]) == []


def test_the_environment_is_cleared(kernel):
    variables, raw = ask(kernel, environment)
    given = {*bubblewrap.environment(), "PYTHONPATH", "PWD"}
    by_ipython = {
        "JPY_PARENT_PID",
        "PYDEVD_USE_FRAME_EVAL",
        "TERM",
        "CLICOLOR",
        "FORCE_COLOR",
        "CLICOLOR_FORCE",
        "PAGER",
        "GIT_PAGER",
        "MPLBACKEND",
    }
    assert set(variables) - given - by_ipython == set()
    assert CANARY not in raw + str(variables)


def test_there_are_no_privileges_and_no_way_to_get_any(kernel):
    found = ask(kernel, status)
    assert {name: int(found[name], 16) for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == dict.fromkeys(
        ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"), 0
    )
    assert (found["NoNewPrivs"], found["Seccomp"]) == ("1", "2")


def test_started_by_root_each_submission_is_a_user_of_its_own(warm, kernel):
    if not bubblewrap.by_root():
        pytest.skip("the grader does not run as root here")
    with SandboxedKernel(warm) as other:
        users = [tuple(ask(one, status)["Uid"].split()) for one in (kernel, other)]
    assert len(set(users)) == 2 and all(len(set(user)) == 1 and user[0] != "0" for user in users)


def test_attempts_to_get_out_are_refused(kernel):
    found = ask(kernel, refusals)
    assert {name: answer for name, answer in found.items() if answer == "allowed"} == {}
    assert found["ptrace"] == found["mount"] == found["unshare 0x10000000"] == "EPERM"


def test_outputs_that_kernels_could_share_lead_nowhere(warm, kernel):
    before = os.fstat(warm.errors.fileno()).st_size
    assert ask(kernel, outputs) == ["/dev/null"] * 3
    assert os.fstat(warm.errors.fileno()).st_size == before


def test_a_course_among_the_systems_files_is_refused(monkeypatch):
    monkeypatch.setattr(bubblewrap, "ROOT", Path("/usr/local/course"))
    with pytest.raises(bubblewrap.SandboxUnavailable, match="every submission could read it"):
        bubblewrap._files()


def test_what_students_hand_in_through_nbgrader_is_covered(monkeypatch, sandboxed):
    """nbgrader's exchange lies among the system's files, unless it is told otherwise."""
    monkeypatch.setattr(bubblewrap, "EXCHANGE", "/usr/share/doc")
    with WarmProcess(["json"]) as warm, SandboxedKernel(warm) as kernel:
        assert kernel.run("import os; print(os.listdir('/usr/share/doc'))").text == "[]\n"
        assert [folder for folder in ask(kernel, writable_folders) if folder.startswith("/usr")] == []


@pytest.mark.parametrize(
    "said, sentence",
    [
        ("bwrap: Unknown option --perms", "is too old"),
        ("bwrap: No permissions to create a new namespace", "namespaces are"),
    ],
)
def test_a_bubblewrap_that_cannot_start_is_told_with_the_mend(monkeypatch, tmp_path, said, sentence):
    (tmp_path / "bwrap").write_text(f"#!/bin/sh\necho '{said}' >&2\nexit 1\n")
    (tmp_path / "bwrap").chmod(0o755)
    monkeypatch.setattr(bubblewrap, "_bwrap", lambda: str(tmp_path / "bwrap"))
    told = bubblewrap.reason.__wrapped__()
    assert said in told and sentence in told and told.endswith(".")


def test_a_kernel_that_cannot_start_is_told_and_blames_no_submission(sandboxed):
    with WarmProcess(["json"]) as warm, pytest.raises(SandboxUnavailable, match="could not start a kernel"):
        with SandboxedKernel(warm, Limits(scratch=-1)):
            pass

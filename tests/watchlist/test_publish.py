"""An issue is published whole or not at all, for its owner only, and never over another."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import BinaryIO, Self

import pytest

from earlywarning.errors import EarlyWarningError, MachineRefused, WrongUsage
from earlywarning.files import write_whole
from earlywarning.watchlist import Issue
from earlywarning.watchlist import publish as publishing
from earlywarning.watchlist.outputs import OUTPUTS
from earlywarning.watchlist.publish import publish

NAMES = sorted(OUTPUTS)
EARLIER = {"panel.xlsx": b"last term's decisions", "manifest.json": b"{}"}


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """An output folder with last term's issue in it."""
    earlier = tmp_path / "out" / "secondary-2025-09-26"
    earlier.mkdir(parents=True)
    for name, content in EARLIER.items():
        (earlier / name).write_bytes(content)
    return tmp_path / "out"


def visible(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_an_issue_is_one_folder_with_every_output(small_issue: Issue, out: Path) -> None:
    folder = publish(small_issue, out)
    assert folder == (out / "secondary-2025-12-31").absolute()
    assert visible(folder) == NAMES
    assert visible(out) == ["secondary-2025-09-26", "secondary-2025-12-31"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such file modes")
def test_only_the_owner_can_read_it(small_issue: Issue, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        folder = publish(small_issue, tmp_path / "new" / "out")
    finally:
        os.umask(before)
    assert stat.S_IMODE(folder.stat().st_mode) == stat.S_IMODE(folder.parent.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_the_same_issue_again_changes_nothing(small_issue: Issue, out: Path) -> None:
    folder = publish(small_issue, out)
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert publish(small_issue, out) == folder
    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == before


def test_another_issue_of_that_name_is_refused(
    small_issue: Issue, with_first_pupil: Callable[..., Issue], out: Path
) -> None:
    before = contents(publish(small_issue, out))
    with pytest.raises(WrongUsage, match=r"panel\.xlsx would not be the same"):
        publish(with_first_pupil(school="Another School"), out)
    assert contents(out / small_issue.name) == before
    assert list(out.glob(".*unfinished")) == []


def test_a_workbook_with_decisions_in_it_is_never_overwritten(small_issue: Issue, out: Path) -> None:
    workbook = publish(small_issue, out) / "panel.xlsx"
    workbook.write_bytes(b"decisions")
    with pytest.raises(WrongUsage, match="never overwritten"):
        publish(small_issue, out)
    assert workbook.read_bytes() == b"decisions"


CALLS = ("open", "fdopen", "fsync", "replace", "rename", "mkdir", "close", "write", "flush")
"""What publishing asks of the system; ``write`` and ``flush`` are those of a file that ``fdopen`` gives."""


class Steps:
    """Counts what is asked of the system, and at the ``last`` does something else: fails, or kills."""

    def __init__(self, last: int, otherwise: Callable[[], None]) -> None:
        self.last, self.otherwise, self.made = last, otherwise, list[str]()

    def take(self, call: str) -> None:
        self.made.append(call)
        if len(self.made) == self.last:
            self.otherwise()

    def counted(self, call: str) -> Callable[..., object]:
        honest = getattr(os, call)

        def step(*args: object, **kwargs: object) -> object:
            if call == "close":  # what is closed is closed, even where closing says that it failed
                honest(*args, **kwargs)
                return self.take(call)
            self.take(call)
            return honest(*args, **kwargs)

        return step

    def file(self, honest: Callable[..., BinaryIO]) -> Callable[..., object]:
        def opened(*args: object) -> object:
            self.take("fdopen")
            return CountedFile(honest(*args), self)

        return opened

    def watch(self, patch: pytest.MonkeyPatch) -> None:
        for call in ("open", "fsync", "replace", "rename", "mkdir", "close"):
            patch.setattr(os, call, self.counted(call))
        patch.setattr(os, "fdopen", self.file(os.fdopen))


class CountedFile:
    """A file that writes the first half before its writing is a step: a disk fills in the middle."""

    def __init__(self, honest: BinaryIO, steps: Steps) -> None:
        self.honest, self.steps = honest, steps
        self.fileno = honest.fileno

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.honest.close()

    def write(self, data: bytes) -> None:
        self.honest.write(data[: len(data) // 2])
        self.honest.flush()
        self.steps.take("write")
        self.honest.write(data[len(data) // 2 :])

    def flush(self) -> None:
        self.steps.take("flush")
        self.honest.flush()


def whole_or_absent(out: Path, name: str, complete: dict[str, bytes]) -> bool:
    """Whether the issue is there; fails unless it is whole, and the earlier one as it was."""
    assert contents(out / "secondary-2025-09-26") == EARLIER
    assert set(visible(out)) <= {"secondary-2025-09-26", name}
    there = (out / name).exists()
    assert not there or contents(out / name) == complete
    return there


def at_every_step(issue: Issue, out: Path, attempt: Callable[[int], None]) -> set[str]:
    """The calls at which ``attempt`` interfered; after each, what is there is whole and a rerun succeeds."""
    complete = contents(publish(issue, out.parent / "reference"))
    written = {name: partial(_write_again, complete[name]) for name in OUTPUTS}
    with pytest.MonkeyPatch.context() as quick:
        quick.setattr(publishing, "OUTPUTS", written)  # making the files is not what is tested here
        counting = Steps(0, lambda: None)
        with pytest.MonkeyPatch.context() as patch:
            counting.watch(patch)
            publish(issue, out)
        shutil.rmtree(out / issue.name)
        for last in range(1, len(counting.made) + 1):
            attempt(last)
            whole_or_absent(out, issue.name, complete)
            publish(issue, out)
            assert whole_or_absent(out, issue.name, complete)
            assert list(out.glob(".*unfinished")) == []
            shutil.rmtree(out / issue.name)
    return set(counting.made)


def _write_again(data: bytes, issue: Issue, path: Path) -> None:
    write_whole(path, data)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
def test_a_failure_at_any_step_leaves_all_or_nothing_and_a_rerun_succeeds(
    number: int, small_issue: Issue, out: Path
) -> None:
    def fail() -> None:
        raise OSError(number, os.strerror(number))

    def attempt(last: int) -> None:
        with pytest.MonkeyPatch.context() as patch, suppress(MachineRefused):
            Steps(last, fail).watch(patch)
            publish(small_issue, out)

    assert at_every_step(small_issue, out, attempt) == set(CALLS)


def killed_at_every_step(issue: Issue, out: Path) -> None:
    """Publishes in a process that is killed at the first step, then at the second, and so on."""

    def attempt(last: int) -> None:
        child = os.fork()
        if not child:
            Steps(last, lambda: os.kill(os.getpid(), signal.SIGKILL)).watch(pytest.MonkeyPatch())
            publish(issue, out)
            os._exit(0)
        assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL

    assert at_every_step(issue, out, attempt) == set(CALLS)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork")
def test_a_process_killed_at_any_step_leaves_all_or_nothing_and_a_rerun_succeeds(out: Path) -> None:
    program = (
        "import runpy, sys; from pathlib import Path; issue = runpy.run_path(sys.argv[1])['build'](10, 5); "
        "runpy.run_path(sys.argv[2])['killed_at_every_step'](issue, Path(sys.argv[3]))"
    )
    conftest = Path(__file__).with_name("conftest.py")
    subprocess.run([sys.executable, "-c", program, conftest, __file__, out], check=True)


def test_a_full_disk_is_said_plainly_and_without_pupils(
    small_issue: Issue, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(MachineRefused, match="No space left on device") as refused:
        publish(small_issue, out)
    assert not any(pupil.ref in str(refused.value) for pupil in small_issue.pupils)


def test_a_file_where_the_folder_should_be_is_the_machines_refusal(
    small_issue: Issue, tmp_path: Path
) -> None:
    (tmp_path / "out").write_bytes(b"")
    with pytest.raises(MachineRefused, match="could not be written"):
        publish(small_issue, tmp_path / "out")


def test_of_two_runs_at_once_one_wins(small_issue: Issue, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refused: list[EarlyWarningError] = []
    honest = os.rename

    def meanwhile(*args: str) -> None:
        with pytest.raises(MachineRefused, match="Another run") as second:
            publish(small_issue, out)
        refused.append(second.value)
        honest(*args)

    monkeypatch.setattr(os, "rename", meanwhile)
    assert visible(publish(small_issue, out)) == NAMES
    assert len(refused) == 1


def test_the_same_bytes_whatever_the_hash_seed_and_the_time_zone(small_issue: Issue, tmp_path: Path) -> None:
    program = (
        "import runpy, sys; from pathlib import Path; from earlywarning.watchlist.publish import publish; "
        "publish(runpy.run_path(sys.argv[1])['build'](10, 5), Path(sys.argv[2]))"
    )
    elsewhere = {**os.environ, "PYTHONHASHSEED": "12345", "TZ": "Pacific/Auckland"}
    conftest = Path(__file__).with_name("conftest.py")
    subprocess.run([sys.executable, "-c", program, conftest, tmp_path / "there"], env=elsewhere, check=True)
    here = publish(small_issue, tmp_path / "here")
    assert contents(here) == contents(tmp_path / "there" / small_issue.name)

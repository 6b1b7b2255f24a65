"""An issue is published whole or not at all, for its owner only, and never over another."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from earlywarning.errors import EarlyWarningError, MachineRefused, WrongUsage
from earlywarning.watchlist import Issue
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


class Killed(BaseException):
    """What nothing can catch."""


class FailingCall:
    """A call to the system that fails the ``step``-th time."""

    def __init__(self, honest: Callable[..., object], step: int, failure: BaseException) -> None:
        self.honest, self.step, self.failure, self.made = honest, step, failure, 0

    def __call__(self, *args: object, **kwargs: object) -> object:
        self.made += 1
        if self.made == self.step:
            raise self.failure
        return self.honest(*args, **kwargs)

    def unless_failed(self, tidy: Callable[..., object]) -> Callable[..., object]:
        return lambda *args, **kwargs: None if self.made >= self.step else tidy(*args, **kwargs)


@pytest.mark.parametrize(
    "failure", [OSError(errno.ENOSPC, "No space left on device"), Killed()], ids=["full", "killed"]
)
@pytest.mark.parametrize(
    ("call", "steps"), [("fsync", 6), ("replace", 4), ("rename", 1), ("mkdir", 1), ("open", 6), ("fdopen", 4)]
)
def test_a_failure_at_any_step_leaves_all_or_nothing(
    call: str,
    steps: int,
    failure: BaseException,
    small_issue: Issue,
    out: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Fails the first call, then the second, and so on until publishing gets through."""
    complete = contents(publish(small_issue, out.parent / "reference"))
    step, failed = 0, True
    while failed:
        step += 1
        calls = FailingCall(getattr(os, call), step, failure)
        with monkeypatch.context() as patch:
            patch.setattr(os, call, calls)
            if isinstance(failure, Killed):  # a killed process tidies nothing up
                patch.setattr(shutil, "rmtree", calls.unless_failed(shutil.rmtree))
                patch.setattr(Path, "unlink", calls.unless_failed(Path.unlink))
            with suppress(MachineRefused, Killed):
                publish(small_issue, out)
        failed = calls.made >= step
        assert contents(out / "secondary-2025-09-26") == EARLIER
        if (out / small_issue.name).exists():
            assert contents(out / small_issue.name) == complete
            shutil.rmtree(out / small_issue.name)
        assert visible(out) == ["secondary-2025-09-26"]
    assert step > steps, "the failures did not reach every file and folder"
    publish(small_issue, out)
    assert list(out.glob(".*unfinished")) == []


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

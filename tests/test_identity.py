"""Pseudonyms and the key they hang on."""

from __future__ import annotations

import stat
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from earlywarning import identity
from earlywarning.errors import MachineRefused, WrongUsage
from earlywarning.identity import default_key_path, load_or_create_key, pseudonym, row_key

KEY = bytes(range(32))


def test_a_pseudonym_is_the_same_for_the_same_key_only() -> None:
    assert pseudonym("A999000024001", KEY) == "p528728f9fd946c0b"
    assert pseudonym("A999000024001", KEY[::-1]) != pseudonym("A999000024001", KEY)
    assert pseudonym("A999000024002", KEY) != pseudonym("A999000024001", KEY)


def test_row_keys_join_nothing() -> None:
    asked = [
        ("2025-1", "panel", "p1"),
        ("2025-2", "panel", "p1"),
        ("2025-1", "scores", "p1"),
        ("2025-1", "panel", "p2"),
    ]
    made = {row_key(KEY, *parts) for parts in asked} | {pseudonym("p1", KEY)[1:]}
    assert len(made) == len(asked) + 1
    assert row_key(KEY, "a", "bc", "d") != row_key(KEY, "ab", "c", "d")


def test_the_key_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "settings" / "k.key"
    key = load_or_create_key(path)
    assert len(key) == 32 and load_or_create_key(path) == key
    assert [item.name for item in path.parent.iterdir()] == ["k.key"]
    if sys.platform != "win32":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_runs_at_once_get_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: load_or_create_key(tmp_path / "k.key"), range(16)))
    assert len(keys) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    load_or_create_key(tmp_path / "k.key")
    (tmp_path / "k.key").chmod(0o640)
    with pytest.raises(MachineRefused, match="chmod 600"):
        load_or_create_key(tmp_path / "k.key")


def test_a_damaged_key_is_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "k.key"
    load_or_create_key(path)
    path.write_text("abc\n", encoding="ascii")
    with pytest.raises(MachineRefused, match="Restore it"):
        load_or_create_key(path)
    assert path.read_text(encoding="ascii") == "abc\n"


def test_a_key_inside_data_or_output_is_refused_before_it_is_made(tmp_path: Path) -> None:
    with pytest.raises(WrongUsage, match="outside 'data'"):
        load_or_create_key(tmp_path / "data" / "k.key", keep_out_of=[tmp_path / "out", tmp_path / "data"])
    assert not (tmp_path / "data").exists()


def test_a_place_that_cannot_be_written_is_the_machine_s_fault(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="ascii")
    with pytest.raises(MachineRefused, match=identity.KEY_FILE):
        load_or_create_key(tmp_path / "file" / "k.key")


def test_the_environment_names_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("EARLYWARNING_KEY_FILE", str(tmp_path / "named.key"))
    assert default_key_path() == tmp_path / "named.key"
    monkeypatch.delenv("EARLYWARNING_KEY_FILE")
    assert default_key_path().name == "pseudonym.key"
    assert default_key_path().parent.name == "earlywarning"

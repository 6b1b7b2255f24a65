"""Settings: typed, bounded, and spelt right."""

from __future__ import annotations

from pathlib import Path

import pytest

from earlywarning import config
from earlywarning.errors import WrongUsage


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_what_is_not_given_is_as_shipped(tmp_path: Path) -> None:
    settings = config.load(written(tmp_path, '[list.capacity_by_area]\n"213" = 40\n'))
    assert settings.list.capacity_by_area == {"213": 40}
    assert settings.model == config.load().model


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[list]\ncapacty = 3", "Did you mean 'capacity'"),
        ("[list]\ncapacity = 0", "a whole number from 1"),
        ("[list]\ncapacity = true", "a whole number from 1"),
        ("[issue]\nkeep_days = 1000000000", "a whole number from 1 to 100000"),
        ("[model]\nrandom_state = 4294967296", "a whole number from 1 to 4294967295"),
        ("[model]\nmonotone = 1", "true or false is needed"),
        ('[model]\nmonotone = "yes"', "true or false is needed"),
        ("[quarantine]\nthreshold = 1.0", "a share from 0"),
        ("[quarantine]\nthreshold = nan", "a share from 0"),
        ('[list.capacity_by_area]\n"213" = -1', "whole numbers above 0"),
        ("[list]\nprogramme_places = 0", "a whole number from 1"),
        ("[list]\nprogramme_places = 61", "61 programme places, and a list of 60"),
        (
            '[list]\nprogramme_places = 13\n[list.capacity_by_area]\n"213" = 12',
            "13 programme places for '213'",
        ),
        ('[list.programme_places_by_area]\n"207" = 99', "at most as many as the list is long"),
        ('[list.programme_places_by_area]\n"207" = 0', "whole numbers above 0"),
        ("[features]\nfamilies = []", "a list of names is needed"),
        ("[features]\nfamilies = [3]", "a list of names is needed"),
        ("list = 3", "a table of settings"),
        ("study = 3", "text is needed"),
        ("study = ", "not valid TOML"),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(WrongUsage) as refusal:
        config.load(written(tmp_path, text))
    assert message in str(refusal.value)


def test_an_area_has_places_of_its_own(tmp_path: Path) -> None:
    given = '[list]\nprogramme_places = 13\n[list.programme_places_by_area]\n"213" = 5\n'
    places = config.load(written(tmp_path, given)).list
    assert (places.places("213"), places.places("207"), places.length("213")) == (5, 13, 60)


def test_a_missing_file_is_named_without_its_folder(tmp_path: Path) -> None:
    with pytest.raises(WrongUsage, match="does not exist"):
        config.load(tmp_path / "mine.toml")

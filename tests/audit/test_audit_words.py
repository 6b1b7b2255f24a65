"""What the audit says: the text for a screen and the fragment of HTML, parsed and not trusted."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import numpy as np
import pandas as pd
import pytest

from earlywarning.audit.fairness import FairnessAudit, fairness_audit
from earlywarning.audit.metrics import METRICS


@pytest.fixture(scope="module")
def audit() -> FairnessAudit:
    rng = np.random.default_rng(0)
    score = rng.beta(0.6, 5, 2000)
    frame = pd.DataFrame({"ethnicity": rng.choice(["WBRI", "BCRB"], 2000)})
    frame.loc[:4, "ethnicity"] = "<script>alert('x')</script>"
    return fairness_audit(rng.random(2000) < score, score > 0.3, frame, score=score)


@pytest.fixture(scope="module")
def tree(audit: FairnessAudit) -> ET.Element:
    return ET.fromstring(audit.to_html())


def test_every_group_and_metric_has_its_cell(audit: FairnessAudit, tree: ET.Element) -> None:
    (table,) = tree.iter("table")
    assert [th.get("scope") for th in table.iter("th")] == ["col"] * (3 + len(METRICS)) + ["row"] * 4
    body = table.find("tbody")
    assert body is not None
    assert [len(list(row)) for row in body] == [3 + len(METRICS)] * 4
    assert [row[0].text for row in body] == [*sorted(audit.by_group["group"].unique()), "everyone"]
    caption = table.find("caption")
    assert caption is not None
    assert caption.text == "The list by ethnicity: 3 groups"


def test_a_group_of_five_says_so_in_words_and_not_by_colour(tree: ET.Element) -> None:
    text = "".join(tree.itertext())
    assert "cannot tell (pupils on roll: 5, at least 30 needed)" in text
    assert "For the team only" in text


def test_a_value_of_the_data_cannot_become_markup(audit: FairnessAudit, tree: ET.Element) -> None:
    assert not list(tree.iter("script"))
    assert "<script>" not in audit.to_html()


def test_drawings_have_a_title_a_description_and_unique_ids(tree: ET.Element) -> None:
    drawings = list(tree.iter("svg"))
    assert len(drawings) == sum(metric.headline for metric in METRICS)
    ids = [element.get("id") for element in tree.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    for drawing in drawings:
        assert drawing.get("role") == "img"
        labels = (drawing.get("aria-labelledby") or "").split()
        assert [element.tag for element in drawing if element.get("id") in labels] == ["title", "desc"]
        undefined = [element for element in drawing.iter("text") if element.text == "undefined"]
        assert len(list(drawing.iter("circle"))) + len(undefined) == 3


def test_an_undefined_value_is_written_as_undefined() -> None:
    audit = fairness_audit([True, False], [True, False], pd.DataFrame({"sex": ["F", "M"]}))
    text = "".join(ET.fromstring(audit.to_html()).itertext())
    assert "undefined" in text
    assert "nan" not in text.lower()


def test_the_summary_counts_groups_that_cannot_be_told(audit: FairnessAudit) -> None:
    lines = audit.summary().splitlines()
    assert lines[0].startswith("2,000 pupils on roll, ")
    assert lines[1].startswith(
        "ethnicity: observed over expected can be told for 2 of 3 groups; furthest from"
    )
    assert lines[-1].endswith("too few to tell is not a pass.")
    nothing = fairness_audit([True, False], [True, False], pd.DataFrame({"sex": ["F", "M"]})).summary()
    assert "sex: recall can be told for 0 of 2 groups." in nothing

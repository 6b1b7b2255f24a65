"""What the audit says: the text for a screen and the fragment of HTML, parsed and not trusted."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from earlywarning.audit.curve import capacity_curves
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
    declared, *tables = tree.iter("table")
    assert [th.get("scope") for th in declared.iter("th")] == ["col"] * 5 + ["row"] * len(audit.declared)
    columns = [6, len(METRICS) - 2]
    for table, width in zip(tables, columns, strict=True):
        assert [th.get("scope") for th in table.iter("th")] == ["col"] * width + ["row"] * 4
        body = table.find("tbody")
        assert body is not None
        assert [len(list(row)) for row in body] == [width] * 4
        assert [row[0].text for row in body] == [
            "<script>alert('x')</script>",
            "Black Caribbean (BCRB)",
            "White - British (WBRI)",
            "everyone",
        ]
        caption = table.find("caption")
        assert caption is not None
        assert caption.text is not None
        assert caption.text.startswith("The list by ethnicity (DfE code), ")


def test_what_was_declared_comes_first_in_plain_words(audit: FairnessAudit, tree: ET.Element) -> None:
    words = "".join(tree.itertext())
    first, table = (
        words.index("comparisons declared beforehand"),
        words.index("declared before anyone looked"),
    )
    assert 0 < first < table < words.index("exploratory")
    assert "this is never a pass" in words[:table]
    assert audit.verdicts["counts"]["cannot tell"] == len(audit.declared)
    assert "Nothing can be told of any of the 10 comparisons" in words[:table]
    assert "That is not a pass." in words[:table]


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


def test_a_pair_has_raw_counts_beside_partly_pooled_values_and_curves_their_panels() -> None:
    rng = np.random.default_rng(4)
    frame = pd.DataFrame({"sex": rng.choice(["F", "M"], 600), "sen_provision": rng.choice(["N", "K"], 600)})
    score = pd.Series(rng.beta(0.6, 5, 600))
    y = rng.random(600) < score
    audit = fairness_audit(y, score > 0.3, frame, score=score, pairs=[("sex", "sen_provision")])
    area = np.where(rng.random(600) < 0.5, "207", "213")
    curves = capacity_curves(
        y, score, frame[["sex"]], area=area, as_of_date=[1] * 600, capacity=20, tie_break=range(600)
    )
    tree = ET.fromstring(replace(audit, curves=curves).to_html())
    heads = [th.text for th in list(tree.iter("table"))[-1].iter("th")]
    assert heads[:5:2] == ["Group", "Had the event", "the same, partly pooled"]
    assert heads[-5:-1] == [
        f"{sex} × {sen}"
        for sex in ("female (F)", "male (M)")
        for sen in ("SEN support (K)", "no special educational need (N)")
    ]
    captions = [caption.text or "" for caption in tree.iter("figcaption")]
    assert sum("as each list grows" in caption for caption in captions) == 4
    assert any(caption.endswith("Westminster (213). Dashed: everyone.") for caption in captions)


def test_an_undefined_value_is_written_as_undefined() -> None:
    audit = fairness_audit([True, False], [True, False], pd.DataFrame({"sex": ["F", "M"]}))
    text = "".join(ET.fromstring(audit.to_html()).itertext())
    assert "undefined" in text
    assert "nan" not in text.lower()


def test_the_summary_counts_groups_that_cannot_be_told(audit: FairnessAudit) -> None:
    lines = audit.summary().splitlines()
    assert lines[0].startswith("2,000 pupils on roll, ")
    assert lines[1].startswith("10 comparisons declared before looking: ")
    assert any(line.startswith("ethnicity: observed over expected can be told for ") for line in lines)
    assert any(line.startswith("Intervals say nothing of other schools") for line in lines)
    assert lines[-1].endswith("too few to tell is not a pass.")
    nothing = fairness_audit([True, False], [True, False], pd.DataFrame({"sex": ["F", "M"]})).summary()
    assert "sex: recall can be told for 0 of 2 groups." in nothing

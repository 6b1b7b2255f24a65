"""``python -m benchmarks.bi_borough STUDY``: arguments in, figures out; ``--help`` names the studies."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import pandas as pd

from earlywarning.synthetic.schools import PUPILS


def main(arguments: list[str] | None = None) -> int:
    """Run one of the studies and return its exit code."""
    parser = argparse.ArgumentParser(prog="benchmarks.bi_borough", description=__doc__)
    studies = parser.add_subparsers(dest="study", required=True)
    for name, about in (
        ("difficulty", "model, best rule and oracle on the same test pupils"),
        ("channels", "through what the gaps between groups arise"),
    ):
        study = studies.add_parser(name, help=about)
        study.add_argument("data", type=Path, help="folder written by earlywarning synth")
    pictures = studies.add_parser("pictures", help="published figures beside the invented ones")
    pictures.add_argument("targets", type=Path, help="what earlywarning synth --check-targets --json printed")
    pictures.add_argument("out", type=Path, help="folder for the SVG files")
    studies.add_parser("growth", help="time and memory of the generator as the pupils grow")
    near = studies.add_parser("limit", help="how near the model comes to what more pupils would teach it")
    near.add_argument(
        "--pupils", type=int, default=PUPILS, help="of each of five authorities (default %(default)s)"
    )
    near.add_argument("--seeds", type=int, default=5)
    nothing = studies.add_parser("no-signal", help="how often a model wins where there is nothing to learn")
    nothing.add_argument("--runs", type=int, default=100)
    given = parser.parse_args(arguments)
    sys.stdout.write(_told(given) + "\n")
    return 0


def _told(given: argparse.Namespace) -> str:
    if given.study == "difficulty":
        from benchmarks.bi_borough.difficulty import difficulty

        return json.dumps(difficulty(given.data), indent=2)
    if given.study == "channels":
        from benchmarks.bi_borough.channels import channels

        return channels(given.data).to_string(index=False)
    if given.study == "limit":
        from benchmarks.bi_borough.limit import limit

        return json.dumps(limit(given.pupils, given.seeds), indent=2)
    if given.study == "no-signal":
        from benchmarks.bi_borough.no_signal import no_signal

        return json.dumps(no_signal(given.runs), indent=2)
    if given.study == "growth":
        from benchmarks.bi_borough.growth import growth

        return json.dumps(growth(), indent=2)
    from benchmarks.bi_borough.pictures import draw

    targets = pd.DataFrame(json.loads(given.targets.read_text(encoding="utf-8"))["targets"])
    return "\n".join(str(path) for path in draw(targets, given.out))


if __name__ == "__main__":
    sys.exit(main())

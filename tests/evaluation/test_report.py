"""The report: one page that fetches nothing, and the same numbers as tables and JSON."""

import csv
import io
import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from pixelwise.core import Legend, Semantic
from pixelwise.errors import InputError
from pixelwise.evaluation import Evaluation
from pixelwise.evaluation.figures import Shown
from pixelwise.evaluation.report import report_csv, report_html, report_json, report_markdown

LEGEND = Legend.of(["sky & air", "road <1>", "car"])


@pytest.fixture(scope="module")
def results():
    random = np.random.default_rng(0)
    found = {}
    for name, noise in (("first", 0.1), ("second <b>", 0.3)):
        evaluation = Evaluation(["miou", "accuracy", "hd95", "ece"])
        for number in range(6):
            truth = np.kron(random.integers(0, 3, (3, 4)), np.ones((8, 8), int)).astype(np.int32)
            noisy = random.random(truth.shape) < noise
            labels = np.where(noisy, random.integers(0, 3, truth.shape), truth).astype(np.int32)
            scores = np.eye(3, dtype=np.float32)[labels].transpose(2, 0, 1) * np.float32(0.9)
            result = Semantic(labels, LEGEND, scores)
            evaluation.add(Semantic(truth, LEGEND), result, f"picture{number}")
        found[name] = evaluation.scores(draws=100)
    return found


class _Balance(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.faults, self.images = [], [], 0

    def handle_starttag(self, tag, _attrs):
        if tag == "img":
            self.images += 1
        if tag not in ("meta", "img"):
            self.open.append(tag)

    def handle_startendtag(self, _tag, _attrs):
        pass

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(tag)


def test_page_is_whole_and_fetches_nothing(results):
    page = report_html(
        results, show=lambda *names: Shown(np.zeros((600, 900, 3), np.uint8), "slice 7"), worst=3
    )
    parser = _Balance()
    parser.feed(page)
    assert parser.faults == []
    assert parser.open == []
    assert parser.images == 6
    assert page.count("· slice 7</figcaption>") == 6
    assert not re.search(r'(src|href)="(?!data:)', page)
    assert "<script" not in page
    assert "second <b>" not in page
    for words in ("road &lt;1&gt;", "Confusion", "Reliability", "Differences", "miou by class"):
        assert words in page


def test_page_names_the_worst_pictures_first(results):
    page = report_html({"first": results["first"]}, worst=2)
    worst = [name for name, _ in results["first"].worst("miou", 2)]
    places = [page.index(f"<figcaption>{name} ") for name in worst]
    assert places == sorted(places)
    assert page.count("<figcaption>") == 2


def test_tables_hold_the_numbers_of_the_scores(results):
    score = results["first"]["miou"]
    rows = list(csv.DictReader(io.StringIO(report_csv(results))))
    own = [row for row in rows if (row["prediction"], row["metric"]) == ("first", "miou")]
    assert [row["class"] for row in own] == ["", "sky & air", "road <1>", "car"]
    assert float(own[0]["value"]) == score.value
    assert json.loads(report_json(results))["first"]["miou"]["low"] == score.low
    assert f"| miou | {score.value:.4f} |" in report_markdown(results)
    text = report_markdown(results)
    assert "## second <b> less first" in text
    assert f"| car | {score.per_class[2].value:.4f} |" in text
    worst, value = results["first"].worst("miou", 1)[0]
    assert f"| {worst} | {value:.4f} |" in text


def test_report_of_nothing_says_so():
    with pytest.raises(InputError, match="one prediction or more"):
        report_html({})

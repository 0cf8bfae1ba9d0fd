"""Cross-validation: every picture is scored by a network that has not seen it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial, reduce

from pixelwise.cards.installing import install_card
from pixelwise.errors import UsageError
from pixelwise.evaluation import Scores
from pixelwise.evaluation.accumulator import score_sample
from pixelwise.evaluation.metric import Sample
from pixelwise.evaluation.report import report_html
from pixelwise.io.atomic import write_bytes
from pixelwise.training.finishing import Finished, line_of, metric_of
from pixelwise.training.job import Order, prepare, trained
from pixelwise.training.keeping import write_json

__all__ = ["cross_validate", "order_of_fold"]


def order_of_fold(order: Order, folds: int, fold: int) -> Order:
    """Return what is asked for of one fold; it has a folder of its own.

    Raises:
        UsageError: Other test data is named, which folds have no use for.
    """
    if order.test is not None:
        raise UsageError(
            "folds score every picture of DATA while it is held out, so --test has no use; leave "
            "out one of the two"
        )
    return replace(
        order,
        output=order.output / f"fold-{fold}",
        settings={**order.settings, "folds": folds, "fold": fold},
        unseen=(),
    )


def cross_validate(
    order: Order,
    folds: int,
    say: Callable[[str], None],
    tick: Callable[[int, int], None],
) -> Finished:
    """Train a network for each fold, or go on; join their scores and install the best one's card.

    ``folds.json`` holds the scores of each fold, of all pictures together with intervals, and of
    each picture; ``report.html`` is for people. The best is that with the highest score on its
    own held-out pictures: folds differ, so this is hardly better than any. The models of the
    others stay in their folders.

    Args:
        order: What is asked for; its folder gets one for each fold.
        folds: How many, at least 2.
        say: Told what happens, a line each.
        tick: Told how many steps are done, and of how many.

    Raises:
        InputError: The data has faults, or fewer pictures than folds.
        UsageError: Test data is named, or the folder holds a run of another plan.
        OutputError: The folder cannot be written.
    """
    if folds < 2:
        raise UsageError(f"cross-validation needs 2 folds or more, not {folds}")
    parts = []
    for fold in range(folds):
        one = order_of_fold(order, folds, fold)
        ready = prepare(one)
        say(f"fold {fold} of {folds}: {len(ready.kept)} pictures held out")
        parts.append(trained(one, ready, say, partial(_tick, tick, fold, folds)))
    return _joined(order, parts, say)


def _tick(tick: Callable[[int, int], None], fold: int, folds: int, step: int, steps: int) -> None:
    """Tell the steps of all folds."""
    tick(fold * steps + step, folds * steps)


def _joined(order: Order, parts: Sequence[Finished], say: Callable[[str], None]) -> Finished:
    scores = _together([part.scores for part in parts])
    best = max(range(len(parts)), key=lambda fold: metric_of(parts[fold].scores, "").value)
    judged_on = (
        f"{len(scores.pictures)} pictures of {order.data.name}, each by that network of "
        f"{len(parts)} folds which had not learnt from it; the weights are those of fold {best}"
    )
    say(f"all folds: {line_of(scores)}; fold {best} is installed")
    page = report_html({"all folds": scores}, title=f"{order.name}: {len(parts)} folds")
    write_bytes(order.output / "report.html", page.encode())
    told = {
        "all": scores.to_dict(),
        "installed": best,
        "folds": [part.scores.to_dict() for part in parts],
        "pictures": [_by_picture(part.scores) for part in parts],
        "command": order.command,
    }
    write_json(order.output / "folds.json", told)
    card = replace(parts[best].card, metric=metric_of(scores, judged_on))
    file = parts[best].file
    return Finished(card=card, place=install_card(card, file), file=file, scores=scores)


def _together(parts: Sequence[Scores]) -> Scores:
    """Return the scores of the pictures of all parts as one."""
    rows = {
        name: score_sample(row.metric, reduce(_pair, [part[name].sample for part in parts]))
        for name, row in parts[0].items()
    }
    return Scores(rows, tuple(name for part in parts for name in part.pictures))


def _pair(first: Sample, second: Sample) -> Sample:
    return first.joined(second)


def _by_picture(scores: Scores) -> dict[str, dict[str, float]]:
    """Return the scores of each picture, without those that it has none of."""
    return {
        name: {
            metric: float(row.per_picture[place])
            for metric, row in scores.items()
            if row.per_picture[place] == row.per_picture[place]
        }
        for place, name in enumerate(scores.pictures)
    }

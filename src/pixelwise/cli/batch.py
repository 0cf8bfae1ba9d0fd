"""pixelwise batch: many pictures, always resumable."""

import json
import signal
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from threading import Thread
from typing import Annotated, Any, NoReturn

import typer

from pixelwise.apps.saves import SAVES, parse_saves
from pixelwise.batch import ENGINES
from pixelwise.batch.finished import Keys
from pixelwise.batch.inputs import items_of, refuse_overlap, root_of
from pixelwise.batch.job import Work, with_threads
from pixelwise.batch.journal import Journal, recorded
from pixelwise.batch.outcomes import Done, Failed
from pixelwise.batch.places import FAILURES
from pixelwise.batch.root import Root
from pixelwise.batch.running import Run, Tally
from pixelwise.catalog import Access, Request, segmenter_for
from pixelwise.cli import options
from pixelwise.cli.bulletin import Bulletin
from pixelwise.cli.exits import code_of, emit, one_line
from pixelwise.errors import Cancelled, InputError, InvalidSetting
from pixelwise.io.format import Reading

__all__ = ["batch"]

POLL_S = 1.0
"""How often --watch looks for new inputs."""
MOST_WORKERS = 256


def batch(
    source: Annotated[
        str,
        typer.Argument(
            metavar="IN",
            help="Folder, file, 'glob', ZIP or tar, annotation file, @list, or s3://, gcs://, ...",
        ),
    ],
    output: Annotated[
        str, typer.Argument(metavar="OUT_DIR", help="Folder for results, also s3://, gcs://, ...")
    ],
    task: options.Wanted = None,
    method: options.Method = None,
    model: options.Model = None,
    settings: options.Settings = None,
    kinds: Annotated[
        str, typer.Option("--save", help=f"Comma list of {', '.join(SAVES)}.")
    ] = "labels",
    workers: Annotated[
        int | None, typer.Option(min=1, max=MOST_WORKERS, help="Processes; one for each core.")
    ] = None,
    engine: Annotated[str, typer.Option(help=f"What runs it: {', '.join(ENGINES)}.")] = "local",
    deadline: Annotated[
        float, typer.Option(metavar="S", help="Longest time for one input, tried twice.")
    ] = 300.0,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done; write nothing.")
    ] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Go on for inputs that come later, until Ctrl-C.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Do all anew, also over another job's results.")
    ] = False,
    allow_truncated: Annotated[
        bool, typer.Option("--allow-truncated", help="Use the part that is there of a cut file.")
    ] = False,
    runtime: options.Runtime = None,
    device: options.Device = None,
    threads: options.Threads = None,
    offline: options.Offline = False,
    commercial: options.Commercial = False,
    as_json: options.Json = False,
    debug: options.Debug = False,  # noqa: ARG001 - read at the outermost edge
) -> None:
    """Segment many pictures into OUT_DIR, their sub-folders and suffixes kept.

    Whatever ends it, the same command goes on where it was, to the same files. What fails is
    listed in OUT_DIR/failures.jsonl and tried again by the next run.
    """
    if not deadline > 0:
        raise InvalidSetting.of("--deadline", deadline, "more than 0 seconds")
    runs, root = ENGINES[engine], root_of(output)
    refuse_overlap(source, root)
    loading = {"runtime": runtime, "device": device, "threads": threads}
    given = {name: value for name, value in loading.items() if value is not None}
    with Bulletin("batch") as bulletin:
        access = Access(offline=offline, commercial=commercial, say=bulletin.say)
        request = Request(
            task=task,
            method=method,
            model=model,
            settings={**options.parse_settings(settings or []), **given},
            access=access,
        )
        work = Work(
            segmenter=with_threads(segmenter_for(request), 1),
            root=root,
            kinds=parse_saves(kinds),
            reading=Reading(allow_truncated=allow_truncated),
        )
        if dry_run:
            _foretell(source, work, as_json=as_json, anew=force)
            return
        made = runs(work, workers=workers, deadline_s=deadline)
        with (
            _endable(),
            root.desk() as desk,
            Journal(desk.folder, work.stamp(), anew=force, publish=desk.publish) as journal,
        ):
            speaker = _Speaker(bulletin, as_json=as_json)
            speaker.count_ahead(source, root)
            run = Run(source=source, work=work, journal=journal, engine=made, tell=speaker.tell)
            tally = _repeated(run) if watch else run.once()
    if not tally.total:
        raise InputError(f"{source}: there are no pictures in it", reason="missing")
    speaker.sum_up(tally, root)
    raise typer.Exit(code_of(set(tally.codes), tally.failed, tally.total))


def _repeated(run: Run) -> NoReturn:
    """Do what is there and what comes, until the process is ended."""
    while True:
        run.once()
        time.sleep(POLL_S)


class _Speaker:
    """Says what became of the items.

    Args:
        bulletin: Takes what is for people.
        as_json: Write each outcome to stdout.
    """

    def __init__(self, bulletin: Bulletin, *, as_json: bool) -> None:
        self._bulletin = bulletin
        self._as_json = as_json
        self._total: int | None = None
        self._start_s = time.monotonic()

    def tell(self, outcome: Done | Failed, tally: Tally) -> None:
        """Show one outcome and how far the run is."""
        if isinstance(outcome, Failed):
            self._bulletin.say(outcome.message)
        if self._as_json:
            emit(_line(_record(outcome)))
        self._bulletin.count(tally.total, tally.kept, self._total)

    def count_ahead(self, source: str, output: Root) -> None:
        """Count the inputs beside the work, for the bar to say how long it takes."""
        if self._bulletin.is_seen:
            Thread(target=self._count, args=(source, output), daemon=True).start()

    def sum_up(self, tally: Tally, output: Root) -> None:
        """Say how it went."""
        counts = {"done": tally.done, "kept": tally.kept, "failed": tally.failed}
        seconds = time.monotonic() - self._start_s
        if self._as_json:
            emit(_line({**counts, "seconds": round(seconds, 3)}))
            return
        before = f", {tally.kept} done before" if tally.kept else ""
        bad = f", {tally.failed} failed (see {output}/{FAILURES})" if tally.failed else ""
        emit(one_line(f"{output}: {tally.done} done{before}{bad}, {seconds:.1f} s"))

    def _count(self, source: str, output: Root) -> None:
        self._total = sum(1 for _ in items_of(source, output))


def _foretell(source: str, work: Work, *, as_json: bool, anew: bool) -> None:
    """Say what a run would do."""
    with work.root.kept() as folder:
        done = Keys() if anew else recorded(folder, work.stamp())
    counts = Counter[bool]()
    for item in items_of(source, work.root):
        kept = item.key in done and work.is_there(item)
        counts[kept] += 1
        files = [f"{work.root}/{name}" for name in work.names(item)]
        if as_json:
            emit(_line({"input": item.name, "outputs": files, "done": kept}))
        elif not kept:
            emit(one_line(f"{item.origin} -> {', '.join(files)}"))
    if not as_json:
        emit(f"{counts[False]} to do, {counts[True]} done before; nothing was written")


def _record(outcome: Done | Failed) -> dict[str, Any]:
    if isinstance(outcome, Done):
        files = [asdict(output) for output in outcome.outputs]
        return {"input": outcome.item.name, "outputs": files}
    names = ("error", "reason", "message")
    return {"input": outcome.item.name, **{name: getattr(outcome, name) for name in names}}


def _line(entry: Mapping[str, Any]) -> str:
    return json.dumps(entry, ensure_ascii=True)


@contextmanager
def _endable() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM end the block in the same way, with a line how to go on.

    Raises:
        Cancelled: One of them came.
    """
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt:
        raise Cancelled(
            "interrupted; what is finished is kept, and the same command goes on"
        ) from None
    finally:
        signal.signal(signal.SIGTERM, before)

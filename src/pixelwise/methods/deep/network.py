"""A network as a segmenter: its card, its file, loaded sessions that are used again."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from queue import SimpleQueue
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelwise.cards import Card, Fit
from pixelwise.cards.hashes import sha256_of
from pixelwise.core import Image, Provenance, Result, Session, Task
from pixelwise.errors import ModelError
from pixelwise.methods.deep import DECODERS, Decoder
from pixelwise.methods.deep.mirrors import in_mirrors, mirror_notes
from pixelwise.methods.deep.prepare import Preparer
from pixelwise.methods.deep.tiles import Tiled
from pixelwise.ops import grow, resize
from pixelwise.runtimes import BUILDERS, RUNTIMES
from pixelwise.runtimes.loading import checked_threads

__all__ = ["Network"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Network:
    """A segmenter made of a card and a model file.

    The file is loaded at the first picture and kept. Several threads may call; those that find no
    free session wait for one.
    A pickled network travels without what is loaded, and loads again.

    Args:
        card: What the network is, eats and answers.
        path: Its file, whose hash was checked.
        runtime: Row of the RUNTIMES table.
        device: Where it runs.
        threads: Threads of the runtime; None: one a core, at most 4.
        trust_pickle: Read the plain tensors of pickled weights, which are refused else.
        mirror: Axes along which it is also run mirrored; the answers are averaged.
        sessions: How many are loaded, so that as many threads run at once.
    """

    card: Card
    path: Path
    runtime: str
    device: str = "cpu"
    threads: int | None = None
    trust_pickle: bool = False
    mirror: tuple[int, ...] = ()
    sessions: int = 1

    @classmethod
    def load(
        cls,
        card: Card,
        path: Path,
        *,
        runtime: str | None = None,
        device: str = "cpu",
        threads: int | None = None,
        trust_pickle: bool = False,
    ) -> "Network":
        """Return the network of ``card`` with its file loaded.

        Args:
            card: What it is.
            path: Its file, whose hash was checked.
            runtime: Row of the RUNTIMES table; None: the card's first.
            device: Where it runs; there is no silent fallback.
            threads: Threads of the runtime; None: one a core, at most 4.
            trust_pickle: Read the plain tensors of pickled weights.

        Raises:
            UnknownName: There is no such runtime or decoder.
            InvalidSetting: There is no such device, or less than one thread.
            ModelError: The file is damaged, or another model than the card's.
        """
        network = cls(
            card=card,
            path=Path(path),
            runtime=runtime or card.runtime,
            device=device,
            threads=threads,
            trust_pickle=trust_pickle,
        )
        _ = network._loaded
        return network

    @property
    def name(self) -> str:
        """The card's name."""
        return self.card.name

    @property
    def task(self) -> Task:
        """What its results are."""
        return self.card.task

    @property
    def session(self) -> Session:
        """The loaded model."""
        return self._loaded.session

    def side_by_side(self) -> "Network":
        """Return the same network with each of its threads on a picture of its own.

        For callers with several threads: more pictures a second, at the cost of a session for
        each. On other devices than the processor nothing changes.
        """
        if self.device != "cpu":
            return self
        return replace(self, threads=1, sessions=checked_threads(self.threads))

    def warm(self) -> "Network":
        """Make ready for many pictures: load the file and the compiled kernels.

        Live pictures, videos and services call it before the first frame; a single picture is
        done sooner without.
        """
        _ = self._loaded
        for kernels in (grow.KERNELS, resize.KERNELS):
            kernels.warm()
        return self

    def __call__(self, image: Image) -> Result:
        """Segment ``image``; in tiles, where the card wants tiles and the picture is larger.

        Raises:
            InputError: A volume, or a picture without the channels that the network wants.
            ModelError: The model fails or answers nonsense.
        """
        spec = self.card.input
        if spec.fit is Fit.TILES and spec.height and spec.width:
            return Tiled(segmenter=self._whole, height=spec.height, width=spec.width)(image)
        return self._whole(image)

    def many(self, images: Sequence[Image]) -> list[Result]:
        """Segment several pictures: those fed at one size in one run, where the model allows it.

        Where it does not, they are segmented one after the other; the results are the same.

        Raises:
            InputError: A volume, or a picture without the channels that the network wants.
            ModelError: The model fails or answers nonsense.
        """
        loaded = self._loaded
        if not loaded.preparer.takes_batches or self.card.input.fit is Fit.TILES:
            return [self(image) for image in images]
        laid = [loaded.preparer.laid(image) for image in images]
        groups: dict[tuple[int, ...], list[int]] = {}
        for number, (pixels, _) in enumerate(laid):
            groups.setdefault(pixels.shape, []).append(number)
        results: dict[int, Result] = {}
        for numbers in groups.values():
            start = perf_counter()
            together = np.concatenate([laid[number][0] for number in numbers])
            with loaded.turn() as session:
                outputs = session.run({loaded.preparer.tensor.name: together, **loaded.told})
            seconds = {"infer": (perf_counter() - start) / len(numbers)}
            for row, number in enumerate(numbers):
                own = [values[row : row + 1] for values in outputs]
                made = self._provenance(loaded, seconds, images[number].notes)
                result = loaded.decoder(own, laid[number][1])
                results[number] = result.made_by(made, images[number].space)
        return [results[number] for number in range(len(images))]

    def _whole(self, image: Image) -> Result:
        """Segment ``image`` in one run."""
        loaded = self._loaded
        start = perf_counter()
        with loaded.turn() as session:
            feeds, placed = loaded.preparer.fill(image, session)
            prepared = perf_counter()
            outputs = session.run({**feeds, **loaded.told})
        inferred = perf_counter()
        result = loaded.decoder(outputs, placed)
        seconds = {
            "prepare": prepared - start,
            "infer": inferred - prepared,
            "decode": perf_counter() - inferred,
        }
        return result.made_by(self._provenance(loaded, seconds, image.notes), image.space)

    @cached_property
    def _loaded(self) -> "_Loaded":
        if self.card.decoder.name not in DECODERS:
            raise ModelError(
                f"{self.card.name} answers with {self.card.decoder.name}, which nothing here "
                "decodes yet"
            )
        session, *others = (
            in_mirrors(self._session(), self.card, self.mirror) for _ in range(self.sessions)
        )
        free: SimpleQueue[Session] = SimpleQueue()
        for one in (session, *others):
            free.put(one)
        asked = [tensor.name for tensor in session.inputs if tensor.dtype.kind == "U"]
        return _Loaded(
            session,
            free,
            Preparer.of(self.card.input, session.inputs),
            DECODERS[self.card.decoder.name](self.card, session.outputs),
            sha256_of(self.path),
            dict.fromkeys(asked, np.array(str(self.task))),
        )

    def _session(self) -> Session:
        """Return the loaded model; a builder makes the network where the file is its weights."""
        if self.runtime in BUILDERS and self.card.architecture.startswith("torchvision:"):
            return BUILDERS[self.runtime](
                self.path,
                self.card.architecture,
                threads=self.threads,
                device=self.device,
                trust_pickle=self.trust_pickle,
            )
        return RUNTIMES[self.runtime](self.path, threads=self.threads, device=self.device)

    def _provenance(
        self, loaded: "_Loaded", seconds: Mapping[str, float], notes: tuple[str, ...]
    ) -> Provenance:
        return Provenance(
            method=str(self.card.decoder.name),
            model=self.card.name,
            model_sha256=loaded.sha256,
            runtime=self.runtime,
            device=loaded.session.device,
            seconds=seconds,
            notes=(*notes, *mirror_notes(self.mirror)),
        )

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "_loaded"}


@dataclass(frozen=True, slots=True)
class _Loaded:
    session: Session
    free: SimpleQueue[Session]
    preparer: Preparer
    decoder: Decoder
    sha256: str
    told: Mapping[str, NDArray[Any]]

    @contextmanager
    def turn(self) -> Iterator[Session]:
        """Lend a session that no other thread has, once there is one."""
        session = self.free.get()
        try:
            yield session
        finally:
            self.free.put(session)

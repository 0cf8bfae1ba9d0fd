"""XML without entities: bombs and outside files are refused by the parser itself."""

from typing import NoReturn
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from pixelwise.errors import InputError

__all__ = ["escaped", "lawful_xml", "number_in", "text_in"]

DEEPEST = 60


def lawful_xml(data: bytes, name: str) -> Element:
    """Return the root of an XML text.

    Raises:
        InputError: It is no XML, declares entities or a document type with them, or is nested
            too deep.

    >>> lawful_xml(b"<a><b>1</b></a>", "x").find("b").text
    '1'
    """
    builder = TreeBuilder()
    parser = expat.ParserCreate()
    depth = 0

    def refuse(*_: object) -> NoReturn:
        raise InputError(f"{name}: XML with entities is refused", reason="xml")

    def begin(tag: str, fields: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEEPEST:
            raise InputError(f"{name}: XML nested deeper than {DEEPEST} levels", reason="xml")
        builder.start(tag, fields)

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(tag)

    parser.StartElementHandler, parser.EndElementHandler = begin, end
    parser.CharacterDataHandler = builder.data
    parser.EntityDeclHandler = parser.UnparsedEntityDeclHandler = refuse
    parser.ExternalEntityRefHandler = refuse
    try:
        parser.Parse(data, True)  # noqa: FBT003 - takes no names
        return builder.close()
    except expat.ExpatError as error:
        raise InputError(f"{name}: no XML: {error}", reason="xml") from error


def text_in(element: Element, tag: str, default: str = "") -> str:
    """Return the text of a child."""
    return (element.findtext(tag) or default).strip()


def number_in(element: Element, key: str, name: str) -> float:
    """Return a finite number of an attribute.

    Raises:
        InputError: It is missing or no number.
    """
    text = element.get(key, "")
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not abs(value) < 1e9:
        raise InputError(f"{name}: <{element.tag} {key}>: expected a number, not {text[:40]!r}")
    return value


def escaped(text: str) -> str:
    """Return a text as it stands in XML.

    >>> escaped('a<"b"&')
    'a&lt;&quot;b&quot;&amp;'
    """
    table = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}
    return "".join(table.get(letter, letter) for letter in text if letter.isprintable())

"""Docstrings as the reference shows them: doctests become examples, Sphinx roles become code."""

import re
from textwrap import indent

from griffe import Extension, Object

__all__ = ["Docstrings"]

DOCTEST = re.compile(r"^>>> .*(?:\n.+)*", re.MULTILINE)
ROLE = re.compile(r":(?:func|class|mod|data):`([^`]+)`")
LITERAL = re.compile(r"^::$", re.MULTILINE)


class Docstrings(Extension):
    """Rewrites each docstring before it is parsed."""

    def on_instance(self, *, obj: Object, **_: object) -> None:
        """Rewrite the docstring of one object."""
        if obj.docstring is not None:
            text = DOCTEST.sub(
                lambda found: "Examples:\n" + indent(found[0], "    "), obj.docstring.value
            )
            obj.docstring.value = LITERAL.sub("", ROLE.sub(r"`\1`", text))

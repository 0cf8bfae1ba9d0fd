"""What people see while they wait."""

import io
import sys

from pixelwise.cli.progress import counted


class Terminal(io.StringIO):
    """A stderr that a person looks at."""

    def isatty(self):
        return True


def test_counted_when_nobody_looks_then_items_pass_in_silence(capsys):
    assert list(counted(iter("abc"), "pictures")) == ["a", "b", "c"]
    assert capsys.readouterr().err == ""


def test_counted_when_a_person_looks_then_the_number_is_shown(monkeypatch):
    shown = Terminal()
    monkeypatch.setattr(sys, "stderr", shown)
    assert list(counted(iter("abc"), "pictures")) == ["a", "b", "c"]
    assert "pictures" in shown.getvalue()

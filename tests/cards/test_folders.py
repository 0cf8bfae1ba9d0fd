"""Where things lie, on each system."""

import os
import sys
from pathlib import Path

import pytest

from pixelwise.cards.folders import cache_folder, cards_folders, model_folders


@pytest.mark.parametrize(
    ("system", "variables", "expected"),
    [
        ("linux", {"HOME": "/home/ada"}, "/home/ada/.cache/pixelwise"),
        ("linux", {"HOME": "/home/ada", "XDG_CACHE_HOME": "/c"}, "/c/pixelwise"),
        ("linux", {"HOME": "/home/ada", "XDG_CACHE_HOME": "c"}, "/home/ada/.cache/pixelwise"),
        ("darwin", {"HOME": "/Users/ada"}, "/Users/ada/Library/Caches/pixelwise"),
        ("win32", {"LOCALAPPDATA": "/local"}, "/local/pixelwise"),
        ("linux", {"HOME": "/home/ada", "PIXELWISE_CACHE": "/mine"}, "/mine"),
    ],
)
def test_cache_folder_is_the_platforms_own(monkeypatch, system, variables, expected):
    monkeypatch.setattr(sys, "platform", system)

    assert cache_folder(variables) == Path(expected)


def test_cache_folder_when_there_is_no_home_then_none():
    assert cache_folder({}) is None


def test_model_folders_are_a_path_list():
    variables = {"PIXELWISE_MODEL_PATH": os.pathsep.join(["a", "", "b"])}

    assert model_folders(variables) == (Path("a"), Path("b"))


def test_cards_folders_are_the_caches_and_the_given_ones():
    variables = {"PIXELWISE_CACHE": "/mine", "PIXELWISE_CARDS": "/more"}

    assert cards_folders(variables) == (Path("/mine/cards"), Path("/more"))

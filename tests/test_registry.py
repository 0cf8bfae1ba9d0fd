import pytest

from pixelwise.errors import MissingExtra, UnknownName
from pixelwise.registry import Registry


def test_registry_when_asked_then_imports_late():
    table = Registry("codec", {"json": "json:loads", "broken": "no_such_module_here:x"})

    assert table["json"]("[1]") == [1]
    assert list(table) == ["json", "broken"]
    assert "broken" in table
    assert len(table) == 2


def test_registry_when_unknown_then_nearest_is_named():
    with pytest.raises(UnknownName, match="did you mean 'json'"):
        Registry("codec", {"json": "json:loads"})["jsn"]


def test_registry_when_package_is_missing_then_names_the_extra():
    table = Registry("codec", {"x": "no_such_package.deep:x nice"})

    assert table.extra_of("x") == "nice"
    with pytest.raises(MissingExtra, match=r"pip install 'pixelwise\[nice\]'"):
        table["x"]


def test_registry_when_our_own_file_is_missing_then_not_mistaken_for_an_extra():
    with pytest.raises(ModuleNotFoundError):
        Registry("codec", {"x": "pixelwise.no_such_file:x nice"})["x"]


def test_extra_of_when_base_install_serves_then_none():
    assert Registry("codec", {"json": "json:loads"}).extra_of("json") is None

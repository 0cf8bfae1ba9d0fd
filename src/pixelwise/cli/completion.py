"""pixelwise completion: what the user's shell completes the command line with."""

from enum import StrEnum
from typing import Annotated

import typer

from pixelwise.cards.deck import load_cards
from pixelwise.cli import options
from pixelwise.cli.root import Row, command_of
from pixelwise.core import Task
from pixelwise.methods import METHODS
from pixelwise.runtimes import RUNTIMES
from pixelwise.tracking import TRACKERS

__all__ = ["Shell", "completion", "script"]


class Shell(StrEnum):
    """The shells that are served."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"


BASH = """_pixelwise() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} words="" files=yes
  if [ "$COMP_CWORD" -eq 1 ]; then words="{commands}" files=; else
    case ${{COMP_WORDS[1]}} in
{cases}
    esac
    case ${{COMP_WORDS[COMP_CWORD-1]}} in
{values}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$word"))
  [ -n "$files" ] && COMPREPLY+=($(compgen -f -- "$word"))
}}
complete -o filenames -F _pixelwise pixelwise"""

ZSH = "autoload -Uz bashcompinit && bashcompinit\n"


def completion(
    shell: Annotated[Shell, typer.Argument(metavar="SHELL", help="bash, zsh or fish.")],
    debug: options.Debug = False,  # noqa: ARG001 - read at the outermost edge
) -> None:
    """Print the script that completes commands and options: source it from your shell's start.

    For bash: pixelwise completion bash >> ~/.bash_completion
    """
    from pixelwise.cli import COMMANDS  # noqa: PLC0415 - the table names this very module

    typer.echo(script(shell, COMMANDS))


def script(shell: Shell, rows: dict[str, Row]) -> str:
    """Return the script for a shell."""
    words = {name: _words(name, place) for name, (place, _) in rows.items()}
    values = {option: " ".join(names) for option, names in _values().items()}
    if shell is Shell.FISH:
        return _fish(rows, words, values)
    cases = "\n".join(f'      {name}) words="{" ".join(found)}";;' for name, found in words.items())
    known = "\n".join(f'      {name}) words="{found}" files=;;' for name, found in values.items())
    made = BASH.format(commands=" ".join(rows), cases=cases, values=known)
    return ZSH + made if shell is Shell.ZSH else made


def _fish(rows: dict[str, Row], words: dict[str, list[str]], values: dict[str, str]) -> str:
    lines = [
        f"complete -c pixelwise -n __fish_use_subcommand -a {name} -d '{line}'"
        for name, (_, line) in rows.items()
    ]
    for name, found in words.items():
        after = f"complete -c pixelwise -n '__fish_seen_subcommand_from {name}'"
        lines += [
            f"{after} {'-l' if word[:2] == '--' else '-a'} {word.lstrip('-')}" for word in found
        ]
    lines += [
        f"complete -c pixelwise -l {name[2:]} -xa '{known}'" for name, known in values.items()
    ]
    return "\n".join(lines)


def _words(name: str, place: str) -> list[str]:
    """Return what may follow a command: its sub-commands, and all long options."""
    command = command_of(name, place)
    nested = getattr(command, "commands", {})
    long = {
        word
        for part in (command, *nested.values())
        for parameter in part.params
        for word in parameter.opts + parameter.secondary_opts
        if word.startswith("--")
    }
    return [*nested, *sorted(long)]


def _values() -> dict[str, list[str]]:
    """Return what may follow an option whose values are names."""
    return {
        "--task": [str(task) for task in Task],
        "--method": list(METHODS),
        "--model": list(load_cards()),
        "--runtime": list(RUNTIMES),
        "--tracker": list(TRACKERS),
    }

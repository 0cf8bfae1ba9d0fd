"""pixelwise completion: what the user's shell completes the command line with."""

from enum import StrEnum
from typing import Annotated

import typer

from pixelwise.cli import options
from pixelwise.cli.root import Row, command_of

__all__ = ["Shell", "completion", "script"]


class Shell(StrEnum):
    """The shells that are served."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"


BASH = """_pixelwise() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} words=""
  if [ "$COMP_CWORD" -eq 1 ]; then words="{commands}"; else
    case ${{COMP_WORDS[1]}} in
{cases}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$word"))
  [ "$COMP_CWORD" -gt 1 ] && COMPREPLY+=($(compgen -f -- "$word"))
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
    words = {name: _options(name, place) for name, (place, _) in rows.items()}
    if shell is Shell.FISH:
        first = [
            f"complete -c pixelwise -n __fish_use_subcommand -a {name} -d '{line}'"
            for name, (_, line) in rows.items()
        ]
        rest = [
            f"complete -c pixelwise -n '__fish_seen_subcommand_from {name}' -l {word[2:]}"
            for name, found in words.items()
            for word in found
        ]
        return "\n".join([*first, *rest])
    cases = "\n".join(f'      {name}) words="{" ".join(found)}";;' for name, found in words.items())
    made = BASH.format(commands=" ".join(rows), cases=cases)
    return ZSH + made if shell is Shell.ZSH else made


def _options(name: str, place: str) -> list[str]:
    command = command_of(name, place)
    nested = getattr(command, "commands", {}).values()
    return sorted(
        {
            word
            for part in (command, *nested)
            for parameter in part.params
            for word in parameter.opts + parameter.secondary_opts
            if word.startswith("--")
        }
    )

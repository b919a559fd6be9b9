"""Suggestions for mistyped names of commands and options."""

from __future__ import annotations

import click


class NearGroup(click.Group):
    """A group that suggests commands for a mistyped one."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that the arguments begin with. Raise `click.UsageError` with suggestions."""
        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            # Slow to import, and only needed here.
            from difflib import get_close_matches  # noqa: PLC0415

            names = self.list_commands(ctx)
            near = get_close_matches(args[0], names)
            meant = f"did you mean {' or '.join(near)}?" if near else f"the commands are {', '.join(names)}."
            ctx.fail(f"No such command '{args[0]}'; {meant}")
        return super().resolve_command(ctx, args)


def near_only(error: click.NoSuchOption) -> click.NoSuchOption:
    """Return the error with only the options whose words are similar: all of them share the dashes."""
    from difflib import get_close_matches  # noqa: PLC0415

    words = {name.lstrip("-"): name for name in error.possibilities or ()}
    near = [words[word] for word in get_close_matches(error.option_name.lstrip("-"), words)]
    return click.NoSuchOption(error.option_name, error.message, near, error.ctx)

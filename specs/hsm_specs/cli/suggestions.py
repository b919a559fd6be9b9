"""Wrong names of commands and options, answered with near ones."""

from __future__ import annotations

import click


class NearGroup(click.Group):
    """Says which commands were probably meant."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the arguments begin with. Raises `click.UsageError`, which lists near names."""
        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            # Needed here only, and the help is to be quick.
            from difflib import get_close_matches  # noqa: PLC0415

            names = self.list_commands(ctx)
            near = get_close_matches(args[0], names)
            meant = f"near are {', '.join(near)}" if near else f"there are {', '.join(names)}"
            ctx.fail(f"No such command '{args[0]}'; {meant}.")
        return super().resolve_command(ctx, args)


def near_only(error: click.NoSuchOption) -> click.NoSuchOption:
    """The error with those options that are near by their words: the dashes, which all have, make none of them near."""
    from difflib import get_close_matches  # noqa: PLC0415

    words = {name.lstrip("-"): name for name in error.possibilities or ()}
    near = [words[word] for word in get_close_matches(error.option_name.lstrip("-"), words)]
    return click.NoSuchOption(error.option_name, error.message, near, error.ctx)

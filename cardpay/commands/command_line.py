"""The command line: which commands there are, and what their exit codes mean."""

from importlib import import_module
from typing import Final

import click

from cardpay.domain.errors import CardpayError, StartRefused

# Where each command is. It is imported when it is asked for: the sandbox needs nothing of the
# desk, and starts in a third of the time without it.
_MODULES: Final = {
    "migrate": "cardpay.commands.migrate",
    "sandbox": "cardpay.sandbox.command_line",
    "reconcile": "cardpay.commands.reconcile",
    "backfill": "cardpay.commands.backfill",
    "erase": "cardpay.commands.erase",
    "export": "cardpay.commands.export",
    "doctor": "cardpay.commands.doctor",
    "demo-data": "cardpay.commands.demo_data",
    "report": "cardpay.commands.report",
    "sessions": "cardpay.commands.sessions",
}


class _Commands(click.Group):
    def list_commands(self, _ctx: click.Context) -> list[str]:
        return list(_MODULES)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _MODULES:
            return None
        try:
            command: click.Command = getattr(
                import_module(_MODULES[cmd_name]), cmd_name.replace("-", "_")
            )
        except ModuleNotFoundError as missing:
            raise click.ClickException(
                f"The package {missing.name} is not installed: "
                "run pip install -r requirements.txt."
            ) from None
        return command

    def invoke(self, ctx: click.Context) -> None:
        """End with what the command returns; 2 if it could not start, 1 if it was stopped."""
        try:
            code = super().invoke(ctx)
        except CardpayError as error:
            click.echo(error.sentence, err=True)
            code = 2 if isinstance(error, StartRefused) else 1
        ctx.exit(code or 0)


@click.group(cls=_Commands)
def cardpay() -> None:
    """Look after the payments desk. Settings come from the environment or `.env`."""

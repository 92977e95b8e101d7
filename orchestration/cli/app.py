"""The commands of `lakehouse`, each in a module of its own."""

from __future__ import annotations

import typer

from orchestration.cli import (
    backup,
    contracts,
    demo,
    doctor,
    ingest,
    maintain,
    move,
    pin,
    quarantine,
    reload,
    restore,
    sandbox,
    settings,
    snapshots,
    sources,
    sql,
    sync,
    undo,
    upgrade,
    verify,
)

app = typer.Typer(
    name="lakehouse",
    help="One governed lakehouse: contracts at the door, ACID tables inside.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback(invoke_without_command=True)
def root(
    version: bool = typer.Option(False, "--version", help="Print the version and exit."),
) -> None:
    """One governed lakehouse: contracts at the door, ACID tables inside."""
    if version:
        from orchestration.cli.version import version as installed

        typer.echo(f"lakehouse {installed()}")
        raise typer.Exit


app.command("demo")(demo.demo)
app.command("ingest")(ingest.ingest)
app.command("sync")(sync.sync)
app.add_typer(sources.app, name="sources")
app.add_typer(sandbox.app, name="sandbox")
app.command("sql")(sql.sql)
app.command("snapshots")(snapshots.snapshots)
app.add_typer(quarantine.app, name="quarantine")
app.command("undo")(undo.undo)
app.command("reload")(reload.reload)
app.command("verify")(verify.verify)
app.command("doctor")(doctor.doctor)
app.command("maintain")(maintain.maintain)
app.command("pin")(pin.pin)
app.command("unpin")(pin.unpin)
app.command("backup")(backup.backup)
app.command("restore")(restore.restore)
app.command("move")(move.move)
app.command("upgrade")(upgrade.upgrade)
app.command("settings")(settings.settings)
app.add_typer(contracts.app, name="contracts")

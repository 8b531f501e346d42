"""`ssmm put`, and the options that `onboard` shares with it."""

from __future__ import annotations

from ssmm_core.classify import type_rules
from ssmm_core.cli import render
from ssmm_core.cli.parser import add_app, examples
from ssmm_core.cli.steps import carry_out, status_json, tally
from ssmm_core.cli.values import checked_path, variable_pairs
from ssmm_core.envfile import FORMATS
from ssmm_core.errors import UsageError
from ssmm_core.operations import env_file, put
from ssmm_core.tags import tag_pairs

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from ssmm_core.cli.context import Context
    from ssmm_core.operations.outcome import Outcome
    from ssmm_core.secret import SecretValue


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "pairs",
        nargs="*",
        metavar="PAIR",
        help="KEY=VALUE, KEY=@FILE, KEY=- for standard input, or KEY alone for a hidden prompt (KEY=@@x is @x)",
    )
    parser.add_argument("--env", metavar="FILE", help="store the variables of this .env file; its values are taken literally")
    parser.add_argument(
        "--env-format", choices=FORMATS, help="the dialect of that file (that of sync by its first line, JSON, or else dotenv)"
    )
    add_app(parser, repeatable=False)
    add_type_options(parser)
    parser.add_argument("--description", metavar="TEXT", help="a description for each parameter")
    parser.add_argument("--dry-run", action="store_true", help="show what would change, write nothing")
    parser.add_argument("--no-overwrite", action="store_true", help="refuse to change what exists")
    parser.add_argument("--overwrite-type", action="store_true", help="give existing parameters the type that a new one would get")
    parser.epilog = examples("""
  ssmm put --env .env                             everything in .env, for this directory's app
  ssmm put DB_PASSWORD                            asks for the value, which so stays out of the shell's history
  ssmm put TLS_KEY=@key.pem --app web             the value is the file's content, exactly
  printf %s "$TOKEN" | ssmm put API_TOKEN=-
  ssmm put --app shared --env shared.env --tag owner=platform
  ssmm put --env container.env --env-format docker
  ssmm put --env .env --plain-key PUBLIC_URL --secure TLS_CERT_PATH --dry-run
""")


def add_type_options(parser: argparse.ArgumentParser) -> None:
    """What decides the type and the tags of what is put."""
    parser.add_argument("--plain-all", action="store_true", help="store everything as String")
    parser.add_argument(
        "--plain-key", "--plain", action="append", default=[], metavar="NAME", help="store this variable as String; repeatable"
    )
    parser.add_argument("--secure", action="append", default=[], metavar="NAME", help="store this variable as SecureString; repeatable")
    parser.add_argument("--tag", action="append", default=[], metavar="KEY=VALUE", help="tag each parameter; repeatable")
    parser.add_argument("--accept-renames", action="store_true", help="store names that come back different (dbUrl as DBURL)")


def run(context: Context) -> int:
    options = context.options
    asked = intent(context, _variables(context))
    made = put.plan(context.store, asked, threads=context.settings.read_concurrency)
    outcome = None
    for warning in made.warnings:
        context.say.warning(warning)
    if not options.json:
        show_plan(made)
    if not options.dry_run:
        outcome = apply(context, made)
    if options.json:
        render.json({"dry_run": options.dry_run, "parameters": plan_json(made, outcome)})
    return int(outcome.exit_code) if outcome is not None else 0


def apply(context: Context, made: put.PutPlan) -> Outcome:
    """Carry a put out and say how it went."""
    outcome = carry_out(
        context,
        "writing",
        len(made.work),
        lambda stop, on_step: put.apply(context.store, made, threads=context.settings.write_concurrency, stop=stop, on_step=on_step),
    )
    unchanged = len(made.steps) - len(made.work)
    context.say.note(f"{tally(outcome, 'wrote')}, {unchanged} unchanged")
    return outcome


def intent(context: Context, variables: dict[str, SecretValue], *, overwrite_all: bool = True) -> put.PutIntent:
    """What was asked for, from the options of `put` or `onboard`."""
    options = context.options
    return put.PutIntent(
        root=context.root,
        app=context.app,
        variables=variables,
        rules=type_rules(plain_all=options.plain_all, plain=options.plain_key, secure=options.secure),
        tags=tag_pairs(options.tag),
        description=getattr(options, "description", None),
        advanced=context.settings.advanced,
        key_id=context.settings.kms_key_id,
        overwrite=overwrite_all and not getattr(options, "no_overwrite", False),
        overwrite_type=getattr(options, "overwrite_type", False),
        accept_renames=options.accept_renames,
    )


def read_variables(context: Context, path: str, file_format: str = "") -> dict[str, SecretValue]:
    """The variables of an `.env`, or of a file in another format, without the empty ones: the service holds none, and each is said."""
    found = env_file.read(checked_path(path), file_format)
    for name in found.empty:
        context.say.warning(f"{name} in {path} is empty and was left out; a value that is stored for it stays")
    return dict(found.variables)


def show_plan(made: put.PutPlan) -> None:
    """The plan as a table: names, types with their reasons, lengths; no value."""
    rows = [
        [step.kind, step.name, f"{step.type} [{step.reason}]", step.value.length_hint(), "; ".join(_notes(step))] for step in made.steps
    ]
    render.table(["CHANGE", "PARAMETER", "TYPE", "LENGTH", "NOTES"], rows)


def plan_json(made: put.PutPlan, outcome: Outcome | None) -> list[dict[str, object]]:
    """The plan, and what became of it, as `--json` prints it."""
    return [
        {
            "variable": step.variable,
            "name": step.name,
            "change": step.kind,
            "type": step.type,
            "reason": step.reason,
            "length": step.value.length_hint(),
            "version": step.seen.version or None,
            "notes": list(_notes(step)),
            **status_json(outcome, step.name, needed=step.kind != "unchanged"),
        }
        for step in made.steps
    ]


def _notes(step: put.PutStep) -> list[str]:
    tags = [f"tag {key}={value}" for key, value in step.tags.items()] if step.kind == "tags" else []
    ending = ["ends in a line break"] if step.value.reveal().endswith("\n") else []
    return [*step.notes, *tags, *ending]


def _variables(context: Context) -> dict[str, SecretValue]:
    options = context.options
    if not options.pairs and options.env is None:
        raise UsageError("nothing to put", hint="Pass KEY=VALUE or --env FILE.")
    if options.env_format and options.env is None:
        raise UsageError("--env-format is about the file of --env, and there is none", hint="Pass --env FILE.")
    from_file = read_variables(context, options.env, options.env_format or "") if options.env is not None else {}
    pairs = variable_pairs(options.pairs)
    if both := sorted(from_file.keys() & pairs.keys()):
        raise UsageError(f"{', '.join(both)} given both as a pair and in {options.env}", hint="Keep one of them.")
    return from_file | pairs

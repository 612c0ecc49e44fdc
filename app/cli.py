"""The `bytchat` command."""

import asyncio
import json
import sys
from typing import Annotated

import typer

from app.core.config import get_settings, require_services
from app.core.errors import BytchatError
from app.embedded.home import temporary_home
from app.embedded.services import running
from app.operations import keys as own_keys
from app.operations import migrate as migrations
from app.operations import users as accounts
from app.operations.backup import backup as make_backup
from app.operations.demo import demo as run_demo
from app.operations.language import say
from app.operations.locate import locate_database
from app.operations.restore import restore as put_back
from app.operations.up import up as run_up

cli = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Bytchat: asistentes que responden con tus documentos.",
)
users = typer.Typer(no_args_is_help=True, help=say("Cuentas.", "Accounts."))
cli.add_typer(users, name="users")
keys = typer.Typer(no_args_is_help=True, help=say("Claves de proveedores.", "Providers' keys."))
cli.add_typer(keys, name="keys")

BackupFile = Annotated[
    str, typer.Argument(help=say("Un archivo, o - para un flujo.", "A file, or - for a stream."))
]
Email = Annotated[str, typer.Argument(help=say("El correo de la cuenta.", "The account's e-mail."))]
_MARKS = {"ok": "✓", "warning": "!", "wrong": "✗"}


def main() -> None:
    """Run the command; a failure that we know is a sentence in both languages and exit code 1."""
    try:
        cli()
    except BytchatError as error:
        for sentence in dict.fromkeys((error.sentence("es"), error.sentence("en"))):
            print(sentence, file=sys.stderr)
        sys.exit(1)


@cli.command(help=say("Arranca todo en esta terminal.", "Start everything in this terminal."))
def up() -> None:
    run_up(get_settings())


@cli.command(help=say("Registra, entrena y pregunta, sin navegador.", "Register, train and ask."))
def demo() -> None:
    raise typer.Exit(0 if run_demo(get_settings()) else 1)


@cli.command(help=say("Lleva la base de datos a la última versión.", "Bring the database to the newest revision."))
def migrate() -> None:
    settings = get_settings()
    if settings.postgres_host:
        # The first to run in compose: what would keep the others from starting is said here.
        require_services(settings)
    migrations.upgrade(locate_database(settings))
    print(migrations.head())


@cli.command(help=say("Guarda toda la base de datos en un archivo.", "Save the whole database in a file."))
def backup(file: BackupFile) -> None:
    for sentence in make_backup(get_settings(), file):
        print(sentence, file=sys.stderr)


@cli.command(help=say("Pone una copia en la base de datos.", "Put a backup into the database."))
def restore(
    file: BackupFile,
    replace: Annotated[
        bool, typer.Option("--replace", help=say("Lo que hay se pierde.", "What is there is lost."))
    ] = False,
) -> None:
    for sentence in put_back(get_settings(), file, replace=replace):
        print(sentence, file=sys.stderr)


@cli.command("check-migrations", hidden=True)
def check_migrations() -> None:
    with temporary_home() as home, running(home, durable=False) as services:
        migrations.upgrade(services.database_url)
        migrations.check(services.database_url)


@cli.command(help=say("Revisa cada parte y dice qué falla.", "Check each part and say what is wrong."))
def doctor() -> None:
    # Imported here: the vendors' SDKs would take every other command a second more.
    from app.operations.doctor import State, examine  # noqa: PLC0415

    findings = []
    for finding in examine(get_settings()):
        print(f"{_MARKS[finding.state]} {finding.part:<14} {finding.sentence}", flush=True)
        findings.append(finding)
    raise typer.Exit(int(any(finding.state is State.WRONG for finding in findings)))


@cli.command(help=say("Escribe el documento OpenAPI.", "Print the OpenAPI document."))
def openapi() -> None:
    # Imported here: the web framework would double the start of every other command.
    from app.main import build  # noqa: PLC0415

    print(json.dumps(build(get_settings()).openapi(), ensure_ascii=False, indent=2))


@users.command("list", help=say("Lista las cuentas.", "List the accounts."))
def list_users() -> None:
    for user in asyncio.run(accounts.list_all(locate_database(get_settings()))):
        state = say("desactivada", "disabled") if user.is_disabled else say("activa", "active")
        print(f"{user.id}  {user.created_at:%Y-%m-%d %H:%M}  {state:<12} {user.email}")


@users.command("add", help=say("Crea una cuenta, aunque el registro esté cerrado.", "Add an account."))
def add_user(
    email: Email,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help=say("La contraseña, de la entrada.", "Password from stdin."))
    ] = False,
) -> None:
    password = _password_of_stdin() if password_stdin else _ask_password()
    user = asyncio.run(accounts.add(locate_database(get_settings()), email, password=password))
    print(say(f"{user.email} ya puede entrar.", f"{user.email} can log in now."))


def _password_of_stdin() -> str:
    return sys.stdin.readline().rstrip("\r\n")


def _ask_password() -> str:
    return str(typer.prompt(say("Contraseña", "Password"), hide_input=True, confirmation_prompt=True))


@users.command("disable", help=say("Cierra una cuenta; sus sesiones acaban.", "Close an account."))
def disable_user(email: Email) -> None:
    asyncio.run(accounts.disable(locate_database(get_settings()), email))
    print(say(f"{email} ya no puede entrar.", f"{email} cannot log in any more."))


@users.command("enable", help=say("Abre de nuevo una cuenta.", "Open an account again."))
def enable_user(email: Email) -> None:
    asyncio.run(accounts.enable(locate_database(get_settings()), email))
    print(say(f"{email} puede entrar otra vez.", f"{email} can log in again."))


@users.command("set-password", help=say("Cambia una contraseña.", "Set a password."))
def set_password(
    email: Email,
    password: Annotated[str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True)],
) -> None:
    asyncio.run(accounts.set_password(locate_database(get_settings()), email, password=password))
    print(say(f"{email} tiene una contraseña nueva.", f"{email} has a new password."))


@keys.command("rotate", help=say("Sella todas con ENCRYPTION_KEY.", "Seal all of them with ENCRYPTION_KEY."))
def rotate_keys() -> None:
    done = own_keys.rotate(get_settings())
    print(say(f"Claves selladas de nuevo: {done.resealed}.", f"Keys sealed anew: {done.resealed}."))
    if done.unreadable:
        print(say(f"No se pueden descifrar: {done.unreadable}.", f"Cannot be decrypted: {done.unreadable}."))
        raise typer.Exit(1)
    print(say("ENCRYPTION_KEY_PREVIOUS ya sobra.", "ENCRYPTION_KEY_PREVIOUS is not needed any more."))


if __name__ == "__main__":
    main()

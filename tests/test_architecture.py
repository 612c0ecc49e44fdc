"""The code keeps the shape that was agreed: imports, owners, errors, transactions, docstrings.

Where a rule has exceptions they stand here by name, each with its reason: a new one is a decision, not a slip.
"""

import ast
import importlib
import string
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.errors import BytchatError
from tests.platform import ROOT

SOURCES = sorted([*ROOT.glob("app/**/*.py"), *ROOT.glob("worker/**/*.py")])
EVERY_MODULE = [*SOURCES, *sorted(ROOT.glob("tests/**/*.py")), *sorted(ROOT.glob("migrations/**/*.py"))]
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in EVERY_MODULE}

# Statements that are of no single owner.
SYSTEM_SCOPE = {
    "add_user": "registration: the owner is made here",
    "find_user_by_email": "login: who it is is not known yet",
    "get_user_by_email": "the operator's command",
    "list_users": "the operator's command",
    "get_user_of_session": "authentication: it finds the owner",
    "open_turn": "authentication too: the session in it tells the owner, to whom the rest of it is bound",
    "get_question": "authentication too: the session in it tells the owner, to whom the rest of it is bound",
    "live_sessions": "of all who are being sent something: which of them a token still names",
    "renew_last_use": "of all who asked just now: a time, and it reads nothing",
    "change_user_password": "takes the user itself, which authentication or the operator found",
    "change_user_disabled": "the operator's command; takes the user itself",
    "claim_document": "the worker: gives the lease that carries the owner",
    "claim_next_document": "the worker: gives the lease that carries the owner",
    "finish_changes": "the sweep: puts in force what waits for nothing any more, of anybody's",
    "list_all_provider_keys": "the operator's rotation of the encryption key",
    "reseal_provider_key": "the operator's rotation; takes the row itself",
    "get_backlog": "the operator's metrics: counts alone",
    "list_stalled_documents": "the sweep: looks for what was lost of anybody's",
}
# Exceptions that are no failure to tell.
NEVER_TOLD = {
    "ClientLeft": "nobody is there to read it",
    "CannotDecrypt": "who opens tells it as `ProviderKeyUnreadable`, which names the provider",
}
# Imports inside a function.
LATE_IMPORTS = {
    ("app/cli.py", "openapi"): "the web framework would double the start of every other command",
    ("app/cli.py", "doctor"): "so would the vendors' SDKs",
}


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def imported(tree: ast.AST) -> Iterator[str]:
    """The full names of the modules that are imported."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield f"{'.' * node.level}{node.module or ''}"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def called(tree: ast.AST) -> Iterator[str]:
    """The last names of what is called: `commit` for `session.commit()`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name):
            yield node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id


def test_imports_point_down() -> None:
    program = Path(sys.executable).with_name("lint-imports")

    ended = subprocess.run([program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)

    assert ended.returncode == 0, ended.stdout


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_only_the_http_layer_knows_the_web_framework(path: Path) -> None:
    known = {module.split(".")[0] for module in imported(TREES[path])} & {"fastapi", "starlette", "fastapi_offline"}

    assert not known or name(path) == "app/main.py" or name(path).startswith("app/api/")


@pytest.mark.parametrize("path", sorted(ROOT.glob("app/providers/*.py")), ids=name)
def test_no_provider_knows_another(path: Path) -> None:
    """`registry` lists them; `local` may stand on `openai` and on how sentences are picked, all on HTTP."""
    others = {
        module.removeprefix("app.providers.").split(".")[0]
        for module in imported(TREES[path])
        if module.startswith("app.providers.")
    }
    may_know = {
        "registry": {"google", "openai", "local", "scripted", "embedders"},
        "embedders": {"google_embedder", "openai_embedder", "scripted"},
        "google": {"google_errors"},
        "google_embedder": {"google_errors"},
        "local": {"openai", "extract", "native"},
        "extract": {"codes"},
    }

    assert others - {"base", "http", "sse", "clients", "embedding", "server_keys"} <= may_know.get(path.stem, set())


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_imports_are_absolute_and_at_the_top(path: Path) -> None:
    late = {
        function.name
        for function in functions(TREES[path])
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }

    assert {(name(path), function) for function in late} <= set(LATE_IMPORTS)
    assert not [module for module in imported(TREES[path]) if module.startswith(".")]


def test_every_late_import_of_the_list_is_there() -> None:
    found = {
        (name(path), function.name)
        for path in SOURCES
        for function in functions(TREES[path])
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }

    assert found == set(LATE_IMPORTS)


def _statements() -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """The public functions that send SQL."""
    for path in sorted([*ROOT.glob("app/queries/*.py"), ROOT / "app/knowledge/search.py"]):
        for function in functions(TREES[path]):
            if not function.name.startswith("_") and any(a.arg == "session" for a in function.args.args):
                yield function


def _is_scoped(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether it takes a keyword-only `owner_id`, or a lease, which carries one."""
    owner = [argument for argument in function.args.kwonlyargs if argument.arg == "owner_id"]
    leases = [a for a in function.args.args if isinstance(a.annotation, ast.Name) and a.annotation.id == "Lease"]
    return bool(leases) or (bool(owner) and ast.unparse(owner[0].annotation or owner[0]) == "uuid.UUID")


def test_every_statement_is_scoped_to_an_owner_or_reviewed() -> None:
    """Tenancy: another owner's row is never found, because it is never looked for."""
    assert {function.name for function in _statements() if not _is_scoped(function)} == set(SYSTEM_SCOPE)


@pytest.mark.parametrize("function", [f for f in _statements() if _is_scoped(f)], ids=lambda f: f.name)
def test_a_scoped_statement_uses_its_owner(function: ast.FunctionDef) -> None:
    used = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}

    assert {"owner_id", "lease"} & used


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_only_crud_and_search_write_sql(path: Path) -> None:
    sql = {"select", "insert", "update", "delete", "text", "pg_insert"} & set(called(TREES[path]))
    from_sqlalchemy = {
        module.removeprefix("sqlalchemy.")
        for module in imported(TREES[path])
        if module in {f"sqlalchemy.{word}" for word in sql}
    }
    # `models` names server defaults; readiness asks whether the tables are there.
    may = name(path).startswith("app/queries/") or name(path) in (
        "app/knowledge/search.py",
        "app/models.py",
        "app/api/readiness.py",
    )

    assert may or not from_sqlalchemy


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_only_transaction_commits(path: Path) -> None:
    committing = {"commit", "begin", "begin_nested", "rollback"} & set(called(TREES[path]))

    assert committing == ({"begin"} if name(path) == "app/core/database.py" else set())


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_no_http_exception_is_raised(path: Path) -> None:
    raised = [ast.unparse(node.exc) for node in ast.walk(TREES[path]) if isinstance(node, ast.Raise) and node.exc]

    assert not [one for one in raised if "HTTPException" in one]
    assert not [one for one in raised if one.split("(")[0] in ("Exception", "BaseException")]


@pytest.mark.parametrize("path", EVERY_MODULE, ids=name)
def test_a_module_opens_with_one_line_that_says_why_it_exists(path: Path) -> None:
    docstring = ast.get_docstring(TREES[path]) or ""

    first, _, rest = docstring.partition("\n")
    assert first.endswith(".") or not TREES[path].body
    assert not rest or rest.startswith("\n")


def _errors() -> list[type[BytchatError]]:
    return sorted(_below(BytchatError), key=lambda error: error.__name__)


def _below(kind: type[BytchatError]) -> set[type[BytchatError]]:
    return {kind}.union(*(_below(one) for one in kind.__subclasses__()))


def _all_exceptions(kind: type[BaseException]) -> set[type[BaseException]]:
    return {kind}.union(*(_all_exceptions(one) for one in type.__subclasses__(kind)))


# Imported, so that every class is there.
for _path in SOURCES:
    if _path.stem != "__init__" and not name(_path).startswith("worker/"):
        importlib.import_module(name(_path).removesuffix(".py").replace("/", "."))


def test_every_failure_of_ours_is_in_the_error_tree() -> None:
    ours = {kind for kind in _all_exceptions(BaseException) if kind.__module__.split(".")[0] in ("app", "worker")}

    assert {kind.__name__ for kind in ours if not issubclass(kind, BytchatError)} == set(NEVER_TOLD)


def test_every_error_has_a_code_of_its_own() -> None:
    shared = [code for code, count in Counter(error.code for error in _errors()).items() if count > 1]

    # The contract's own: 422 while it is being saved, 409 while it is being used.
    assert shared == ["provider_key_invalid"]


@pytest.mark.parametrize("error", _errors(), ids=lambda error: error.__name__)
def test_an_error_says_the_same_in_spanish_and_english(error: type[BytchatError]) -> None:
    assert {"code", "es", "en"} <= set(vars(error))
    assert error.code.replace("_", "").isalpha()
    assert error.code.islower()
    assert _fields(error.es) == _fields(error.en)
    # A sentence ends as one, unless it is nothing but a field that does.
    assert all(said.endswith((".", "}")) for said in (error.es, error.en))


def _fields(sentence: str) -> set[str]:
    fields = {field for _, field, _, _ in string.Formatter().parse(sentence) if field is not None}
    # What differs by language is given in both.
    return {field.removesuffix("_es").removesuffix("_en") for field in fields}

"""Every command, route, topic and setting is documented, and every link in the documents leads somewhere."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from geofences.codes import Code
from mqtt import topics
from tracker.app import web
from tracker.cli import cli
from tracker.settings import Settings, load

ROOT = Path(__file__).parent.parent
IMPORT_CODES = (ROOT / "docs" / "import-codes.md").read_text()
REFERENCE = (ROOT / "docs" / "reference.md").read_text()
DOCUMENTS = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
SERVICES = {
    "KEEPCLEAR_DATABASE_URL": "postgresql://nobody@localhost/none",
    "KEEPCLEAR_MQTT_URL": "mqtt://a:b@localhost:1",
}


def commands(command: Any, path: str) -> Iterator[str]:
    """Full names of all visible commands."""
    if command.hidden:
        return
    parts = getattr(command, "commands", None)
    if parts is None:
        yield path
    for name, part in (parts or {}).items():
        yield from commands(part, f"{path} {name}")


def routes(tmp_path: Path) -> set[str]:
    """Paths of the web service as its own OpenAPI lists them."""
    settings = load(SERVICES | {"KEEPCLEAR_VAR_DIR": str(tmp_path)})
    return set(web(settings).openapi()["paths"])


@pytest.mark.parametrize("name", sorted(commands(get_command(cli), "keepclear")))
def test_every_command_is_documented(name: str) -> None:
    assert f"`{name}`" in REFERENCE


def test_no_document_names_a_command_that_is_not_there() -> None:
    known = set(commands(get_command(cli), "keepclear"))
    named = set(re.findall(r"^\| `(keepclear [a-z -]+)` \|", REFERENCE, re.MULTILINE))
    assert named - known == set()


def test_every_route_is_documented(tmp_path: Path) -> None:
    assert {path for path in routes(tmp_path) if f"{path}`" not in REFERENCE} == set()


@pytest.mark.parametrize("part", [*topics.PHONE_PARTS, *topics.SERVICE_PARTS])
def test_every_part_of_a_topic_is_documented(part: str) -> None:
    assert f"`.../{part}`" in REFERENCE


def test_the_supervisors_topic_is_documented() -> None:
    assert f"`{topics.SUPERVISOR_TOPIC}`" in REFERENCE


def test_every_setting_is_in_the_example_file() -> None:
    example = (ROOT / "keepclear.env.example").read_text()
    assert [name for name in Settings.model_fields if f"KEEPCLEAR_{name.upper()}=" not in example] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_to_something_that_is_not_empty(document: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+)[^)]*\)", document.read_text())
    local = [target for target in targets if not target.startswith(("http:", "https:", "mailto:"))]
    assert [target for target in local if not leads_somewhere(document.parent / target)] == []


def leads_somewhere(path: Path) -> bool:
    """Whether a link's target is there and not empty."""
    return any(path.iterdir()) if path.is_dir() else path.is_file() and path.read_text(errors="ignore").strip() != ""


def test_every_document_is_linked_from_a_document() -> None:
    linked = {
        (document.parent / target).resolve()
        for document in DOCUMENTS
        for target in re.findall(r"\]\(([^)#]+\.md)[^)]*\)", document.read_text())
    }
    assert {path for path in DOCUMENTS if path.resolve() not in linked} <= {ROOT / "README.md"}


def test_readme_commands_of_make_exist() -> None:
    targets = set(re.findall(r"^([a-z0-9]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"make ([a-z]+) {2,}#", (ROOT / "README.md").read_text()))
    assert named <= targets
    assert {"demo", "test"} <= named


@pytest.mark.parametrize("code", Code, ids=lambda code: code.code)
def test_every_code_of_an_import_is_documented_with_its_sentences(code: Code) -> None:
    sentences = f"{code.reason} {code.mend}".strip().replace("{{}}", "{}").replace("|", "\\|")
    assert f"\n| `{code.code}` | {sentences} |\n" in IMPORT_CODES

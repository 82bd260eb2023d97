"""The table of roles and routes, made of the code: `python -m tests.rights_table` writes it into docs/people.md."""

import re
import tempfile
from pathlib import Path

from fastapi import FastAPI

from maps.entrance.permission import declared
from tracker.app import web
from tracker.people.roles import GRANTS, WITHOUT_ACCOUNT, Action, Role
from tracker.settings import load

DOCUMENT = Path(__file__).parents[1] / "docs" / "people.md"
BEGIN, END = "<!-- made by tests/rights_table.py -->\n", "<!-- end -->"
SERVICES = {
    "KEEPCLEAR_DATABASE_URL": "postgresql://nobody@localhost/none",
    "KEEPCLEAR_MQTT_URL": "mqtt://a:b@localhost:1",
}
SHORT = dict(
    zip(
        Role,
        [
            "visitor",
            "supervisor",
            "team lead",
            "reviewer 1",
            "2",
            "3",
            "zone editor",
            "privacy officer",
            "administrator",
        ],
        strict=True,
    )
)
WITHOUT = {Action.ENTER: "anybody", Action.SEND_FIXES: "a phone, by its own credentials"}


def whole_application(var_dir: Path) -> FastAPI:
    """The web service with every route, over services that aren't there."""
    return web(load(SERVICES | {"KEEPCLEAR_VAR_DIR": str(var_dir)}))


def table(app: FastAPI) -> str:
    """Markdown: a row for every route, a column for every role."""
    head = ["route", "action", *SHORT.values()]
    rows = sorted((path, " ".join(sorted(methods)) or "WebSocket", action) for methods, path, action in declared(app))
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    for path, methods, action in rows:
        cells = [f"`{methods} {path}`", f"`{action}`", *marks(action)]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def marks(action: Action) -> list[str]:
    """What the columns of the roles say about an action."""
    if action in WITHOUT_ACCOUNT:
        return [WITHOUT[action], *[""] * (len(SHORT) - 1)]
    return ["yes" if role in GRANTS[action] else "" for role in SHORT]


def written(document: str) -> str:
    """The table that stands in the document."""
    found = re.search(re.escape(BEGIN) + "(.*)" + re.escape(END), document, re.DOTALL)
    return found[1] if found else ""


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as room:
        made = table(whole_application(Path(room)))
    text = DOCUMENT.read_text()
    DOCUMENT.write_text(text.replace(BEGIN + written(text) + END, BEGIN + made + END))

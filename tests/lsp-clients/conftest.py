"""A client with the capabilities that an editor sent, as pytest-lsp has captured them.

`--editor NAME` says which editor; `ECLEXIA` is the command of the server. There is one server for
all tests, on one project; each test opens files of it, and they are closed after it. The answers
are checked against what the editor said that it can: one that is beyond that is an error, as the
editor would drop it or fail. The end of the session is checked when all tests are over.
"""

import asyncio
import atexit
import os
import tempfile
from pathlib import Path

import pytest
import pytest_lsp
from lsprotocol import types as lsp
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities, make_test_lsp_client

LONGEST = 20

PROJECT = {
    "eclexia.toml": '[package]\nname = "hello"\nversion = "0.1.0"\n',
    "words.ecl": '(def kind "dear")\n\n(defn twice [n] (* 2 n))\n',
    "main.ecl": """(import words)

(defn greet "A word — for whom." [who]
  (str "𝒳 " words/kind " " who))

(defn main [world]
  (let [n (words/twice 2)]
    (print (str "𝒳𝒳" (greet "you") n))))
""",
    "shop.ecl": """(import std.deploy :all)

(defbudget team {:cpu 4cpu :memory 8GiB :cost 150USD/month})

(defservice web
  {:image "web:1" :requires {:cpu 500mcpu :memory 512MiB}})

(defdeployment prod {:budget team :regions [aws/eu-north-1] :services [web]})
""",
}

UNITS = {
    "utf-8": lambda text: len(text.encode()),
    "utf-16": lambda text: len(text.encode("utf-16-le")) // 2,
    "utf-32": len,
}


def pytest_addoption(parser):
    parser.addoption("--editor", required=True, help="whose capabilities the client has")


class Session:
    """An editor with its documents: their texts, versions and places."""

    def __init__(self, client: LanguageClient, told: lsp.InitializeResult, root: Path):
        self.client, self.root, self.can = client, root, told.capabilities
        self.encoding = told.capabilities.position_encoding or "utf-16"
        self.texts: dict[str, str] = {}
        self.versions: dict[str, int] = {}

    def uri(self, name: str) -> str:
        return (self.root / name).as_uri()

    def document(self, name: str) -> lsp.TextDocumentIdentifier:
        return lsp.TextDocumentIdentifier(uri=self.uri(name))

    def params(self, kind: type, name: str, place: lsp.Position):
        """Parameters that are a place."""
        return kind(text_document=self.document(name), position=place)

    def text(self, name: str) -> str:
        """As the editor has it, else as it is on disk."""
        return self.texts.get(self.uri(name)) or (self.root / name).read_text()

    def open(self, name: str, text: str | None = None):
        uri = self.uri(name)
        self.texts[uri] = (self.root / name).read_text() if text is None else text
        self.versions[uri] = 1
        item = lsp.TextDocumentItem(
            uri=uri, language_id="eclexia", version=1, text=self.texts[uri]
        )
        self.client.text_document_did_open(lsp.DidOpenTextDocumentParams(text_document=item))

    def change(self, name: str, old: str, new: str):
        """Types over a piece of a text."""
        uri = self.uri(name)
        self.versions[uri] += 1
        identifier = lsp.VersionedTextDocumentIdentifier(uri=uri, version=self.versions[uri])
        part = lsp.TextDocumentContentChangePartial(range=self.range(name, old), text=new)
        self.texts[uri] = self.texts[uri].replace(old, new, 1)
        self.client.text_document_did_change(
            lsp.DidChangeTextDocumentParams(text_document=identifier, content_changes=[part])
        )

    def place(self, name: str, offset: int) -> lsp.Position:
        """A place in the units that were agreed on."""
        before = self.text(name)[:offset]
        line = before.rpartition("\n")[2]
        return lsp.Position(line=before.count("\n"), character=UNITS[self.encoding](line))

    def at(self, name: str, piece: str, inside: int = 0) -> lsp.Position:
        return self.place(name, self.text(name).index(piece) + inside)

    def range(self, name: str, piece: str) -> lsp.Range:
        start = self.text(name).index(piece)
        return lsp.Range(start=self.place(name, start), end=self.place(name, start + len(piece)))

    def whole(self, name: str) -> lsp.Range:
        return lsp.Range(start=self.place(name, 0), end=self.place(name, len(self.text(name))))

    def offset(self, text: str, at: lsp.Position) -> int:
        lines = text.split("\n")
        start = sum(len(line) + 1 for line in lines[: at.line])
        line = lines[at.line] if at.line < len(lines) else ""
        units = UNITS[self.encoding]
        return start + next(n for n in range(len(line) + 1) if units(line[:n]) >= at.character)

    def piece(self, name: str, within: lsp.Range) -> str:
        """The text of a range."""
        text = self.text(name)
        return text[self.offset(text, within.start) : self.offset(text, within.end)]

    def edited(self, text: str, edits) -> str:
        for edit in sorted(edits, key=lambda e: (-e.range.start.line, -e.range.start.character)):
            start, end = self.offset(text, edit.range.start), self.offset(text, edit.range.end)
            text = text[:start] + edit.new_text + text[end:]
        return text

    def applied(self, edit: lsp.WorkspaceEdit) -> dict[str, str]:
        """The texts that an edit makes, by file; its form is one that the editor can read."""
        workspace = self.client.capabilities.workspace
        if not workspace.workspace_edit.document_changes:
            assert edit.document_changes is None
            changes = edit.changes
        else:
            assert edit.changes is None
            changes = {}
            for change in edit.document_changes:
                of = change.text_document
                assert of.version == self.versions.get(of.uri), "an edit of another version"
                changes[of.uri] = change.edits
        names = {uri: uri.removeprefix(self.root.as_uri() + "/") for uri in changes}
        return {
            names[uri]: self.edited(self.text(names[uri]), edits)
            for uri, edits in changes.items()
        }

    async def diagnostics(self, name: str, codes: list[str]) -> list[lsp.Diagnostic]:
        """Those with these codes, as soon as there are no others: asked for, where the editor
        asks, else sent."""
        last = []
        end = asyncio.get_event_loop().time() + LONGEST
        while asyncio.get_event_loop().time() < end:
            if self.client.capabilities.text_document.diagnostic:
                params = lsp.DocumentDiagnosticParams(text_document=self.document(name))
                found = await self.client.text_document_diagnostic_async(params)
                last = found.items
            else:
                last = self.client.diagnostics.get(self.uri(name), [])
            if [d.code for d in last] == codes:
                return list(last)
            await asyncio.sleep(0.02)
        raise AssertionError(f"{codes} are awaited, and found are {[d.code for d in last]}")


def asked(client: LanguageClient, method: str, can: str):
    """A request of the server that the editor has said it answers."""

    @client.feature(method)
    def answer(client: LanguageClient, params):
        at = client.capabilities
        for part in can.split("."):
            at = getattr(at, part, None)
        assert at, f"the editor has not said that it can `{method}`"


def editor() -> LanguageClient:
    client = make_test_lsp_client()
    asked(client, lsp.CLIENT_REGISTER_CAPABILITY, "workspace")
    asked(client, lsp.WORKSPACE_INLAY_HINT_REFRESH, "workspace.inlay_hint.refresh_support")
    asked(client, lsp.WORKSPACE_CODE_LENS_REFRESH, "workspace.code_lens.refresh_support")
    return client


# Where the server writes down the library; gone at the end.
DATA = tempfile.TemporaryDirectory(prefix="eclexia-clients-")
atexit.register(DATA.cleanup)

CONFIG = ClientServerConfig(
    server_command=[os.environ["ECLEXIA"], "lsp"],
    client_factory=editor,
    server_env={**os.environ, "ECLEXIA_DATA_DIR": DATA.name},
)


@pytest_lsp.fixture(config=CONFIG, scope="session")
async def client(lsp_client: LanguageClient, request, tmp_path_factory):
    root = tmp_path_factory.mktemp("project")
    for name, text in PROJECT.items():
        (root / name).write_text(text)
    params = lsp.InitializeParams(
        capabilities=client_capabilities(request.config.getoption("editor")),
        root_uri=root.as_uri(),
        workspace_folders=[lsp.WorkspaceFolder(uri=root.as_uri(), name="hello")],
    )
    lsp_client.root = root
    lsp_client.told = await lsp_client.initialize_session(params)
    yield
    await lsp_client.shutdown_session()
    assert lsp_client._server.returncode == 0


@pytest.fixture
def session(client: LanguageClient):
    session = Session(client, client.told, client.root)
    yield session
    for uri in session.texts:
        closed = lsp.DidCloseTextDocumentParams(
            text_document=lsp.TextDocumentIdentifier(uri=uri)
        )
        client.text_document_did_close(closed)

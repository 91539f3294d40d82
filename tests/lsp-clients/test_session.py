"""What an editor asks, from opening a file to the end of the session."""

import asyncio

from lsprotocol import types as lsp


def capability(session, path):
    at = session.client.capabilities.text_document
    for part in path.split("."):
        at = getattr(at, part, None)
    return at


async def test_a_mistake_is_told_and_its_correction(session):
    session.open("main.ecl")
    await session.diagnostics("main.ecl", [])
    session.change("main.ecl", "(greet ", "(gret ")
    [found] = await session.diagnostics("main.ecl", ["unknown-name"])
    assert session.piece("main.ecl", found.range) == "gret"
    assert found.severity == lsp.DiagnosticSeverity.Error and found.source == "eclexia"
    can = capability(session, "publish_diagnostics")
    assert can.code_description_support or found.code_description is None
    assert can.related_information or found.related_information is None
    assert can.data_support or found.data is None
    session.change("main.ecl", "(gret ", "(greet ")
    await session.diagnostics("main.ecl", [])


async def test_a_diagnostic_says_no_more_than_the_editor_shows(session):
    session.open("words.ecl", '(def kind 1)\n(def kind 2)\n(defn twice [n] (* 2 n))\n')
    [found] = await session.diagnostics("words.ecl", ["duplicate-definition"])
    can = capability(session, "publish_diagnostics")
    assert bool(found.related_information) == bool(can.related_information)
    assert bool(found.code_description) == bool(can.code_description_support)


async def test_hover(session):
    session.open("main.ecl")
    params = session.params(lsp.HoverParams, "main.ecl", session.at("main.ecl", '"you"', -2))
    hover = await session.client.text_document_hover_async(params)
    assert hover.contents.kind in capability(session, "hover.content_format")
    assert "(sig greet" in hover.contents.value and "A word — for whom." in hover.contents.value
    assert session.piece("main.ecl", hover.range) == "greet"


async def test_completion(session):
    session.open("main.ecl")
    session.change("main.ecl", "(greet ", "(gre ")
    place = session.at("main.ecl", "(gre ", 4)
    params = session.params(lsp.CompletionParams, "main.ecl", place)
    found = await session.client.text_document_completion_async(params)
    [item] = [item for item in found.items if item.label == "greet"]
    assert item.kind == lsp.CompletionItemKind.Function
    text = session.text("main.ecl")
    edited = session.edited(text, [item.text_edit])
    assert edited == text.replace("(gre ", "(greet ", 1)
    resolved = await session.client.completion_item_resolve_async(item)
    doc = resolved.documentation
    assert "A word — for whom." in (doc if isinstance(doc, str) else doc.value)


async def test_completion_of_a_form(session):
    session.open("main.ecl", "(import words)\n\n(defn main [world]\n  (print (whe)))\n")
    place = session.at("main.ecl", "(whe", 4)
    params = session.params(lsp.CompletionParams, "main.ecl", place)
    found = await session.client.text_document_completion_async(params)
    [item] = [item for item in found.items if item.label == "when"]
    is_snippet = item.insert_text_format == lsp.InsertTextFormat.Snippet
    has_places = "$" in item.text_edit.new_text
    can = capability(session, "completion.completion_item.snippet_support")
    assert is_snippet == has_places == bool(can)


async def test_signature_help(session):
    session.open("main.ecl")
    place = session.at("main.ecl", '"you"', 2)
    params = session.params(lsp.SignatureHelpParams, "main.ecl", place)
    help = await session.client.text_document_signature_help_async(params)
    [signature] = help.signatures
    assert signature.label.startswith("(greet who: ") and help.active_parameter == 0
    label = signature.parameters[0].label
    of = "signature_help.signature_information"
    if capability(session, f"{of}.parameter_information.label_offset_support"):
        label = signature.label[label[0] : label[1]]
    assert label.startswith("who: ")
    formats = capability(session, f"{of}.documentation_format") or []
    doc = signature.documentation
    assert "A word — for whom." in (doc if isinstance(doc, str) else doc.value)
    assert isinstance(doc, str) or doc.kind in formats


async def test_definition(session):
    session.open("main.ecl")
    place = session.at("main.ecl", "words/kind", 7)
    params = session.params(lsp.DefinitionParams, "main.ecl", place)
    [found] = await session.client.text_document_definition_async(params)
    assert found.uri == session.uri("words.ecl")
    assert session.piece("words.ecl", found.range) == "kind"


async def test_definition_in_the_library(session):
    session.open("main.ecl")
    place = session.at("main.ecl", "print", 1)
    params = session.params(lsp.DefinitionParams, "main.ecl", place)
    [found] = await session.client.text_document_definition_async(params)
    assert found.uri.startswith("file:///") and found.uri.endswith(".ecl")


async def test_references(session):
    session.open("main.ecl")
    place = session.at("main.ecl", "words/twice", 7)
    context = lsp.ReferenceContext(include_declaration=True)
    params = lsp.ReferenceParams(
        text_document=session.document("main.ecl"), position=place, context=context
    )
    found = await session.client.text_document_references_async(params)
    files = [uri.rpartition("/")[2] for uri in sorted(at.uri for at in found)]
    assert files == ["main.ecl", "words.ecl"]
    for at in found:
        assert session.piece(at.uri.rpartition("/")[2], at.range) == "twice"


async def test_rename(session):
    session.open("main.ecl")
    place = session.at("main.ecl", "words/kind", 7)
    if session.client.capabilities.text_document.rename.prepare_support:
        params = session.params(lsp.PrepareRenameParams, "main.ecl", place)
        prepared = await session.client.text_document_prepare_rename_async(params)
        assert prepared.placeholder == "kind"
        assert session.piece("main.ecl", prepared.range) == "kind"
    params = lsp.RenameParams(
        text_document=session.document("main.ecl"), position=place, new_name="sort-of"
    )
    edit = await session.client.text_document_rename_async(params)
    texts = session.applied(edit)
    assert sorted(texts) == ["main.ecl", "words.ecl"]
    assert '(str "𝒳 " words/sort-of " " who)' in texts["main.ecl"]
    assert texts["words.ecl"].startswith('(def sort-of "dear")')


async def test_format(session):
    messy = session.text("main.ecl").replace("\n  ", "\n      ").replace(" who))", "   who))")
    session.open("main.ecl", messy)
    options = lsp.FormattingOptions(tab_size=2, insert_spaces=True)
    params = lsp.DocumentFormattingParams(
        text_document=session.document("main.ecl"), options=options
    )
    edits = await session.client.text_document_formatting_async(params)
    assert session.edited(messy, edits) == (session.root / "main.ecl").read_text()


async def test_code_action(session):
    session.open("main.ecl")
    session.change("main.ecl", "words/twice", "twice")
    found = await session.diagnostics("main.ecl", ["unknown-name"])
    context = lsp.CodeActionContext(diagnostics=found)
    params = lsp.CodeActionParams(
        text_document=session.document("main.ecl"), range=found[0].range, context=context
    )
    actions = await session.client.text_document_code_action_async(params)
    known = capability(session, "code_action.code_action_literal_support.code_action_kind")
    roots = {kind.split(".")[0] for kind in known.value_set}
    assert all(action.kind.split(".")[0] in roots for action in actions)
    [mend] = [action for action in actions if action.title == "write `words/twice`"]
    assert mend.kind == lsp.CodeActionKind.QuickFix and list(mend.diagnostics) == found
    texts = session.applied(mend.edit)
    session.change("main.ecl", "(twice", "(words/twice")
    assert texts == {"main.ecl": session.text("main.ecl")}
    await session.diagnostics("main.ecl", [])


async def test_lints_and_the_mending_of_all(session):
    session.open("words.ecl", '(def kind "dear")\n\n(defn twice [n m] (do (* 2 n)))\n')
    found = await session.diagnostics("words.ecl", ["unused-binding", "redundant-do"])
    unused, redundant = found
    assert unused.severity == lsp.DiagnosticSeverity.Warning
    assert redundant.severity == lsp.DiagnosticSeverity.Hint
    assert list(unused.tags) == [lsp.DiagnosticTag.Unnecessary]
    only = [lsp.CodeActionKind.SourceFixAll]
    params = lsp.CodeActionParams(
        text_document=session.document("words.ecl"),
        range=session.range("words.ecl", "kind"),
        context=lsp.CodeActionContext(diagnostics=[], only=only),
    )
    [action] = await session.client.text_document_code_action_async(params)
    assert action.kind == lsp.CodeActionKind.SourceFixAll
    texts = session.applied(action.edit)
    assert texts == {"words.ecl": '(def kind "dear")\n\n(defn twice [n _m] (* 2 n))\n'}


async def test_semantic_tokens(session):
    session.open("main.ecl")
    params = lsp.SemanticTokensParams(text_document=session.document("main.ecl"))
    found = await session.client.text_document_semantic_tokens_full_async(params)
    legend = session.can.semantic_tokens_provider.legend
    line = character = 0
    shown = []
    for at in range(0, len(found.data), 5):
        lines, characters, length, kind, modifiers = found.data[at : at + 5]
        character = characters + (0 if lines else character)
        line += lines
        start, end = (lsp.Position(line, character + n) for n in (0, length))
        piece = session.piece("main.ecl", lsp.Range(start, end))
        marks = [m for n, m in enumerate(legend.token_modifiers) if modifiers & 1 << n]
        shown.append((piece, legend.token_types[kind], marks))
    assert ("greet", "function", ["definition"]) in shown
    assert ("kind", "variable", ["readonly"]) in shown
    assert ("print", "macro", ["defaultLibrary"]) in shown
    assert [kind for piece, kind, _ in shown if piece == "who"] == ["parameter"] * 2


async def test_inlay_hints(session):
    session.open("main.ecl")
    params = lsp.InlayHintParams(
        text_document=session.document("main.ecl"), range=session.whole("main.ecl")
    )
    hints = await session.client.text_document_inlay_hint_async(params)
    [hint] = [hint for hint in hints if hint.position == session.at("main.ecl", "[n ", 2)]
    assert hint.label == "Int" and hint.kind == lsp.InlayHintKind.Type and hint.padding_left


async def test_a_deployment_is_planned_while_it_is_open(session):
    session.open("shop.ecl")
    params = lsp.CodeLensParams(text_document=session.document("shop.ecl"))
    lenses = []
    for _ in range(500):
        lenses = await session.client.text_document_code_lens_async(params)
        if lenses:
            break
        await asyncio.sleep(0.02)
    assert session.piece("shop.ecl", lenses[0].range) == "prod"
    arguments = lenses[0].command.arguments
    params = lsp.ExecuteCommandParams(command="eclexia.plan", arguments=arguments)
    told = await session.client.workspace_execute_command_async(params)
    assert "web" in told["text"] and told["title"] == "plan of prod"
    shown = session.client.progress_reports.values()
    [[begin, end]] = [all for all in shown if all and getattr(all[0], "title", "") == "Planning"]
    assert begin.cancellable and isinstance(end, lsp.WorkDoneProgressEnd)

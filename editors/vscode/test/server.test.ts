// `eclexia lsp` as the extension talks to it, by the protocol alone. Skipped where ECLEXIA names no
// command, or one that has no language server.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import {
  createProtocolConnection,
  DidOpenTextDocumentNotification,
  ExecuteCommandRequest,
  ExitNotification,
  HoverRequest,
  InitializedNotification,
  InitializeRequest,
  PublishDiagnosticsNotification,
  ShutdownRequest,
  StreamMessageReader,
  StreamMessageWriter,
  type InitializeResult,
  type ProtocolConnection,
  type PublishDiagnosticsParams,
} from "vscode-languageserver-protocol/node";
import { isAnswer } from "../src/server";

const command = process.env.ECLEXIA ?? "";
const skip =
  command === ""
    ? "ECLEXIA names no command"
    : spawnSync(command, ["lsp", "--help"]).status !== 0 && "the command has no `lsp`";

const shop = `(import std.deploy :all)
(defservice web {:image "web:1" :requires {:cpu 250mcpu :memory 64MiB}})
(defdeployment prod {:regions [aws/eu-north-1] :services [web]})
(defmacro (twice x) (+ x x))
(defn four [] (twice 2))
(defn main [world] (print (show (four))))
`;

// Files in one folder are read together, so the wrong one has a folder of its own.
const folder = mkdtempSync(join(tmpdir(), "eclexia-test-"));
const elsewhere = mkdtempSync(join(tmpdir(), "eclexia-test-"));
const uri = pathToFileURL(join(folder, "shop.ecl")).toString();
const wrong = pathToFileURL(join(elsewhere, "wrong.ecl")).toString();
const published = new Map<string, PublishDiagnosticsParams>();
let ended: Promise<number | null>;
let connection: ProtocolConnection;
let initialized: InitializeResult;

before(async () => {
  if (skip) {
    return;
  }
  writeFileSync(join(folder, "shop.ecl"), shop);
  const server = spawn(command, ["lsp"], { stdio: ["pipe", "pipe", "inherit"] });
  ended = new Promise((resolve) => server.on("exit", resolve));
  connection = createProtocolConnection(
    new StreamMessageReader(server.stdout),
    new StreamMessageWriter(server.stdin),
  );
  connection.onUnhandledNotification(() => undefined);
  connection.onNotification(PublishDiagnosticsNotification.type, (params) => {
    published.set(params.uri, params);
  });
  for (const name of [
    "client/registerCapability",
    "window/workDoneProgress/create",
    "workspace/codeLens/refresh",
    "workspace/inlayHint/refresh",
  ]) {
    connection.onRequest(name, () => null);
  }
  connection.listen();
  const root = pathToFileURL(folder).toString();
  initialized = await connection.sendRequest(InitializeRequest.type, {
    processId: process.pid,
    rootUri: root,
    workspaceFolders: [{ uri: root, name: "shop" }],
    capabilities: {
      general: { positionEncodings: ["utf-16"] },
      textDocument: {
        hover: { contentFormat: ["markdown", "plaintext"] },
        publishDiagnostics: { relatedInformation: true, codeDescriptionSupport: true },
      },
      workspace: { workspaceFolders: true },
    },
  });
  await connection.sendNotification(InitializedNotification.type, {});
  await open(uri, shop);
  await open(wrong, "(def total (+ cout 1))\n");
});

after(() => [folder, elsewhere].forEach((path) => rmSync(path, { recursive: true })));

async function open(address: string, text: string): Promise<void> {
  await connection.sendNotification(DidOpenTextDocumentNotification.type, {
    textDocument: { uri: address, languageId: "eclexia", version: 1, text },
  });
}

/** Asks until there is an answer: planning goes on in the background. */
async function eventually<T>(ask: () => Promise<T> | T, isDone: (found: T) => boolean): Promise<T> {
  for (let tries = 0; ; tries++) {
    const found = await ask();
    if (isDone(found) || tries === 200) {
      return found;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function execute(name: string, ...words: unknown[]): Promise<unknown> {
  const asked = connection.sendRequest(ExecuteCommandRequest.type, {
    command: name,
    arguments: words,
  });
  return asked.catch((problem: unknown) => problem);
}

test("the server offers the commands that the extension shows", { skip }, () => {
  const offered = initialized.capabilities.executeCommandProvider?.commands ?? [];
  for (const name of ["plan", "whatIf", "graph", "expandMacro", "showIr"]) {
    assert.ok(offered.includes(`eclexia.${name}`), name);
  }
});

test("a mistake is published with its code", { skip }, async () => {
  const found = await eventually(
    () => published.get(wrong),
    (params) => (params?.diagnostics.length ?? 0) > 0,
  );
  assert.equal(found?.diagnostics[0].code, "unknown-name");
  assert.deepEqual(found?.diagnostics[0].range, {
    start: { line: 0, character: 14 },
    end: { line: 0, character: 18 },
  });
});

test("hover says the type", { skip }, async () => {
  const hover = await connection.sendRequest(HoverRequest.type, {
    textDocument: { uri },
    position: { line: 4, character: 7 },
  });
  assert.match(JSON.stringify(hover), /Fn \[\] Int/);
});

for (const [name, language, words] of [
  ["eclexia.graph", "svg", [null, "svg"]],
  ["eclexia.whatIf", "text", ["prod", "carbon-price = 100USD/tCO2e"]],
  ["eclexia.expandMacro", "eclexia", [{ line: 4, character: 15 }]],
  ["eclexia.showIr", "eclexia-ir", [{ line: 4, character: 7 }]],
] as const) {
  test(`${name} answers what the extension can show`, { skip }, async () => {
    const answer = await eventually(() => execute(name, uri, ...words), isAnswer);
    assert.ok(isAnswer(answer), String(answer));
    assert.equal(answer.language, language);
    assert.notEqual(answer.text.trim(), "");
  });
}

test("the server ends as it is told", { skip }, async () => {
  await connection.sendRequest(ShutdownRequest.type);
  await connection.sendNotification(ExitNotification.type);
  assert.equal(await ended, 0);
});

// The bundle, loaded with a VS Code that is made up: it is there, takes everything, does nothing,
// and says which commands were registered.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import Module from "node:module";
import { join } from "node:path";
import { test } from "node:test";

/** Whatever is asked of it: itself, as property, result and object. */
function anything(known: Record<string, unknown> = {}): unknown {
  const target = function () {} as unknown as Record<string | symbol, unknown>;
  const self: unknown = new Proxy(target, {
    get: (own, name) => {
      if (name in known) {
        return known[name as string];
      }
      if (name === "prototype") {
        return own.prototype;
      }
      // No promise, no iterator, no text.
      return typeof name === "symbol" || name === "then" ? undefined : anything();
    },
    // A bundle copies what a module has, and looks for the rest here.
    getPrototypeOf: () => self as object,
    set: () => true,
    apply: () => anything(),
    construct: () => anything() as object,
  });
  return self;
}

test("in a folder that is not trusted every command is there, and no server starts", async () => {
  const registered: string[] = [];
  const nothing = { dispose: () => undefined };
  const vscode = anything({
    commands: {
      getCommands: async () => registered,
      registerCommand: (name: string) => {
        registered.push(name);
        return nothing;
      },
    },
    workspace: anything({ isTrusted: false }),
  });
  const loader = Module as unknown as { _load: (name: string, ...rest: unknown[]) => unknown };
  const load = loader._load;
  loader._load = (name, ...rest) => (name === "vscode" ? vscode : load(name, ...rest));
  const extension = Module.createRequire(__filename)(join(process.cwd(), "dist/extension.js"));
  loader._load = load;

  await extension.activate({ subscriptions: [] });
  const manifest = JSON.parse(readFileSync("package.json", "utf8"));
  const contributed = manifest.contributes.commands.map((c: { command: string }) => c.command);
  assert.deepEqual([...registered].sort(), [...contributed].sort());
});

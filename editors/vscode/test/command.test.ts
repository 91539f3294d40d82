// Against the command that ECLEXIA names; skipped without one.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { planReport, run } from "../src/command";
import { withPolicy } from "../src/pages";

const command = process.env.ECLEXIA ?? "";
const skip = command === "" && "ECLEXIA names no command";
const folder = mkdtempSync(join(tmpdir(), "eclexia-test-"));
after(() => rmSync(folder, { recursive: true }));

const shop = `
(import std.deploy :all)
(defservice web {:image "web:1" :requires {:cpu 250mcpu :memory 64MiB}})
(defdeployment prod {:regions [aws/eu-north-1] :services [web]})
`;

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

test("the report of a plan is a page", { skip }, async () => {
  const report = await planReport(command, file("shop.ecl", shop), "prod");
  assert.ok(report.startsWith("<!doctype html>") && report.includes("prod"));
  assert.ok(withPolicy(report).indexOf("default-src") < report.length);
});

test("why there is no plan is said", { skip }, async () => {
  const wrong = file("none.ecl", shop.replace("prod", "test"));
  await assert.rejects(planReport(command, wrong, "prod"), /prod/);
});

test("a command that is not there is said to be missing", async () => {
  const ran = await run(join(folder, "nothing"), ["--version"], join(folder, "a.ecl"));
  assert.equal(ran.code, -1);
  assert.match(ran.err, /ENOENT/);
});

test("problem matchers find what `check` says", { skip }, async () => {
  const wrong = file("wrong.ecl", "(def total\n  (+ cout 1))\n(def b (+ 2kWh 5s))\n");
  const [people, machines] = JSON.parse(readFileSync("package.json", "utf8")).contributes
    .problemMatchers;

  const lines = (await run(command, ["check", wrong], wrong)).err.split("\n");
  const [what, where] = people.pattern.map((p: { regexp: string }) => new RegExp(p.regexp));
  const found = lines.flatMap((line, n) => {
    const [first, second] = [what.exec(line), where.exec(lines[n + 1] ?? "")];
    return first && second ? [[...first.slice(1), ...second.slice(2)]] : [];
  });
  assert.deepEqual(
    found.map(([severity, code, , line, column]) => [severity, code, line, column]),
    [
      ["error", "unknown-name", "2", "6"],
      ["error", "unit-mismatch", "3", "16"],
    ],
  );

  const { regexp, ...groups } = machines.pattern;
  const objects = (await run(command, ["check", "--json", wrong], wrong)).out.trim().split("\n");
  const matches = objects.map((line) => new RegExp(regexp).exec(line));
  const fields = ["code", "severity", "line", "column", "endLine", "endColumn"];
  assert.deepEqual(
    matches.map((match) => fields.map((field) => match?.[groups[field]])),
    [
      ["unknown-name", "error", "2", "6", "2", "10"],
      ["unit-mismatch", "error", "3", "16", "3", "18"],
    ],
  );
});

// Bundles the extension into dist/extension.js and, with --tests, the tests into dist/test. Writes
// the licences of what is bundled beside it, and fails where one is not of the list below.

import { build } from "esbuild";
import { copyFileSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const LICENCES = ["MIT", "ISC", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "BlueOak-1.0.0"];

const options = {
  bundle: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  external: ["vscode"],
  logLevel: "warning",
};

rmSync("dist", { recursive: true, force: true });
const extension = await build({
  ...options,
  entryPoints: ["src/extension.ts"],
  outfile: "dist/extension.js",
  metafile: true,
  minify: process.argv.includes("--minify"),
});
for (const name of ["LICENSE-MIT", "LICENSE-APACHE"]) {
  copyFileSync(join("../..", name), name);
}
writeFileSync("dist/THIRD-PARTY.md", notices(Object.keys(extension.metafile.inputs)));

if (process.argv.includes("--tests")) {
  const tests = readdirSync("test").filter((name) => name.endsWith(".test.ts"));
  const entryPoints = tests.map((name) => join("test", name));
  await build({ ...options, entryPoints, outdir: "dist/test" });
}

/** The packages that files come from, with the text of each one's licence. */
function notices(files) {
  const folders = new Set(files.filter((file) => file.includes("node_modules/")).map(packageFolder));
  const parts = [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    if (!LICENCES.includes(license)) {
      throw new Error(`${name} is under ${license}, which is not of the list in build.mjs`);
    }
    const file = readdirSync(folder).find((entry) => /^licen[sc]e/i.test(entry));
    const text = file === undefined ? "" : readFileSync(join(folder, file), "utf8").trim();
    return `## ${name} ${version} (${license})\n\n${text}\n`;
  });
  return `# What the extension bundles\n\n${parts.join("\n")}`;
}

/** The nearest folder above a file that says what package it is. */
function packageFolder(file) {
  const parts = file.split("/");
  const at = parts.lastIndexOf("node_modules");
  return parts.slice(0, at + (parts[at + 1].startsWith("@") ? 3 : 2)).join("/");
}

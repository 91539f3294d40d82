// The `eclexia` command as a child process. Knows nothing of VS Code, so that it can be tested
// without it.

import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** How a run ended; `code` is -1 where the command could not be started. */
export interface Ran {
  code: number;
  out: string;
  err: string;
}

/** No plan takes longer than a minute; no output is larger than 64 MiB. */
const LIMITS = { timeout: 60_000, maxBuffer: 64 << 20 };

/** Runs the command in the folder of a file. */
export function run(command: string, words: string[], file: string): Promise<Ran> {
  return new Promise((resolve) => {
    const options = { ...LIMITS, cwd: dirname(file), windowsHide: true };
    execFile(command, words, options, (error, out, err) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
      resolve({ code, out, err: err || (code === -1 ? String(error?.message) : "") });
    });
  });
}

/**
 * The report of a file's plan, a page of HTML; of the deployment `name` where there are several.
 * Throws what the command said where there is no plan.
 */
export async function planReport(command: string, file: string, name?: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "eclexia-"));
  try {
    const report = join(folder, "plan.html");
    const which = name === undefined ? [] : ["--deployment", name];
    const words = ["plan", "--quiet", "--color", "never", "--report", report, ...which, file];
    const ran = await run(command, words, file);
    if (ran.code !== 0) {
      throw new Error(ran.err.trim() || `\`${command}\` ended with ${ran.code}`);
    }
    return await readFile(report, "utf8");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

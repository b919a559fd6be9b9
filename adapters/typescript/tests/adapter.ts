/** The adapter as a runner sees it. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** The folder of the package, seen from the folder that it is built to. */
export const PACKAGE = new URL("../../../adapters/typescript/", import.meta.url);
export const REPOSITORY = new URL("../../", PACKAGE);

/** Start an adapter, write the input to it, and return the lines that it writes. */
export async function answersTo(input: string | Uint8Array): Promise<string[]> {
  const adapter = spawn(fileURLToPath(new URL("../src/main.js", import.meta.url)), {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = once(adapter, "close");
  adapter.stdin.end(input);
  const answers = await adapter.stdout.setEncoding("utf8").toArray();
  const [status] = (await ended) as [number | null];
  if (status !== 0) throw new Error(`the adapter ends with status ${String(status)}`);
  return answers.join("").split("\n").slice(0, -1);
}

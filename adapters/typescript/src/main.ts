#!/usr/bin/env -S node --stack-size=4000
/** An adapter of hsmspec: responds to each line of requests with the observations of its programs. */

import { readFileSync } from "node:fs";
import { stdin, stdout } from "node:process";

import { z } from "zod";

import { decodeOperation } from "./operations.js";
import { World } from "./world.js";

const PROTOCOL = 1;

const manifest = z
  .object({ name: z.string(), version: z.string() })
  .parse(JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")));

const greeting = {
  protocol: PROTOCOL,
  ...manifest,
  language: "typescript",
  capabilities: [
    "transitions",
    "collections",
    "outputs",
    "tasks",
    "kinds",
    "executors",
    "refs",
    "identity",
    "panics",
    "wire",
    "objects",
    "deep_scripts",
  ],
  dialect: "v1.25",
};

const numbered = z.object({ seq: z.number() });
const hello = z.object({ hello: z.object({ protocol: z.literal(PROTOCOL) }) });
const batch = z.object({ programs: z.array(z.array(z.unknown().transform(decodeOperation))) });

/** Encode a value as JSON. Unlike `JSON.stringify` it takes bigints, which it writes as numbers, digit by digit. */
function encode(value: unknown): string {
  if (typeof value === "bigint") return value.toString();
  if (Array.isArray(value)) return `[${value.map(encode).join()}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([name, member]) => `${JSON.stringify(name)}:${encode(member)}`)
    .join()}}`;
}

async function content(request: object): Promise<object> {
  if ("hello" in request) {
    hello.parse(request);
    return { hello: greeting };
  }
  const observations = [];
  for (const program of batch.parse(request).programs) observations.push(await new World().run(program));
  return { observations };
}

async function answer(line: string): Promise<string> {
  let seq = {};
  try {
    const request = z.looseObject({}).parse(JSON.parse(line));
    seq = numbered.parse(request);
    return encode({ ...seq, ...(await content(request)) });
  } catch (error) {
    return encode({ ...seq, protocol_error: error instanceof Error ? error.message : String(error) });
  }
}

/** Yield the lines of stdin. Unlike `readline` this ends them at a newline alone, not also at U+2028. */
async function* lines(): AsyncGenerator<string> {
  let parts: Buffer[] = [];
  for await (const chunk of stdin as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end = chunk.indexOf("\n"); end !== -1; end = chunk.indexOf("\n", start)) {
      parts.push(chunk.subarray(start, end));
      yield Buffer.concat(parts).toString();
      parts = [];
      start = end + 1;
    }
    parts.push(chunk.subarray(start));
  }
}

// A function that nobody awaits shows in the observations. Its rejection must not end the adapter.
process.on("unhandledRejection", (error) => {
  console.error("not awaited:", error);
});
for await (const line of lines()) stdout.write(`${await answer(line)}\n`);

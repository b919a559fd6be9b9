/**
 * Run the vectors, programs with expected observations, through the adapter and print the verdict on each requirement.
 *
 * The environment variable `HSMSPEC_VECTORS` names a folder of other vectors than the committed ones.
 */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";

import { z } from "zod";

import { decode } from "../src/hsm/index.js";
import { answersTo, REPOSITORY } from "./adapter.js";

const FOLDER = process.env["HSMSPEC_VECTORS"] ?? fileURLToPath(new URL("specs/vectors", REPOSITORY));

interface Observation {
  ok?: unknown;
  error?: string;
  panic?: string;
  unbound?: true;
  inner?: Observation[];
  message?: string;
}
const observations = z.array(z.custom<Observation>());
const operation = z.looseObject({ op: z.string() });

/** Format 1 of vectors. */
const manifest = z.object({
  format: z.literal(1),
  dialect: z.string(),
  requirements: z.record(z.string(), z.object({ file: z.string(), class: z.string() })),
});
/** A program with expected observations, of which those at the indexes of `evidence` show the requirement. */
const vector = z.object({
  case: z.number(),
  capabilities: z.array(z.string()),
  program: z.array(operation),
  observations,
  evidence: z.array(z.number()),
});
const greeting = z.object({ hello: z.object({ capabilities: z.array(z.string()), dialect: z.string() }) });
const batch = z.object({ observations: z.array(observations) });

/** Return what is compared of an observation: all but texts for people and the order of entries on the wire. */
function meaning({ ok, error, panic, unbound, inner = [] }: Observation, op = ""): unknown {
  const value = op === "marshal" && typeof ok === "string" ? decode(Buffer.from(ok, "base64")) : ok;
  return {
    value,
    error,
    panicked: panic !== undefined,
    unbound,
    inner: inner.map((observation) => meaning(observation)),
  };
}

/** Return the index of the first unexpected observation, -1 if there is none. */
function deviation({ program, observations }: z.output<typeof vector>, observed: Observation[]): number {
  assert.equal(observed.length, program.length, "each operation has an observation");
  return observations.findIndex(
    (expected, at) =>
      !isDeepStrictEqual(meaning(observed[at] ?? {}, program[at]?.op), meaning(expected, program[at]?.op)),
  );
}

function verdict(requirementClass: string, offered: boolean, shown: boolean): string {
  if (!offered) return "not offered";
  if (requirementClass === "documented") return shown ? "deviates" : "conforms";
  return shown ? "differs" : "agrees";
}

function read(file: string): string {
  return readFileSync(path.join(FOLDER, file), "utf8");
}

test("every program of the vectors makes the expected observations", async () => {
  const { dialect, requirements } = manifest.parse(JSON.parse(read("manifest.json")));
  const hello = `{"seq":0,"hello":{"protocol":1}}\n`;
  const [greeted = ""] = await answersTo(hello);
  const { hello: offer } = greeting.parse(JSON.parse(greeted));
  const offered = new Set(offer.capabilities.filter((name) => name !== "wire" || offer.dialect === dialect));

  const entries = Object.entries(requirements).map(([requirement, entry]) => {
    const lines = read(entry.file).split("\n").slice(0, -1);
    const vectors = lines.map((line) => vector.parse(JSON.parse(line)));
    return {
      ...entry,
      requirement,
      vectors: vectors.filter((one) => one.capabilities.every((name) => offered.has(name))),
    };
  });
  assert.notEqual(entries.length, 0, "there are requirements");
  const requests = entries.map(
    ({ vectors }, at) => `${JSON.stringify({ seq: at + 1, programs: vectors.map(({ program }) => program) })}\n`,
  );
  const [, ...answers] = await answersTo(hello + requests.join(""));
  assert.equal(answers.length, entries.length, "each request has a response");

  const differences: string[] = [];
  for (const [seq, { requirement, vectors, class: requirementClass }] of entries.entries()) {
    const { observations: programs } = batch.parse(JSON.parse(answers[seq] ?? ""));
    assert.equal(programs.length, vectors.length, "each program has observations");
    let shown = false;
    for (const [index, vector] of vectors.entries()) {
      const observed = programs[index] ?? [];
      const at = deviation(vector, observed);
      if (at === -1) continue;
      shown ||= vector.evidence.includes(at);
      const [operation, expected, seen] = [vector.program[at], vector.observations[at], observed[at]];
      differences.push(
        `${requirement}, case ${String(vector.case)}, operation ${String(at)}: ${JSON.stringify(operation)}\n` +
          `  expected ${JSON.stringify(expected)}\n  observed ${JSON.stringify(seen)}`,
      );
    }
    console.log(`${requirement}: ${verdict(requirementClass, vectors.length > 0, shown)}`);
  }
  assert.equal(differences.join("\n"), "");
});

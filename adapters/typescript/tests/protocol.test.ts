/** The form of responses, protocol errors, late functions, and the size of the implementation. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";

import { type Operation, World } from "../src/world.js";
import { answersTo, PACKAGE, REPOSITORY } from "./adapter.js";

test("the sample session of the protocol gets the responses that the protocol shows", async () => {
  const [, session = ""] = readFileSync(new URL("PROTOCOL.md", REPOSITORY), "utf8").split("## 17. A sample session");
  const marked = (mark: string) =>
    [...session.matchAll(new RegExp(`^${mark} (.*)$`, "gm"))].map(([, line = ""]) => line);
  const expected = marked("<");
  const observed = await answersTo(`${marked(">").join("\n")}\n`);
  assert.equal(expected.length, 5);
  assert.equal(observed.length, 5);
  for (const [at, line] of expected.entries()) {
    if (line.includes("hello")) assert.match(observed[at] ?? "", /^\{"seq":0,"hello":\{"protocol":1,/);
    else if (line.includes("protocol_error")) assert.match(observed[at] ?? "", /^\{"seq":3,"protocol_error":"/);
    else assert.equal(observed[at], line);
  }
});

test("responses are in the canonical form", async () => {
  const id = String.raw`é\u0001\n<\"`;
  const program = `[{"op":"new_registry"},{"op":"key","node":0},{"op":"state_machine_path","ref":{"path":[[1,"${id}"]]}}]`;
  const expected = `{"seq":3,"observations":[[{"ok":null},{"unbound":true},{"ok":[[1,"${id}"]]}],[]]}`;
  assert.deepEqual(await answersTo(`{"seq":3,"programs":[${program},[]]}\n`), [expected]);
});

test("a line ends at a newline alone, and may come in pieces", async () => {
  const long = "\u2028\u2029\u0085\ufeff😀".repeat(100_000);
  const line = `{"seq":1,"programs":[[{"op":"state_machine_path","ref":{"path":[[1,"${long}"]]}}]]}\n`;
  assert.deepEqual(await answersTo(line), [`{"seq":1,"observations":[[{"ok":[[1,"${long}"]]}]]}`]);
});

test("integers come back digit by digit, up to the ends of their ranges", async () => {
  const program = (number: string) =>
    `[{"op":"state_machine","machine":0,"data":[${number},${number}]},{"op":"read_machine","machine":0}]`;
  const small = ["-9007199254740992", "-1", "0", "9007199254740991", "9007199254740992"];
  const read = small.map((number) => `[{"ok":null},{"ok":[${number},${number}]}]`);
  assert.deepEqual(await answersTo(`{"seq":1,"programs":[${small.map(program).join()}]}\n`), [
    `{"seq":1,"observations":[${read.join()}]}`,
  ]);

  const payload = "9007199254740993";
  const serializer = `{"op":"new_registry"},{"op":"register_task_serializer","type":1}`;
  const task = `{"op":"deserialize_task","type":1,"data":"${payload}","kind":0}`;
  assert.deepEqual(await answersTo(`{"seq":1,"programs":[[${serializer},${task}]]}\n`), [
    `{"seq":1,"observations":[[{"ok":null},{"ok":null},{"ok":[1,${payload},0]}]]}`,
  ]);
});

test("an invalid line is a protocol error, and the lines after it are processed", async () => {
  const refused = [
    "",
    "nonsense",
    "[]",
    "null",
    "{}",
    "[".repeat(100_000),
    `{"seq":1}`,
    `{"seq":1,"hello":{"protocol":2}}`,
    `{"seq":1,"programs":3}`,
    `{"seq":1,"programs":[[{"op":"key"}]]}`,
    `{"seq":1,"programs":[[{"op":"dance"}]]}`,
    `{"seq":1,"programs":[[{"op":"constructor"}]]}`,
    `{"seq":1,"programs":[[{"op":"machine","type":2147483648}]]}`,
    `{"seq":1,"programs":[[{"op":"machine","type":1.5}]]}`,
    `{"seq":1,"programs":[[{"op":"machine_transition","node":0,"script":{"ops":[{"op":"dance"}]}}]]}`,
  ];
  const answers = await answersTo(`${refused.join("\n")}\n{"seq":2,"programs":[]}\n`);
  assert.equal(answers.pop(), `{"seq":2,"observations":[]}`);
  assert.equal(answers.length, refused.length);
  for (const [at, line] of refused.entries()) {
    const beginning = line.includes("seq") ? `{"seq":1,"protocol_error":"` : `{"protocol_error":"`;
    assert.equal(answers[at]?.startsWith(beginning), true, `${line.slice(0, 80)}: ${answers[at] ?? "nothing"}`);
  }
});

test("the observations of a function that nobody awaits leak into no other operation", async () => {
  let late: Promise<unknown> = Promise.resolve();
  const noted: Operation = () => "late";
  const forgetful: Operation = (world, inner) => {
    late = world.play({ ops: [noted], tasks: [] }, inner);
    return null;
  };
  const slow: Operation = async (world, inner) => {
    await world.play({ ops: [() => "own"], tasks: [] }, inner);
    await late;
    await setImmediate();
    return null;
  };
  const expected = [{ ok: null }, { ok: null, inner: [{ ok: "own" }] }, { ok: "late" }];
  assert.deepEqual(await new World().run([forgetful, slow, noted]), expected);
});

test("the implementation has at most 400 lines", () => {
  const folder = new URL("src/hsm/", PACKAGE);
  const lines = readdirSync(folder).map((file) => readFileSync(new URL(file, folder), "utf8").split("\n").length - 1);
  const total = lines.reduce((sum, count) => sum + count, 0);
  assert.equal(total >= 1 && total <= 400, true, `${String(total)} lines`);
});

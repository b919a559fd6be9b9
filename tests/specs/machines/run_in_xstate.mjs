// Run machines in XState. Each line of input is [machine, steps], a step [event, guards that hold]. Each line of output is
// a list with [state, tasks] after the start and after each step.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const { createActor, createMachine } = createRequire(`${process.argv[2]}/`)("xstate");

function run(config, steps) {
  let tasks = [];
  const holds = (name) => ({ event }) => event.holding.includes(name);
  const moves = Object.values(config.states).flatMap((state) => Object.values(state.on ?? {}).flat());
  const names = moves.flatMap((move) => move.guard ?? []);
  const machine = createMachine(config).provide({
    actions: { task: (_, params) => void tasks.push(params) },
    guards: Object.fromEntries(names.map((name) => [name, holds(name)])),
  });
  const actor = createActor(machine).start();
  const seen = [[actor.getSnapshot().value, tasks]];
  for (const [type, holding] of steps) {
    tasks = [];
    if (actor.getSnapshot().status === "active") actor.send({ type, holding });
    seen.push([actor.getSnapshot().value, tasks]);
  }
  return seen;
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(run(...JSON.parse(line))));
}

/** The implementation by itself: what is particular to an asynchronous one, and properties of the whole tree. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";

import fc from "fast-check";

import {
  Collection,
  decode,
  encode,
  type Environment,
  HsmError,
  type Key,
  Node,
  type Persisted,
  type Ref,
  Registry,
  Transition,
} from "../src/hsm/index.js";
import { A, Definition, PaletteTask } from "../src/palette.js";

const TYPES = [1, 11, -5];
const NONE = { tasks: [] };

/** IDs that objects, joined keys and careless encoders confuse. */
const HOSTILE = [
  "",
  "a",
  "A",
  "1",
  "1a",
  "a/b",
  "__proto__",
  "constructor",
  "toString",
  "\ufeffa",
  "\0",
  "\u2028",
  "é",
  "e\u0301",
];
const id = fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: "grapheme", maxLength: 5 }));
const key: fc.Arbitrary<Key> = fc.record({ type: fc.constantFrom(...TYPES), id }, { noNullPrototype: true });
const persisted: fc.Memo<Persisted> = fc.memo((depth) =>
  fc.record(
    {
      count: fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
      data: fc.uint8Array({ maxLength: 5 }),
      children: depth > 1 ? children(persisted(depth - 1)) : fc.constant(new Map()),
    },
    { noNullPrototype: true },
  ),
);

/** An action of a function on the tree. `at` is the number of a node, and `inside` are actions of a nested function. */
type Action =
  | { readonly do: "add"; readonly at: number; readonly key: Key }
  | { readonly do: "clear"; readonly at: number }
  | { readonly do: "transition"; readonly at: number; readonly fails: boolean; readonly inside: readonly Action[] };
const { action } = fc.letrec<{ action: Action }>((tie) => ({
  action: fc.oneof(
    { depthSize: "small" },
    fc.record({ do: fc.constant("add" as const), at: fc.nat(), key }),
    fc.record({ do: fc.constant("clear" as const), at: fc.nat() }),
    fc.record({
      do: fc.constant("transition" as const),
      at: fc.nat(),
      fails: fc.boolean(),
      inside: fc.array(tie("action"), { maxLength: 3 }),
    }),
  ),
}));

function children(child: fc.Arbitrary<Persisted>): fc.Arbitrary<Persisted["children"]> {
  const machines = fc.array(fc.tuple(id, child), { maxLength: 3 }).map((machines) => new Map(machines));
  return fc.array(fc.tuple(fc.integer(), machines), { maxLength: 3 }).map((types) => new Map(types));
}

function registry(): Registry {
  const registry = new Registry();
  for (const type of TYPES) registry.machines.register(type, new Definition(type, 0));
  return registry;
}

function root(): Node {
  return Node.root(registry(), 1, new A(0n, 0n));
}

function nodes(node: Node): Node[] {
  return [node, ...TYPES.flatMap((type) => node.children(type)).flatMap(nodes)];
}

async function perform(root: Node, actions: readonly Action[]): Promise<void> {
  for (const action of actions) {
    const all = nodes(root);
    const node = all[action.at % all.length] ?? root;
    try {
      if (action.do === "add") node.addChild(action.key, new A(1n, 2n));
      else if (action.do === "clear") node.clearTransactionState();
      else await node.transition(A, (data) => change(root, data, action));
    } catch (error) {
      if (!(error instanceof HsmError) && !(error instanceof RangeError)) throw error;
    }
  }
}

function withoutClear(actions: readonly Action[]): Action[] {
  return actions
    .filter((action) => action.do !== "clear")
    .map((action) => (action.do === "add" ? action : { ...action, inside: withoutClear(action.inside) }));
}

async function change(root: Node, data: A, { fails, inside }: Action & { do: "transition" }) {
  data.state += 1n;
  await perform(root, inside);
  if (fails) throw new RangeError("a failure");
  return { tasks: [new PaletteTask(1, data.state, { deadline: 5 })] };
}

test("what is encoded is decoded again, whatever the IDs and counts", () => {
  fc.assert(fc.property(persisted(4), (persisted) => assert.deepEqual(decode(encode(persisted)), persisted)));
});

test("a failed transition leaves the whole tree as it was", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action), fc.array(action), fc.nat(), async (before, inside, at) => {
      const tree = root();
      await perform(tree, before);
      const [persisted, outputs] = [tree.persisted, tree.outputs()];
      await perform(tree, [{ do: "transition", at, fails: true, inside }]);
      assert.deepEqual(tree.persisted, persisted);
      assert.deepEqual(tree.outputs(), outputs);
    }),
  );
});

test("as long as nothing is cleared, a node has an output for each of its transitions, and is dirty by them", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action), async (actions) => {
      const tree = root();
      await perform(tree, withoutClear(actions));
      for (const node of nodes(tree)) {
        const recorded = node.outputs();
        const own = recorded.find(({ path }) => path.length === node.path.length)?.outputs ?? [];
        assert.equal(BigInt(own.length), node.transitionCount);
        assert.equal(node.dirty, recorded.length > 0);
      }
      tree.clearTransactionState();
      assert.deepEqual([tree.dirty, tree.outputs()], [false, []]);
    }),
  );
});

test("keys that differ are different children, in the tree and in persistence", () => {
  fc.assert(
    fc.property(fc.uniqueArray(key, { selector: (key) => JSON.stringify(key) }), (keys) => {
      const tree = root();
      for (const [at, key] of keys.entries()) tree.addChild(key, new A(BigInt(at), 0n));
      const loaded = Node.root(registry(), 1, new A(0n, 0n), decode(encode(tree.persisted)).children);
      for (const node of [tree, loaded]) {
        assert.equal(nodes(node).length, keys.length + 1);
        for (const [at, key] of keys.entries()) {
          assert.deepEqual(node.child([key]).path, [key]);
          assert.equal(node.child([key]).data(A).state, BigInt(at));
        }
      }
    }),
    {
      examples: [
        [
          [
            { type: 1, id: "1a" },
            { type: 11, id: "a" },
          ],
        ],
      ],
    },
  );
});

test("a transition waits for its function, and is undone if that fails late", async () => {
  const tree = root();
  const late = async (data: A, fails: boolean) => {
    await setTimeout(1);
    data.value = 7n;
    tree.addChild({ type: 1, id: String(fails) }, new A(0n, 0n)).addChild({ type: 1, id: "" }, new A(0n, 0n));
    await setTimeout(1);
    if (fails) throw new RangeError("late");
    return NONE;
  };
  await tree.transition(A, (data) => late(data, false));
  await assert.rejects(
    tree.transition(A, (data) => late(data, true)),
    RangeError,
  );
  assert.equal(tree.data(A).value, 7n);
  assert.equal(tree.transitionCount, 1n);
  assert.deepEqual(
    nodes(tree).map((node) => node.path.map(({ id }) => id).join("/")),
    ["", "false", "false/"],
  );
});

test("a transition of a collection waits for its function", async () => {
  const collection = new Collection<A>(root(), 1, A);
  collection.add("a", new A(0n, 0n));
  await collection.transition("a", async (data) => {
    await setTimeout(1);
    data.state = 4n;
    return NONE;
  });
  assert.equal(collection.data("a").state, 4n);
});

test("a transition apart from a tree waits for its function, and gives the state back if that fails late", async () => {
  const pairs: [bigint, bigint][] = [
    [0n, 1n],
    [1n, 0n],
  ];
  for (const [source, destination] of pairs) {
    const transition = new Transition([source], destination, async (machine: A, fails: boolean) => {
      await setTimeout(1);
      assert.equal(machine.state, destination);
      if (fails) throw new RangeError("late");
      return NONE;
    });
    const machine = new A(source, 0n);
    await assert.rejects(transition.apply(machine, true), RangeError);
    assert.equal(machine.state, source);
    assert.equal(await transition.apply(machine, false), NONE);
    assert.equal(machine.state, destination);
  }
});

test("executing a task waits for the executor and for its access to the tree", async () => {
  const done: string[] = [];
  const tree = root();
  const environment: Environment = {
    now: () => 5,
    access: async (ref, type, accessor) => {
      await accessor(tree.child(ref.stateMachinePath));
      done.push(type);
    },
  };
  const ref: Ref = {
    workflowKey: { namespaceId: "n", workflowId: "w", runId: "r" },
    stateMachinePath: [],
    namespaceFailoverVersion: 0n,
    machineTransitionCount: 0n,
  };
  const executing = registry();
  executing.executors.register(1, async (environment, ref) => {
    await environment.access(ref, "write", async (node) => {
      await setTimeout(1);
      done.push(String(node === tree));
    });
    await setTimeout(1);
    done.push("executor");
  });
  await executing.execute(environment, ref, new PaletteTask(1, 0n, { deadline: 0 }));
  assert.deepEqual(done, ["true", "write", "executor"]);
});

test("callers who change the outputs and paths that they were given do not change the tree", async () => {
  const tree = root();
  const child = tree.addChild({ type: 1, id: "a" }, new A(0n, 0n));
  const tasks = [new PaletteTask(1, 0n, { deadline: 0 })];
  await child.transition(A, () => ({ tasks }));
  tasks.pop();
  const given = tree.outputs();
  given[0]?.path.pop();
  given[0]?.outputs.pop();
  given.pop();
  const [found] = tree.outputs();
  assert.deepEqual(found?.path, [{ type: 1, id: "a" }]);
  assert.deepEqual(found.outputs, [{ tasks: [new PaletteTask(1, 0n, { deadline: 0 })] }]);
});

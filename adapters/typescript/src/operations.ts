/** The operations: the members and the call of each. */

import { z } from "zod";

import {
  type AccessType,
  type Awaitable,
  Collection,
  decode,
  encode,
  type Environment,
  type Key,
  Node,
  type Persisted,
  type Ref,
  Registry,
  type Task,
  type TaskKind,
  Transition,
} from "./hsm/index.js";
import { classOf, type Cast, Definition, type Machine, PaletteTask, Serializer, text } from "./palette.js";
import { Execution, type Json, type Observation, type Operation, type Script, type World } from "./world.js";

// --- members ---------------------------------------------------------------------------------------------------------

/** Not `z.int()`, which ends below 2^53. */
const small = z.number().refine(Number.isInteger);
const big = small.transform(BigInt);
const type = z.int32();
const handle = z.int32().nonnegative();
const bind = handle.nullish();
const registry = handle.default(0);
const tag = small.default(0);
const cast = z.enum(["own", "other"]).default("own");
const key = z.tuple([type, z.string()]).transform(([type, id]): Key => ({ type, id }));
const path = z.array(key);
const data = z.tuple([big, big]);
const kind = z
  .union([small, z.string()])
  .transform((kind): TaskKind => (typeof kind === "number" ? { deadline: kind } : { destination: kind }));
const task = z.tuple([type, big, kind]).transform((members) => () => new PaletteTask(...members));
const script = z.object({
  ops: z.array(z.unknown().transform(decodeOperation)).default([]),
  tasks: z.array(task).default([]),
  fail: z.enum(["user_1", "user_2", "panic"]).nullish(),
});
const noScript = script.prefault({});
const transition = z.object({ sources: z.array(big), destination: big });
const ref = z
  .object({
    path,
    workflow: z.tuple([z.string(), z.string(), z.string()]).default(["n", "w", "r"]),
    version: big.prefault(0),
    count: big.prefault(0),
  })
  .transform(({ path, workflow: [namespaceId, workflowId, runId], version, count }) => ({
    workflowKey: { namespaceId, workflowId, runId },
    stateMachinePath: path,
    namespaceFailoverVersion: version,
    machineTransitionCount: count,
  }));

// --- values ----------------------------------------------------------------------------------------------------------

function keyValue({ type, id }: Key): Json {
  return [type, id];
}

function pathValue(path: readonly Key[]): Json {
  return path.map(keyValue);
}

function machineValue({ state, value }: Machine): Json {
  return [state, value];
}

function taskValue(task: Task): Json {
  if (!(task instanceof PaletteTask)) throw new TypeError("no task of the palette");
  return [task.type.id, task.payload, "deadline" in task.kind ? task.kind.deadline : task.kind.destination];
}

function refValue({ workflowKey, stateMachinePath, namespaceFailoverVersion, machineTransitionCount }: Ref): Json {
  const { namespaceId, workflowId, runId } = workflowKey;
  const workflow = [namespaceId, workflowId, runId];
  return [workflow, pathValue(stateMachinePath), namespaceFailoverVersion, machineTransitionCount];
}

function persistedValue({ count, data, children }: Persisted): Json {
  const keys = [...children].flatMap(([type, ids]) => [...ids].map(([id, child]) => ({ key: { type, id }, child })));
  keys.sort((one, other) => compareKeys(one.key, other.key));
  return [count, text(data), keys.map(({ key, child }) => [key.type, key.id, persistedValue(child)])];
}

function compareKeys(one: Key, other: Key): number {
  return one.type - other.type || Buffer.compare(Buffer.from(one.id), Buffer.from(other.id));
}

function comparePaths(one: readonly Key[], other: readonly Key[]): number {
  for (const [level, key] of one.entries()) {
    const opposite = other[level];
    const order = opposite ? compareKeys(key, opposite) : 1;
    if (order !== 0) return order;
  }
  return one.length - other.length;
}

// --- calls -----------------------------------------------------------------------------------------------------------

function machine(type: number, [state, value]: readonly [bigint, bigint]): Machine {
  return new (classOf(type))(state, value);
}

interface CollectionMembers {
  node: number;
  type: number;
  cast?: Cast;
  collection?: number | null | undefined;
}

/** Return the collection that an operation names, or a new one. */
function collection(world: World, { node, type, cast, collection: kept }: CollectionMembers): Collection<Machine> {
  const parent = world.nodes.get(node);
  if (kept !== null && kept !== undefined) return world.collections.get(kept);
  return new Collection<Machine>(parent, type, classOf(type, cast));
}

/** Return the function of a transition of the tree. It binds the machine that it is handed. */
function playing(world: World, inner: Observation[], handle: number | null | undefined, script: Script) {
  return (machine: Machine) => {
    world.machines.bind(handle, machine);
    return world.play(script, inner);
  };
}

/** Return an apply function that runs the script of the operation which applies the transition. */
function applying(world: World) {
  return (machine: Machine, event: number) => {
    const function_ = world.applying.at(-1);
    if (!function_) throw new Error("a transition is applied by no operation");
    return function_(machine, event);
  };
}

/** Return the transition that an operation names, or a new one. */
function transitionOf(
  world: World,
  { sources, destination }: { sources: bigint[]; destination: bigint },
  kept: number | null | undefined,
): Transition<bigint, Machine, number> {
  if (kept !== null && kept !== undefined) return world.transitions.get(kept);
  return new Transition(sources, destination, applying(world));
}

function executor(
  world: World,
  tag: number,
  access: AccessType | null | undefined,
  bind: number | null | undefined,
  script: Script,
) {
  return async (environment: Environment, ref: Ref, task: Task): Promise<void> => {
    if (!(environment instanceof Execution)) throw new TypeError("not the environment that was handed to execute");
    environment.inner.push({ ok: [tag, environment.now(), taskValue(task), refValue(ref)] });
    if (access) {
      await environment.access(ref, access, async (node) => {
        world.nodes.bind(bind, node);
        await world.play(script, environment.inner);
      });
    } else {
      await world.play({ ops: [], tasks: [], fail: script.fail }, environment.inner);
    }
  };
}

/** Declare an operation: its members, and a call that returns the value of `ok`, null if that is nothing. */
function operation<M extends z.ZodRawShape>(
  members: M,
  call: (world: World, members: z.output<z.ZodObject<M>>, inner: Observation[]) => Awaitable<Json | undefined>,
): (json: unknown) => Operation {
  const schema = z.object(members);
  return (json) => {
    const decoded = schema.parse(json);
    return async (world, inner) => (await call(world, decoded, inner)) ?? null;
  };
}

const OPERATIONS = new Map(
  Object.entries({
    new_registry: operation({ registry }, (world, { registry }) => {
      world.registries.bind(registry, new Registry());
    }),
    register_machine: operation({ registry, type, tag }, (world, { registry, type, tag }) => {
      world.registries.get(registry).machines.register(type, new Definition(type, tag));
    }),
    machine: operation({ registry, type }, (world, { registry, type }) => {
      const found = world.registries.get(registry).machines.find(type);
      return found instanceof Definition ? found.tag : null;
    }),
    register_task_serializer: operation({ registry, type, tag }, (world, { registry, type, tag }) => {
      world.registries.get(registry).taskSerializers.register(type, new Serializer(type, tag));
    }),
    task_serializer: operation({ registry, type }, (world, { registry, type }) => {
      const found = world.registries.get(registry).taskSerializers.find(type);
      return found instanceof Serializer ? found.tag : null;
    }),
    serialize_task: operation({ registry, task }, (world, { registry, task: makeTask }) => {
      const task = makeTask();
      const serializer = world.registries.get(registry).taskSerializers.find(task.type.id);
      return serializer && text(serializer.serialize(task));
    }),
    deserialize_task: operation({ registry, type, data: z.string(), kind }, (world, { registry, type, data, kind }) => {
      const serializer = world.registries.get(registry).taskSerializers.find(type);
      return serializer && taskValue(serializer.deserialize(Buffer.from(data), kind));
    }),
    register_executor: operation(
      { registry, type, tag, access: z.enum(["read", "write"]).nullish(), bind, script: noScript },
      (world, { registry, type, tag, access, bind, script }) => {
        world.registries.get(registry).executors.register(type, executor(world, tag, access, bind, script));
      },
    ),
    execute: operation(
      { registry, task, ref, node: handle, now: small.default(0) },
      async (world, { registry, task, ref, node, now }, inner) => {
        const [executing, root] = [world.registries.get(registry), world.nodes.get(node)];
        await executing.execute(new Execution(root, now, inner), ref, task());
      },
    ),
    new_root: operation({ registry, type, data, bind: handle }, (world, { registry, type, data, bind }) => {
      world.bindRoot(bind, Node.root(world.registries.get(registry), type, machine(type, data)), type);
    }),
    rehydrate: operation(
      { registry, node: handle, type, data, bind: handle },
      (world, { registry, node, type, data, bind }) => {
        const [rooted, old] = [world.registries.get(registry), world.nodes.get(node)];
        const { children } = decode(encode(old.persisted));
        world.bindRoot(bind, Node.root(rooted, type, machine(type, data), children), type);
      },
    ),
    load: operation(
      { registry, bytes: z.string(), type, data, bind: handle },
      (world, { registry, bytes, type, data, bind }) => {
        const rooted = world.registries.get(registry);
        const { children } = decode(Buffer.from(bytes, "base64"));
        world.bindRoot(bind, Node.root(rooted, type, machine(type, data), children), type);
      },
    ),
    marshal: operation({ node: handle }, (world, { node }) =>
      Buffer.from(encode(world.nodes.get(node).persisted)).toString("base64"),
    ),
    export: operation({ node: handle }, (world, { node }) => persistedValue(world.nodes.get(node).persisted)),
    add_child: operation({ node: handle, key, data, bind }, (world, { node, key, data, bind }) => {
      world.nodes.bind(bind, world.nodes.get(node).addChild(key, machine(key.type, data)));
    }),
    child: operation({ node: handle, path, bind }, (world, { node, path, bind }) => {
      world.nodes.bind(bind, world.nodes.get(node).child(path));
    }),
    key: operation({ node: handle }, (world, { node }) => keyValue(world.nodes.get(node).key)),
    parent: operation({ node: handle, bind }, (world, { node, bind }) => {
      const { parent } = world.nodes.get(node);
      if (parent) world.nodes.bind(bind, parent);
      return parent !== undefined;
    }),
    same: operation({ node: handle, other: handle }, (world, { node, other }) => {
      const [one, another] = [world.nodes.get(node), world.nodes.get(other)];
      return one === another;
    }),
    path: operation({ node: handle }, (world, { node }) => pathValue(world.nodes.get(node).path)),
    transition_count: operation({ node: handle }, (world, { node }) => world.nodes.get(node).transitionCount),
    dirty: operation({ node: handle }, (world, { node }) => world.nodes.get(node).dirty),
    outputs: operation({ node: handle }, (world, { node }) => {
      const found = world.nodes.get(node).outputs();
      found.sort((one, other) => comparePaths(one.path, other.path));
      return found.map(({ path, outputs }) => [pathValue(path), outputs.map(({ tasks }) => tasks.map(taskValue))]);
    }),
    clear: operation({ node: handle }, (world, { node }) => {
      world.nodes.get(node).clearTransactionState();
    }),
    machine_data: operation({ node: handle, cast }, (world, { node, cast }) => {
      const found = world.nodes.get(node);
      return machineValue(found.data<Machine>(classOf(world.typeOf(found), cast)));
    }),
    machine_transition: operation(
      { node: handle, script, machine: bind, cast },
      async (world, { node, script, machine, cast }, inner) => {
        const found = world.nodes.get(node);
        await found.transition<Machine>(classOf(world.typeOf(found), cast), playing(world, inner, machine, script));
      },
    ),
    new_collection: operation({ node: handle, type, collection: handle }, (world, { node, type, collection: kept }) => {
      world.collections.bind(kept, collection(world, { node, type }));
    }),
    collection_type: operation(
      { node: handle, type, collection: bind },
      (world, members) => collection(world, members).type,
    ),
    collection_add: operation(
      { node: handle, type, id: z.string(), data, bind, collection: bind },
      (world, members) => {
        const { type, id, data, bind } = members;
        world.nodes.bind(bind, collection(world, members).add(id, machine(type, data)));
      },
    ),
    collection_node: operation({ node: handle, type, id: z.string(), bind, collection: bind }, (world, members) => {
      world.nodes.bind(members.bind, collection(world, members).node(members.id));
    }),
    collection_data: operation({ node: handle, type, id: z.string(), cast, collection: bind }, (world, members) =>
      machineValue(collection(world, members).data(members.id)),
    ),
    collection_list: operation({ node: handle, type, collection: bind }, (world, members) => {
      const listed = collection(world, members).list();
      return listed
        .map((node) => node.path)
        .sort(comparePaths)
        .map(pathValue);
    }),
    collection_transition: operation(
      { node: handle, type, id: z.string(), script, machine: bind, cast, collection: bind },
      async (world, members, inner) => {
        const { id, script, machine } = members;
        await collection(world, members).transition(id, playing(world, inner, machine, script));
      },
    ),
    state_machine: operation({ machine: handle, data }, (world, { machine: handle, data }) => {
      world.machines.bind(handle, machine(1, data));
    }),
    read_machine: operation({ machine: handle }, (world, { machine }) => machineValue(world.machines.get(machine))),
    set_state: operation({ machine: handle, state: big }, (world, { machine, state }) => {
      world.machines.get(machine).state = state;
    }),
    set_value: operation({ machine: handle, value: big }, (world, { machine, value }) => {
      world.machines.get(machine).value = value;
    }),
    regenerate_tasks: operation({ machine: handle }, (world, { machine }) =>
      world.machines.get(machine).regenerateTasks().map(taskValue),
    ),
    new_transition: operation({ transition, kept: handle }, (world, { transition: { sources, destination }, kept }) => {
      world.transitions.bind(kept, new Transition(sources, destination, applying(world)));
    }),
    possible: operation({ machine: handle, transition, kept: bind }, (world, { machine, transition, kept }) =>
      transitionOf(world, transition, kept).possible(world.machines.get(machine)),
    ),
    apply: operation(
      { machine: handle, transition, event: small.default(0), script: noScript, kept: bind },
      async (world, { machine, transition, event, script, kept }, inner) => {
        const applied = transitionOf(world, transition, kept);
        const found = world.machines.get(machine);
        world.applying.push((machine, event) => {
          inner.push({ ok: [machine.state, machine.value, event] });
          return world.play(script, inner);
        });
        try {
          const { tasks } = await applied.apply(found, event);
          return tasks.map(taskValue);
        } finally {
          world.applying.pop();
        }
      },
    ),
    state_machine_path: operation({ ref }, (_, { ref }) => pathValue(ref.stateMachinePath)),
  }),
);

const anyOperation = z.object({ op: z.string() });

/** Return the operation that JSON stands for. Throw an error if it stands for none. */
export function decodeOperation(json: unknown): Operation {
  const { op } = anyOperation.parse(json);
  const decodeMembers = OPERATIONS.get(op);
  if (!decodeMembers) throw new TypeError(`there is no operation ${op}`);
  return decodeMembers(json);
}

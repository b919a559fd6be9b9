import { type Awaitable, HsmError, type Task, type TaskKind, type Type } from "./machine.js";
import type { Key, Node } from "./node.js";

/** Serializes the data of machines of one type. */
export interface StateMachineDefinition {
  readonly type: Type;
  serialize(data: unknown): Uint8Array;
  deserialize(bytes: Uint8Array): unknown;
}

/** Serializes tasks of one type. `deserialize` throws `invalid_task_kind` for a kind that the type does not have. */
export interface TaskSerializer {
  serialize(task: Task): Uint8Array;
  deserialize(bytes: Uint8Array, kind: TaskKind): Task;
}

/** Names a machine of a workflow, with the failover version and the transition count that are expected of it. */
export interface Ref {
  readonly workflowKey: { readonly namespaceId: string; readonly workflowId: string; readonly runId: string };
  readonly stateMachinePath: readonly Key[];
  readonly namespaceFailoverVersion: bigint;
  readonly machineTransitionCount: bigint;
}

export type AccessType = "read" | "write";

/** The environment of executors: a clock in milliseconds since the Unix epoch, and access to the node that a ref names. */
export interface Environment {
  now(): number;
  access(ref: Ref, type: AccessType, accessor: (node: Node) => Awaitable<void>): Promise<void>;
}

export type Executor = (environment: Environment, ref: Ref, task: Task) => Awaitable<void>;

/** Entries by the ID of their type, of which the one registered first stays. */
class Table<T> {
  readonly #entries = new Map<number, T>();

  register(id: number, entry: T): void {
    if (this.#entries.has(id)) throw new HsmError("duplicate_registration", `type ${String(id)}`);
    this.#entries.set(id, entry);
  }

  find(id: number): T | undefined {
    return this.#entries.get(id);
  }

  get(id: number): T {
    const entry = this.find(id);
    if (entry === undefined) throw new HsmError("not_registered", `type ${String(id)}`);
    return entry;
  }
}

export class Registry {
  readonly machines = new Table<StateMachineDefinition>();
  readonly taskSerializers = new Table<TaskSerializer>();
  readonly executors = new Table<Executor>();

  async execute(environment: Environment, ref: Ref, task: Task): Promise<void> {
    await this.executors.get(task.type.id)(environment, ref, task);
  }
}

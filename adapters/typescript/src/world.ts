/** The world of one program: its handles and its observations. */

import { setImmediate } from "node:timers/promises";

import {
  type AccessType,
  type Awaitable,
  type Collection,
  type Environment,
  HsmError,
  type Node,
  type Ref,
  type Registry,
  type Task,
  type Transition,
  type TransitionOutput,
} from "./hsm/index.js";
import { type Machine, PaletteError, Panic } from "./palette.js";

export type Json = null | boolean | number | bigint | string | readonly Json[];

export type Observation = (
  { readonly ok: Json } | { readonly error: string } | { readonly panic: string } | { readonly unbound: true }
) & { readonly inner?: readonly Observation[] };

/**
 * An operation of a program, ready to be called. Observations made inside the call go to `inner`. Each call has
 * its own, so a function that nobody awaits cannot write to that of another operation.
 */
export type Operation = (world: World, inner: Observation[]) => Awaitable<Json>;

/** The body of a function of a program. */
export interface Script {
  readonly ops: readonly Operation[];
  readonly tasks: readonly (() => Task)[];
  readonly fail?: "user_1" | "user_2" | "panic" | null | undefined;
}

export class Unbound extends Error {}

class Handles<T> {
  readonly #bound = new Map<number, T>();

  bind(handle: number | null | undefined, to: T): void {
    if (handle !== null && handle !== undefined) this.#bound.set(handle, to);
  }

  get(handle: number): T {
    const found = this.#bound.get(handle);
    if (found === undefined) throw new Unbound();
    return found;
  }
}

export class World {
  readonly registries = new Handles<Registry>();
  readonly nodes = new Handles<Node>();
  readonly machines = new Handles<Machine>();
  readonly collections = new Handles<Collection<Machine>>();
  readonly transitions = new Handles<Transition<bigint, Machine, number>>();
  /** The functions of the transitions that are being applied, the innermost last. */
  readonly applying: ((machine: Machine, event: number) => Promise<TransitionOutput>)[] = [];
  readonly #rootTypes = new Map<Node, number>();

  bindRoot(handle: number, root: Node, type: number): void {
    this.nodes.bind(handle, root);
    this.#rootTypes.set(root, type);
  }

  /** Return a node's type, which the key of a root does not have. */
  typeOf(node: Node): number {
    return this.#rootTypes.get(node) ?? node.key.type;
  }

  async run(program: readonly Operation[]): Promise<Observation[]> {
    const observations: Observation[] = [];
    for (const operation of program) observations.push(await this.#observe(operation));
    return observations;
  }

  async #observe(operation: Operation): Promise<Observation> {
    const inner: Observation[] = [];
    const ended = await this.#end(operation, inner);
    return inner.length > 0 ? { ...ended, inner: [...inner] } : ended;
  }

  async #end(operation: Operation, inner: Observation[]): Promise<Observation> {
    try {
      return { ok: await operation(this, inner) };
    } catch (error) {
      if (error instanceof Unbound) return { unbound: true };
      if (error instanceof HsmError || error instanceof PaletteError) return { error: error.code };
      return { panic: error instanceof Error ? error.message : String(error) };
    }
  }

  /**
   * Run a function of a program. It begins in a later turn of the event loop, so an implementation that does not await
   * it goes on without it, and the observations show that.
   */
  async play({ ops, tasks, fail }: Script, inner: Observation[]): Promise<TransitionOutput> {
    await setImmediate();
    for (const operation of ops) {
      const observation = await this.#observe(operation);
      inner.push(observation);
      if ("panic" in observation) throw new Panic(observation.panic);
    }
    if (fail === "panic") throw new Panic();
    if (fail) throw new PaletteError(fail);
    return { tasks: tasks.map((makeTask) => makeTask()) };
  }
}

/** The environment of one execution. Executors note their arguments in `inner`. */
export class Execution implements Environment {
  constructor(
    readonly node: Node,
    readonly time: number,
    readonly inner: Observation[],
  ) {}

  now(): number {
    return this.time;
  }

  async access(ref: Ref, type: AccessType, accessor: (node: Node) => Awaitable<void>): Promise<void> {
    this.inner.push({ ok: type });
    await accessor(this.node.child(ref.stateMachinePath));
  }
}

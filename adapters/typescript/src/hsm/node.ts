import { type Awaitable, HsmError, type TransitionOutput } from "./machine.js";
import type { Registry } from "./registry.js";

/** Names a child among those of its parent. */
export interface Key {
  readonly type: number;
  readonly id: string;
}

/** The persisted form of a node. */
export interface Persisted {
  readonly count: bigint;
  readonly data: Uint8Array;
  readonly children: ReadonlyMap<number, ReadonlyMap<string, Persisted>>;
}

/** A class, which is what data is cast to. */
export type Class<T> = abstract new (...args: never[]) => T;

/** The state of a node without its children. A change replaces all of it. */
type State = Omit<Persisted, "children"> & { readonly outputs: readonly TransitionOutput[] };

/** How to undo the changes of open transitions in a tree, the latest change last. */
class Journal {
  #undo: (() => void)[] = [];
  #open = 0;

  record(undo: () => void): void {
    if (this.#open > 0) this.#undo.push(undo);
  }

  async atomically(run: () => Promise<void>): Promise<void> {
    const start = this.#undo.length;
    this.#open += 1;
    try {
      await run();
    } catch (error) {
      for (const undo of this.#undo.splice(start).reverse()) undo();
      throw error;
    } finally {
      this.#open -= 1;
      if (this.#open === 0) this.#undo = [];
    }
  }
}

/**
 * A node of a tree of state machines. The root's key is `{ type: 0, id: "" }`.
 *
 * Transitions of a tree nest but must not run side by side: whoever uses a tree holds its workflow's lock.
 */
export class Node {
  readonly #children = new Map<number, Map<string, Node>>();
  #state: State;

  private constructor(
    readonly key: Key,
    readonly parent: Node | undefined,
    { count, data, children }: Persisted,
    private readonly registry: Registry,
    private readonly journal: Journal,
    private readonly type = key.type,
  ) {
    this.#state = { count, data, outputs: [] };
    for (const [type, ids] of children) {
      this.#children.set(type, new Map([...ids].map(([id, child]) => [id, this.#below({ type, id }, child)])));
    }
  }

  #below(key: Key, persisted: Persisted): Node {
    return new Node(key, this, persisted, this.registry, this.journal);
  }

  /** Return a new root, with children from persistence if there are any. */
  static root(registry: Registry, type: number, data: unknown, children: Persisted["children"] = new Map()): Node {
    const persisted = { count: 0n, data: registry.machines.get(type).serialize(data), children };
    return new Node({ type: 0, id: "" }, undefined, persisted, registry, new Journal(), type);
  }

  get path(): Key[] {
    return this.parent ? [...this.parent.path, this.key] : [];
  }

  get transitionCount(): bigint {
    return this.#state.count;
  }

  get persisted(): Persisted {
    const children = new Map<number, Map<string, Persisted>>();
    for (const [type, ids] of this.#children) {
      if (ids.size > 0) children.set(type, new Map([...ids].map(([id, child]) => [id, child.persisted])));
    }
    return { count: this.#state.count, data: this.#state.data, children };
  }

  addChild({ type, id }: Key, data: unknown): Node {
    const siblings = this.#children.get(type) ?? new Map<string, Node>();
    if (siblings.has(id)) throw new HsmError("state_machine_already_exists", `type ${String(type)}, ID ${id}`);
    const bytes = this.registry.machines.get(type).serialize(data);
    const child = this.#below({ type, id }, { count: 0n, data: bytes, children: new Map() });
    this.#children.set(type, siblings.set(id, child));
    this.journal.record(() => siblings.delete(id));
    return child;
  }

  child(path: readonly Key[]): Node {
    return path.reduce<Node>((node, { type, id }) => {
      this.registry.machines.get(type);
      const child = node.#children.get(type)?.get(id);
      if (!child) throw new HsmError("state_machine_not_found", `type ${String(type)}, ID ${id}`);
      return child;
    }, this);
  }

  /** Return the machine's data. Throw `incompatible_type` if it is no instance of the class. */
  data<T>(as: Class<T>): T {
    const data = this.registry.machines.get(this.type).deserialize(this.#state.data);
    if (!(data instanceof as)) throw new HsmError("incompatible_type", `type ${String(this.type)} is no ${as.name}`);
    return data;
  }

  /** Run the function on the machine's data. If it fails, all that was done in the tree since is undone. */
  async transition<T>(as: Class<T>, run: (data: T) => Awaitable<TransitionOutput>): Promise<void> {
    const data = this.data(as);
    await this.journal.atomically(async () => {
      this.#change({ count: this.#state.count + 1n });
      const output = { tasks: [...(await run(data)).tasks] };
      const bytes = this.registry.machines.get(this.type).serialize(data);
      this.#change({ data: bytes, outputs: [...this.#state.outputs, output] });
    });
  }

  #change(change: Partial<State>): void {
    const before = this.#state;
    this.#state = { ...before, ...change };
    this.journal.record(() => (this.#state = before));
  }

  /** Return the children of a type. */
  children(type: number): Node[] {
    return [...(this.#children.get(type)?.values() ?? [])];
  }

  /** Return the nodes with outputs, of this node and those below it. */
  #changed(): Node[] {
    const nodes: Node[] = [this];
    for (const node of nodes) {
      for (const siblings of node.#children.values()) siblings.forEach((child) => nodes.push(child));
    }
    return nodes.filter((node) => node.#state.outputs.length > 0);
  }

  get dirty(): boolean {
    return this.#changed().length > 0;
  }

  outputs(): { path: Key[]; outputs: TransitionOutput[] }[] {
    return this.#changed().map((node) => ({
      path: node.path,
      outputs: node.#state.outputs.map(({ tasks }) => ({ tasks: [...tasks] })),
    }));
  }

  clearTransactionState(): void {
    for (const node of this.#changed()) node.#change({ outputs: [] });
  }
}

/** The children of a node that have one type. Their data is cast to a class. */
export class Collection<T> {
  constructor(
    readonly parent: Node,
    readonly type: number,
    private readonly as: Class<T>,
  ) {}

  add(id: string, data: T): Node {
    return this.parent.addChild({ type: this.type, id }, data);
  }

  node(id: string): Node {
    return this.parent.child([{ type: this.type, id }]);
  }

  data(id: string): T {
    return this.node(id).data(this.as);
  }

  list(): Node[] {
    return this.parent.children(this.type);
  }

  async transition(id: string, run: (data: T) => Awaitable<TransitionOutput>): Promise<void> {
    await this.node(id).transition(this.as, run);
  }
}

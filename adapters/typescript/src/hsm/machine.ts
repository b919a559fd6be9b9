export type ErrorCode =
  | "duplicate_registration"
  | "incompatible_type"
  | "invalid_task_kind"
  | "invalid_transition"
  | "not_registered"
  | "state_machine_already_exists"
  | "state_machine_not_found";

/** A documented error. Its code tells which. */
export class HsmError extends Error {
  constructor(
    readonly code: ErrorCode,
    detail: string,
  ) {
    super(`${code.replaceAll("_", " ")}: ${detail}`);
  }
}

/** The result of a function that users pass in, which is always awaited: a value or the promise of one. */
export type Awaitable<T> = T | Promise<T>;

/** A type of machines or tasks. The ID, an integer of 32 bits, tells it from others. The name is for people. */
export interface Type {
  readonly id: number;
  readonly name: string;
}

/** The kind of a timer, whose deadline is in milliseconds since the Unix epoch, or of an outbound task. */
export type TaskKind = { readonly deadline: number } | { readonly destination: string };

export interface Task {
  readonly type: Type;
  readonly kind: TaskKind;
}

export interface TransitionOutput {
  readonly tasks: readonly Task[];
}

export interface StateMachine<S> {
  state: S;
  regenerateTasks(): Task[];
}

/** Takes a machine from one of the source states to the destination. */
export class Transition<S, M extends StateMachine<S>, E> {
  constructor(
    readonly sources: readonly S[],
    readonly destination: S,
    private readonly run: (machine: M, event: E) => Awaitable<TransitionOutput>,
  ) {}

  possible(machine: M): boolean {
    return this.sources.includes(machine.state);
  }

  /** Run the function on the machine in its destination state. If it fails, the machine gets its old state back. */
  async apply(machine: M, event: E): Promise<TransitionOutput> {
    if (!this.possible(machine)) throw new HsmError("invalid_transition", `from state ${String(machine.state)}`);
    const before = machine.state;
    machine.state = this.destination;
    try {
      return await this.run(machine, event);
    } catch (error) {
      machine.state = before;
      throw error;
    }
  }
}

/** The palette of the protocol: the machines, definitions, serializers and errors that programs use. */

import {
  HsmError,
  type StateMachine,
  type StateMachineDefinition,
  type Task,
  type TaskKind,
  type TaskSerializer,
  type Type,
} from "./hsm/index.js";

export type Cast = "own" | "other";

/** An error that the adapter brings, as opposed to those of the implementation. */
export class PaletteError extends Error {
  constructor(readonly code: "user_1" | "user_2" | "serialize_error" | "deserialize_error") {
    super(code);
  }
}

/** Thrown by the functions of programs to panic: neither an error of the implementation nor of the palette. */
export class Panic extends Error {
  constructor(text = "panic") {
    super(text);
  }
}

export class PaletteTask implements Task {
  readonly type: Type;

  constructor(
    type: number,
    readonly payload: bigint,
    readonly kind: TaskKind,
  ) {
    this.type = { id: type, name: `task-${String(type)}` };
  }
}

/** The content of both classes of data. Numbers are bigints, since what is deserialized may exceed 2^53. */
export abstract class Machine implements StateMachine<bigint> {
  constructor(
    public state: bigint,
    public value: bigint,
  ) {}

  regenerateTasks(): PaletteTask[] {
    switch (((this.state % 3n) + 3n) % 3n) {
      case 0n:
        return [];
      case 1n:
        return [new PaletteTask(1, this.value, { deadline: 1000 })];
      default:
        return [new PaletteTask(2, this.value, { destination: "dest" })];
    }
  }
}

/** The data of odd types. */
export class A extends Machine {}

/** The data of even types. */
export class B extends Machine {}

export function classOf(type: number, cast: Cast = "own"): typeof A | typeof B {
  return (type % 2 !== 0) === (cast === "own") ? A : B;
}

export class Definition implements StateMachineDefinition {
  readonly type: Type;

  constructor(
    type: number,
    readonly tag: number,
  ) {
    this.type = { id: type, name: `machine-${String(type)}` };
  }

  serialize(data: unknown): Uint8Array {
    if (!(data instanceof classOf(this.type.id))) throw new TypeError(`no data of type ${String(this.type.id)}`);
    if (data.value === -1n) throw new PaletteError("serialize_error");
    return Buffer.from(`${String(data.state)}:${String(data.value)}`);
  }

  deserialize(bytes: Uint8Array): Machine {
    const [, state, value] = /^(-?\d+):(-?\d+)$/.exec(text(bytes)) ?? [];
    if (state === undefined || value === undefined) throw new PaletteError("deserialize_error");
    const data = new (classOf(this.type.id))(BigInt(state), BigInt(value));
    if (data.value === -2n) throw new PaletteError("deserialize_error");
    return data;
  }
}

export class Serializer implements TaskSerializer {
  constructor(
    readonly type: number,
    readonly tag: number,
  ) {}

  serialize(task: Task): Uint8Array {
    if (!(task instanceof PaletteTask)) throw new TypeError("no task of the palette");
    return Buffer.from(String(task.payload));
  }

  deserialize(bytes: Uint8Array, kind: TaskKind): PaletteTask {
    const isTimer = "deadline" in kind;
    if (isTimer !== (this.type % 2 !== 0)) throw new HsmError("invalid_task_kind", `task type ${String(this.type)}`);
    if (!/^-?\d+$/.test(text(bytes))) throw new PaletteError("deserialize_error");
    return new PaletteTask(this.type, BigInt(text(bytes)), kind);
  }
}

export function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString();
}

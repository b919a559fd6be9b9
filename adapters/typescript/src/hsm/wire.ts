/** The persisted form: the message `StateMachineNode` as of v1.25, in which types are decimal text. */

import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";

import type { Persisted } from "./node.js";

export function encode(node: Persisted): Uint8Array {
  const writer = new BinaryWriter();
  write(writer, node);
  return writer.finish();
}

function write(writer: BinaryWriter, { count, data, children }: Persisted): void {
  if (data.length > 0) writer.tag(1, WireType.LengthDelimited).bytes(data);
  for (const [type, ids] of children) {
    writeEntry(writer, 2, String(type), () => {
      for (const [id, child] of ids) writeEntry(writer, 1, id, () => write(writer, child));
    });
  }
  if (count !== 0n) writer.tag(100, WireType.Varint).int64(count);
}

/** Write an entry of a map whose values are messages. */
function writeEntry(writer: BinaryWriter, field: number, key: string, writeValue: () => void): void {
  writer.tag(field, WireType.LengthDelimited).fork();
  writer.tag(1, WireType.LengthDelimited).string(key);
  writer.tag(2, WireType.LengthDelimited).fork();
  writeValue();
  writer.join().join();
}

export function decode(bytes: Uint8Array): Persisted {
  const children = new Map<number, Map<string, Persisted>>();
  const node = { count: 0n, data: new Uint8Array() as Uint8Array, children };
  read(bytes, {
    1: (reader) => (node.data = reader.bytes()),
    2: (reader) => children.set(...decodeEntry(reader.bytes(), Number, decodeMachines)),
    100: (reader) => (node.count = BigInt(reader.int64())),
  });
  return node;
}

function decodeMachines(bytes: Uint8Array): Map<string, Persisted> {
  const machines = new Map<string, Persisted>();
  read(bytes, { 1: (reader) => machines.set(...decodeEntry(reader.bytes(), String, decode)) });
  return machines;
}

function decodeEntry<K, V>(bytes: Uint8Array, key: (text: string) => K, value: (bytes: Uint8Array) => V): [K, V] {
  const entry = { key: "", value: new Uint8Array() as Uint8Array };
  read(bytes, { 1: (reader) => (entry.key = reader.string()), 2: (reader) => (entry.value = reader.bytes()) });
  return [key(entry.key), value(entry.value)];
}

/** Read the known fields of a message, each with its function, and skip the others. */
function read(bytes: Uint8Array, fields: Record<number, (reader: BinaryReader) => void>): void {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    const take = fields[field] ?? (() => reader.skip(wireType, field));
    take(reader);
  }
}

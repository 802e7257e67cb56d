import { Interval } from "@omniq/core";
import type { Callable, Functions } from "./functions.ts";
import { decodeError, encodeError } from "./wire-error.ts";
import type { Mark, Path, Wire } from "./wire-types.ts";

/*
 * Values on their way between two threads. The structured clone of postMessage carries data: texts, numbers, BigInts, Dates,
 * bytes, undefined, cycles. It drops what a value is an instance of, and refuses functions. So those are taken out, each with
 * the path to it, and put back on the other side: errors and intervals as what they were, functions as functions that ask
 * this side, twins as what they stand for. An instance of any other class arrives as an empty one of a class of that name,
 * so that a serializer refuses it there for the reason that it would refuse it here; on its way back it is the very same.
 */

/** What one side knows of the other. */
export interface Sides {
  /** The functions of this side. */
  readonly functions: Functions;
  /** A function that asks the other side for its function of that number. */
  functionOf(id: number): Callable;
  /** The number of what stands behind a twin; null for any other value. */
  objectId(value: object): number | null;
  /** What stands behind the number of a twin. */
  objectOf(id: number): unknown;
  /** Instances of classes that the other side does not know, kept while a call is under way. */
  readonly instances: Instances;
}

/** Instances that crossed, so that they come back as themselves. */
export class Instances {
  #own = new Map<number, object>();
  readonly #theirs = new WeakMap<object, number>();
  #count = 0;

  keep(instance: object): number {
    this.#own.set(++this.#count, instance);
    return this.#count;
  }

  get(id: number): unknown {
    return this.#own.get(id);
  }

  /** An empty instance of a class of that name. */
  stand(id: number, name: string): object {
    const prototype = { constructor: { name } };
    // One more in between, as an instance of a class has: data has Object.prototype itself.
    const instance = Object.create(Object.create(prototype) as object) as object;
    this.#theirs.set(instance, id);
    return instance;
  }

  idOf(stand: object): number | undefined {
    return this.#theirs.get(stand);
  }

  clear(): void {
    this.#own = new Map();
  }
}

/** Throws what postMessage would throw for a value that neither it nor a mark can carry: at that time. */
export function encode(value: unknown, sides: Sides): Wire {
  const marks: (readonly [Path, Mark])[] = [];
  const ancestors = new Set<object>();

  const path: string[] = [];

  const mark = (made: Mark): null => {
    marks.push([[...path], made]);
    return null;
  };

  const visit = (current: unknown): unknown => {
    if (typeof current === "function") {
      return mark({ kind: "function", id: sides.functions.numberOf(current as Callable) });
    }
    if (typeof current === "symbol") return mark({ kind: "symbol", name: current.description ?? "" });
    if (typeof current !== "object" || current === null) return current;
    const object = sides.objectId(current);
    if (object !== null) return mark({ kind: "object", id: object });
    if (current instanceof Error) return mark({ kind: "error", error: encodeError(current, encodeHere) });
    if (current instanceof Interval) return mark({ kind: "interval", ms: current.totalMilliseconds });
    const returned = sides.instances.idOf(current);
    if (returned !== undefined) return mark({ kind: "returned", id: returned });
    if (isCloned(current) || ancestors.has(current)) return current;
    if (!isContainer(current)) {
      const { name } = current.constructor as { readonly name: string };
      return mark({ kind: "instance", id: sides.instances.keep(current), name });
    }
    ancestors.add(current);
    const copy = visitMembers(current);
    ancestors.delete(current);
    return copy;
  };

  /** The container itself where nothing in it had to be taken out. */
  const visitMembers = (container: object): object => {
    let copy: Record<string, unknown> | null = null;
    for (const key of Object.keys(container)) {
      const member = (container as Record<string, unknown>)[key];
      path.push(key);
      const visited = visit(member);
      path.pop();
      if (Object.is(visited, member)) continue;
      copy ??= copyOf(container);
      set(copy, key, visited);
    }
    return copy ?? container;
  };

  const encodeHere = (part: unknown): Wire => encode(part, sides);
  const encoded = visit(value);
  return { value: encoded, marks };
}

export function decode({ value, marks }: Wire, sides: Sides): unknown {
  const decodeHere = (part: Wire): unknown => decode(part, sides);
  let root = value;
  for (const [path, mark] of marks) {
    const real = decodeMark(mark, sides, decodeHere);
    const last = path.at(-1);
    if (last === undefined) {
      root = real;
      continue;
    }
    let parent = root;
    for (const key of path.slice(0, -1)) parent = (parent as Record<string | number, unknown>)[key];
    set(parent as object, last, real);
  }
  return root;
}

function decodeMark(mark: Mark, sides: Sides, decodeHere: (part: Wire) => unknown): unknown {
  switch (mark.kind) {
    case "error":
      return decodeError(mark.error, decodeHere);
    case "interval":
      return new Interval(mark.ms);
    case "function":
      return sides.functionOf(mark.id);
    case "object":
      return sides.objectOf(mark.id);
    case "symbol":
      return Symbol(mark.name);
    case "instance":
      return sides.instances.stand(mark.id, mark.name);
    case "returned":
      return sides.instances.get(mark.id);
  }
}

/** Own keys such as `__proto__` are data. */
function set(target: object, key: string | number, value: unknown): void {
  Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
}

function copyOf(container: object): Record<string, unknown> {
  if (Array.isArray(container)) return [...(container as unknown[])] as never;
  const copy = {};
  for (const key of Object.keys(container)) set(copy, key, (container as Record<string, unknown>)[key]);
  return copy;
}

function isContainer(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** What the structured clone keeps as it is. */
function isCloned(value: object): boolean {
  return (
    value instanceof Date ||
    value instanceof Map ||
    value instanceof Set ||
    value instanceof RegExp ||
    value instanceof ArrayBuffer ||
    ArrayBuffer.isView(value)
  );
}

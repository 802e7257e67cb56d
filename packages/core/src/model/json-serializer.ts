import { SerializationError } from "../errors/validation-error.ts";
import type { Serializer } from "../ports/serializer.ts";

/** Deeper values are refused: they are a mistake, or would exhaust the stack of some reader. */
const MAX_DEPTH = 1000;

interface Problem {
  /** From the inside out. */
  readonly path: string[];
  readonly why: string;
}

/** A value, and what contains it. */
interface Container {
  readonly value: object;
  readonly within: Container | null;
  readonly depth: number;
}

/**
 * Plain JSON. What JSON would drop or change without a word is refused, with the path to it: Date, BigInt,
 * NaN and the infinities, Map, Set, class instances, functions, symbols, cycles, and undefined in arrays.
 * (A property that is undefined is left out, and -0 becomes 0, as JSON does.)
 */
export class JsonSerializer implements Serializer {
  readonly format = "json";

  encode(value: unknown, name: string): string {
    if (value === undefined) return "null";
    const found = findProblem(value, null);
    if (found) {
      const path = name + found.path.toReversed().join("");
      throw new SerializationError("not_serializable", `${path} ${found.why}`, { path });
    }
    return JSON.stringify(value);
  }

  decode(text: string): unknown {
    return JSON.parse(text);
  }
}

function findProblem(value: unknown, within: Container | null): Problem | null {
  switch (typeof value) {
    case "string":
    case "boolean":
      return null;
    case "number":
      if (Number.isFinite(value)) return null;
      return problem(`is ${value}, which JSON would turn into null. Pass null or a text.`);
    case "bigint":
      return problem("is a BigInt, which JSON cannot hold. Pass it as a text.");
    case "undefined":
      return problem("is undefined, which JSON would turn into null. Pass null, or leave it out.");
    case "object":
      return value === null ? null : findProblemIn(value, within);
    default:
      return problem(`is a ${typeof value}, which JSON would drop. Pass data only.`);
  }
}

function findProblemIn(value: object, within: Container | null): Problem | null {
  for (let container = within; container; container = container.within)
    if (container.value === value)
      return problem("refers back to a value that contains it. Break the cycle.");
  const depth = within ? within.depth + 1 : 1;
  if (depth > MAX_DEPTH) return problem(`lies more than ${MAX_DEPTH} levels deep.`);
  const container = { value, within, depth };
  return Array.isArray(value) ? findInArray(value, container) : findInObject(value, container);
}

function findInArray(values: readonly unknown[], container: Container): Problem | null {
  for (let index = 0; index < values.length; index++) {
    const found = findProblem(values[index], container);
    if (found) return at(`[${index}]`, found);
  }
  return null;
}

function findInObject(value: object, container: Container): Problem | null {
  if (!isPlain(value)) return problem(whyNotPlain(value));
  for (const key in value) {
    const member = Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
    if (member === undefined) continue;
    const found = findProblem(member, container);
    if (found) return at(/^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`, found);
  }
  return null;
}

/** Made by a literal, by JSON, or without a prototype; in this realm or another. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null || Object.getPrototypeOf(prototype) === null;
}

function whyNotPlain(value: object): string {
  if (value instanceof Date)
    return "is a Date, which JSON would turn into a text. Pass its toISOString() or getTime().";
  const kind = (value.constructor as { readonly name?: string } | undefined)?.name || "a class";
  if (value instanceof Map || value instanceof Set) {
    return `is a ${kind}, which JSON would empty. Pass an array or a plain object.`;
  }
  return `is an instance of ${kind}, which JSON would not bring back. Pass a plain object.`;
}

function problem(why: string): Problem {
  return { path: [], why };
}

function at(segment: string, found: Problem): Problem {
  found.path.push(segment);
  return found;
}

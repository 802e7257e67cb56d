import { SerializationError } from "../errors/validation-error.ts";
import type { Serializer } from "../ports/serializer.ts";

/** Deeper values are refused: they are a mistake, or would exhaust the stack of some reader. */
const MAX_DEPTH = 1000;

interface Problem {
  /** From the inside out. */
  readonly path: string[];
  readonly why: string;
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
    const found = findProblem(value, []);
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

function findProblem(value: unknown, ancestors: object[]): Problem | null {
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
      return value === null ? null : findProblemWithin(value, ancestors);
    default:
      return problem(`is a ${typeof value}, which JSON would drop. Pass data only.`);
  }
}

function findProblemWithin(value: object, ancestors: object[]): Problem | null {
  if (ancestors.includes(value)) return problem("refers back to a value that contains it. Break the cycle.");
  if (ancestors.length >= MAX_DEPTH) return problem(`lies more than ${MAX_DEPTH} levels deep.`);
  ancestors.push(value);
  const found = Array.isArray(value) ? findInArray(value, ancestors) : findInObject(value, ancestors);
  ancestors.pop();
  return found;
}

function findInArray(values: readonly unknown[], ancestors: object[]): Problem | null {
  for (let index = 0; index < values.length; index++) {
    const found = findProblem(values[index], ancestors);
    if (found) return within(found, `[${index}]`);
  }
  return null;
}

function findInObject(value: object, ancestors: object[]): Problem | null {
  if (!isPlain(value)) return problem(whyNotPlain(value));
  for (const key of Object.keys(value)) {
    const member = (value as Record<string, unknown>)[key];
    if (member === undefined) continue;
    const found = findProblem(member, ancestors);
    if (found) return within(found, /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`);
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

function within(found: Problem, segment: string): Problem {
  found.path.push(segment);
  return found;
}

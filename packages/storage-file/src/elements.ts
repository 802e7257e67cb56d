const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** A record that is no longer than this is parsed as a whole. */
const SHORT_BYTES = 16 * 1024;

/** The elements of the JSON text of an array. Those of a long one are parsed one by one. */
export function* parsedElements(json: Buffer): Generator<unknown> {
  if (json.length <= SHORT_BYTES) yield* JSON.parse(json.toString()) as unknown[];
  else for (const element of elementsOf(json)) yield JSON.parse(element.toString());
}

/**
 * The elements of the JSON text of an array, each as its text. A call that enqueues thousands of tasks is one record: what
 * it is made of is parsed one by one, so that it is never there as objects all at once.
 */
export function* elementsOf(json: Buffer): Generator<Buffer> {
  let depth = 0;
  let start = 1;
  let isInText = false;
  for (let at = 0; at < json.length; at++) {
    const byte = json[at] as number;
    if (isInText) {
      if (byte === BACKSLASH) at++;
      else if (byte === QUOTE) isInText = false;
    } else if (byte === QUOTE) {
      isInText = true;
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      depth++;
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      depth--;
      if (depth === 0 && at > start) yield json.subarray(start, at);
    } else if (byte === COMMA && depth === 1) {
      yield json.subarray(start, at);
      start = at + 1;
    }
  }
}

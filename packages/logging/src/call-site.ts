/** Besides the caller's: this function, the one that asks, and the logger's method. */
const OWN_FRAMES = 3;

/** The line of the source that called the logger's method; null where the engine does not tell. */
export function lineOfCaller(): number | null {
  const holder: { readonly stack?: string } = {};
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = OWN_FRAMES + 1;
  Error.captureStackTrace(holder);
  // The text is made when it is first asked for.
  const frames = holder.stack?.match(/^ {4}at .*$/gm);
  Error.stackTraceLimit = limit;
  const line = /:(\d+):\d+\)?$/.exec(frames?.[OWN_FRAMES] ?? "")?.[1];
  return line === undefined ? null : Number(line);
}

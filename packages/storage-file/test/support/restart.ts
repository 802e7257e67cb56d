import type { DiskState } from "@omniq/journal/testing";

/** Beyond what any system gives. */
const NO_PID = 2 ** 22 + 1;

/** The machine has started anew, so that whoever held something is gone. */
export function afterRestart(state: DiskState): DiskState {
  return new Map(
    [...state].map(([path, bytes]) => {
      if (!/\.(?:holder|lock)$/.test(path) || bytes.length === 0 || bytes.includes(0)) return [path, bytes];
      const text = bytes.toString().replace(/"pid":\d+/, `"pid":${NO_PID}`);
      return [path, Buffer.from(text)];
    }),
  );
}

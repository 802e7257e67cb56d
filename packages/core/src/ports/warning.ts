const told = new Set<string>();

/** Tells whoever runs the process, by a warning of Node's that has this code. */
export function emitWarning(code: string, message: string): void {
  process.emitWarning(message, { type: "OmniQWarning", code });
}

/** As {@link emitWarning}, the same thing once a process. */
export function emitWarningOnce(code: string, message: string): void {
  if (told.has(message)) return;
  told.add(message);
  emitWarning(code, message);
}

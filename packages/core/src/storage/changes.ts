/** Tells whoever waits for a task in this process that its state was changed through this store. */
export class Changes {
  readonly #listeners = new Map<string, Set<() => void>>();

  /** Calls `listener` at each change, until the function that is returned is called. */
  listen(taskId: string, listener: () => void): () => void {
    const listeners = this.#listeners.get(taskId) ?? new Set();
    this.#listeners.set(taskId, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#listeners.get(taskId) === listeners) this.#listeners.delete(taskId);
    };
  }

  tell(taskId: string): void {
    if (this.#listeners.size === 0) return;
    for (const listener of this.#listeners.get(taskId) ?? []) listener();
  }
}

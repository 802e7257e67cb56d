/** Wakes one loop. A signal that is raised while the loop is at work is seen when it next waits. */
export class Signal {
  #raised = Promise.withResolvers<void>();
  #isRaised = false;
  #isUrgent = false;

  /** @param isUrgent whether nothing else that happens in this turn is worth waiting for */
  raise(isUrgent = false): void {
    // To resolve a promise once more does nothing, slowly.
    if (this.#isRaised) return;
    this.#isRaised = true;
    this.#isUrgent = isUrgent;
    this.#raised.resolve();
  }

  /**
   * Resolves in the turn of the event loop after the one in which it is raised, unless that is urgent: so all that happens in
   * one turn is one, and timers and I/O are let in.
   */
  async wait(): Promise<void> {
    await this.#raised.promise;
    if (!this.#isUrgent) await new Promise((resolve) => setImmediate(resolve));
    this.#raised = Promise.withResolvers();
    this.#isRaised = false;
  }
}

import type { TaskContext } from "@omniq/core";

/** Keeps a handler at work until the test lets it go, or its signal aborts. */
export class Gate {
  readonly entered: TaskContext[] = [];
  readonly #open = Promise.withResolvers<void>();

  async pass(context: TaskContext): Promise<void> {
    this.entered.push(context);
    const aborted = new Promise<never>((_, reject) => {
      context.signal.addEventListener("abort", () => reject(context.signal.reason as Error));
    });
    await Promise.race([this.#open.promise, aborted]);
  }

  open(): void {
    this.#open.resolve();
  }
}

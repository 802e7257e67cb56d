import type { Damage } from "./entries.ts";

const ARCHIVE = /"archive-/;

/** The lines of the journal that cannot be read. */
export class Damages {
  /** By the ids of the tasks that they are about. */
  readonly #byId = new Map<string, Damage>();
  /** Those of which nobody knows what they are about. */
  #nameless: Damage[] = [];

  get size(): number {
    return this.#byId.size;
  }

  get all(): readonly Damage[] {
    return [...this.#nameless, ...new Set(this.#byId.values())];
  }

  /** Whether one of them may have been about archives. */
  get concernArchives(): boolean {
    return this.all.some(({ ids, line }) => ids.length === 0 || ARCHIVE.test(line));
  }

  of(id: string): Damage | undefined {
    return this.#byId.get(id);
  }

  keep(damage: Damage): void {
    if (damage.ids.length === 0) this.#nameless.push(damage);
    for (const id of damage.ids) this.#byId.set(id, damage);
  }

  /** The task has been put, or has gone, since. */
  forget(id: string): void {
    this.#byId.delete(id);
  }

  clear(): void {
    this.#byId.clear();
    this.#nameless = [];
  }
}

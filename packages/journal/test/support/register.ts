import {
  Journal,
  type JournalContent,
  type JournalError,
  type JournalOptions,
  type Update,
} from "@omniq/journal";

/** The least that a journal can be about: numbers under names. */
export class Register implements JournalContent {
  readonly format = { name: "register", version: 1 };
  readonly values = new Map<string, number>();
  readonly damages: { readonly line: string; readonly error: JournalError }[] = [];

  clear(): void {
    this.values.clear();
  }

  apply(json: Buffer): void {
    const [name, value] = JSON.parse(json.toString()) as [string, number];
    this.values.set(name, value);
  }

  damaged(line: string, error: JournalError): void {
    this.damages.push({ line, error });
  }

  snapshot(): Iterable<string> {
    return [...this.values].map((entry) => JSON.stringify(entry));
  }

  set(name: string, value: number): Update<number | undefined> {
    const before = this.values.get(name);
    this.values.set(name, value);
    return { value: before, records: [JSON.stringify([name, value])] };
  }
}

export interface OpenRegister {
  readonly register: Register;
  readonly journal: Journal;
  readonly set: (name: string, value: number) => Promise<number | undefined>;
  readonly get: (name: string) => Promise<number | undefined>;
}

/** Tells how many records its state would be. */
export class SizedRegister extends Register {
  size(): number {
    return this.values.size;
  }
}

export async function openRegister(
  options: Omit<JournalOptions, "content">,
  register = new Register(),
): Promise<OpenRegister> {
  const journal = new Journal({ ...options, content: register });
  await journal.open();
  return {
    register,
    journal,
    set: (name, value) => journal.update(() => register.set(name, value)),
    get: (name) => journal.read(() => register.values.get(name)),
  };
}

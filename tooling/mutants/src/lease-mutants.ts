import type { RenewHookItem, RenewHookResult } from "@omniq/core/storage";
import { MemoryDatabase, MemoryStorage } from "@omniq/storage-memory";
import type { Mutant } from "./mutant.ts";

type Row = ReturnType<MemoryDatabase["due"]>[number];

class ForgetsWhenClaimed extends MemoryDatabase {
  override put(row: Row): void {
    super.put({ ...row, lastAttemptAt: null });
  }
}

class ForgetsWhatSettled extends MemoryDatabase {
  override put(row: Row): void {
    super.put({ ...row, settledToken: null, settledDigest: null });
  }
}

class ClaimsAhead extends MemoryDatabase {
  override due(queue: string, now: number, limit: number): Row[] {
    return super.due(queue, now + 86_400_000, limit);
  }
}

class SaysRenewed extends MemoryStorage {
  protected override async doRenew(renewals: readonly RenewHookItem[]): Promise<RenewHookResult> {
    const now = this.clock.now();
    return { now, answers: renewals.map(({ leaseMs }) => ({ until: now + leaseMs })) };
  }
}

/** Holds that a lease which is over cannot be renewed. */
class RenewsByTheClock extends MemoryStorage {
  protected override async doRenew(renewals: readonly RenewHookItem[]): Promise<RenewHookResult> {
    const { now, answers } = await super.doRenew(
      await Promise.all(
        renewals.map(async (item) => ((await this.#isOver(item)) ? { ...item, token: "" } : item)),
      ),
    );
    return { now, answers };
  }

  async #isOver({ id }: RenewHookItem): Promise<boolean> {
    const leaseUntil = (await this.doGetTask(id))?.leaseUntil ?? Number.MAX_SAFE_INTEGER;
    return leaseUntil <= this.clock.now();
  }
}

/** One lost lease fails the call. */
class AllOrNothing extends MemoryStorage {
  protected override async doRenew(renewals: readonly RenewHookItem[]): Promise<RenewHookResult> {
    const answered = await super.doRenew(renewals);
    if (answered.answers.some((answer) => !("until" in answer))) throw new Error("a lease is lost");
    return answered;
  }
}

/** Stores that treat leases wrongly. */
export const leaseMutants: readonly Mutant[] = [
  {
    name: "lastAttemptAt not set",
    database: ForgetsWhenClaimed,
    killedBy: "CLM-2",
    reason: "lastAttemptAt: observed null",
  },
  {
    name: "settled token forgotten",
    database: ForgetsWhatSettled,
    killedBy: "LSE-8",
    reason: "observed 'lost', expected 'repeated'",
  },
  {
    name: "claims ahead of the due time",
    database: ClaimsAhead,
    killedBy: "CLM-10",
    reason: "observed 2, expected 1",
  },
  {
    name: "renew answered, not done",
    storage: SaysRenewed,
    killedBy: "LSE-5",
    reason: "leaseUntil on another instance",
  },
  {
    name: "renew by the clock",
    storage: RenewsByTheClock,
    killedBy: "LSE-3",
    reason: "renew after the end of the lease",
  },
  {
    name: "one lost lease fails the batch",
    storage: AllOrNothing,
    killedBy: "LSE-6",
    reason: "a lease is lost",
  },
];

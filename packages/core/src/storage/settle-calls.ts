import type { TaskRecord } from "../model/task-record.ts";
import type { TaskWrite } from "../model/task-write.ts";
import { checkArray, checkText } from "./checks.ts";
import { fitting, writeLength } from "./fitting.ts";
import type { WriteAnswer, WriteHookResult } from "./hooks.ts";
import { itemError } from "./item-error.ts";
import { MAX_TOKEN_BYTES, MAX_TRIES } from "./limits.ts";
import type * as p from "./params.ts";
import { settleRefusal } from "./refusal.ts";
import { type SettlementWrite, settlementWrite } from "./settlement-write.ts";
import { afterSome } from "./storage-failure.ts";
import { StorageSession } from "./storage-session.ts";

/** How leases end: each outcome becomes one guarded write, and each write's answer one of the contract's. */
export abstract class SettleCalls extends StorageSession {
  /** Ends leases with their outcomes. No item rejects the call: each has its own answer. */
  settle(params: p.SettleParams): Promise<p.SettleResult> {
    return this.call("settle", null, async () => {
      checkArray(params?.settlements, "settlements");
      const work = params.settlements.map((settlement) => this.prepareSettlement(settlement));
      const { now, answers } = await this.writeAll(writesOf(work));
      this.setClock(now);
      return { now, answers: await this.answerSettlements(params.settlements, work, answers) };
    });
  }

  /** Makes writes, in as few calls as their texts allow. */
  protected async writeAll(writes: readonly TaskWrite[]): Promise<WriteHookResult> {
    const size = fitting(writes, writeLength);
    const first = await this.doWrite(writes.slice(0, size));
    if (size === writes.length) return first;
    try {
      const { now, answers } = await this.writeAll(writes.slice(size));
      return { now, answers: [...first.answers, ...answers] };
    } catch (error) {
      throw afterSome(error);
    }
  }

  /** One settlement as the write that records it; what is wrong with it, where it cannot be one. */
  protected prepareSettlement(settlement: p.Settlement, current?: TaskRecord): SettlementWrite | Error {
    try {
      const { task, outcome, enqueue = [] } = settlement;
      checkText(task.lease.token, "token", MAX_TOKEN_BYTES);
      return settlementWrite(
        current ?? task.record,
        task.lease,
        outcome,
        enqueue.map((child) => this.prepare(child)),
        {
          serializer: this.serializer,
          maxPayloadBytes: this.capabilities.maxPayloadBytes,
          eventLevel: this.eventLevel,
          now: this.storeNow(),
        },
      );
    } catch (error) {
      return itemError(error, "settlement");
    }
  }

  /** Gives each settlement its answer; one that was computed from an outdated schedule is computed again. */
  protected async answerSettlements(
    settlements: readonly p.Settlement[],
    work: readonly (SettlementWrite | Error)[],
    written: readonly WriteAnswer[],
  ): Promise<readonly p.SettleAnswer[]> {
    const answers: p.SettleAnswer[] = [];
    let next = 0;
    for (let index = 0; index < work.length; index++) {
      const item = work[index] as SettlementWrite | Error;
      if (item instanceof Error) {
        answers.push({ status: "error", error: item });
        continue;
      }
      const settlement = settlements[index] as p.Settlement;
      const answer = written[next++] as WriteAnswer;
      // Nearly always: no promise for what needs none.
      if (answer.written) answers.push(this.#settled(settlement, item));
      else answers.push(await this.#answerRefused(settlement, item, answer));
    }
    const isMoreDue = answers.some(
      (answer, index) =>
        answer.status === "settled" &&
        (answer.outcome.kind === "release" || settlements[index]?.enqueue?.length),
    );
    if (isMoreDue) await this.notify();
    return answers;
  }

  #settled({ task }: p.Settlement, { outcome }: SettlementWrite): p.SettleAnswer {
    this.changed(task.lease.taskId);
    return { status: "settled", outcome };
  }

  /** Says why a settlement was not written; one whose schedule has changed is computed and written again. */
  async #answerRefused(
    settlement: p.Settlement,
    first: SettlementWrite,
    answer: WriteAnswer,
  ): Promise<p.SettleAnswer> {
    let item = first;
    let written = answer;
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      if (written.written) return this.#settled(settlement, item);
      const refusal = settleRefusal(settlement.task.lease.token, item.outcomeDigest, written.current);
      if (refusal.status !== "outdated" || !written.current) return refusal;
      const again = this.prepareSettlement(settlement, written.current);
      if (again instanceof Error) return { status: "error", error: again };
      item = again;
      written = (await this.doWrite([again.write])).answers[0] as WriteAnswer;
    }
    return { status: "outdated" };
  }
}

/** The writes of those that can be made. */
export function writesOf(work: readonly (SettlementWrite | Error)[]): TaskWrite[] {
  return work.flatMap((item) => (item instanceof Error ? [] : [item.write]));
}

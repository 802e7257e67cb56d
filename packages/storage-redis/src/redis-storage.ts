import { ValidationError, StorageError, uuidV7 } from "@omniq/core";
import { BaseStorage, packageVersion, recordOf } from "@omniq/core/storage";
import type * as h from "@omniq/core/storage";
import { type Chunk, chunksOf, removeInSteps } from "./chunks.ts";
import { Connection } from "./connection.ts";
import { type StreamEntry, eventPage } from "./event-page.ts";
import { FORMAT, checkFormat } from "./format.ts";
import { type RedisStorageOptions, type Settings, settingsOf } from "./redis-options.ts";
import {
  type ClaimReply,
  type Claimed,
  claimedTasks,
  inTurn,
  insertAnswer,
  renewAnswer,
  unpackRows,
  writeAnswer,
} from "./replies.ts";
import {
  importArguments,
  insertArguments,
  packEvent,
  packResult,
  unpackResult,
  unpackTask,
  writeArguments,
} from "./row-codec.ts";
import { Scripts } from "./scripts.ts";
import { checkFacts, readFacts, warnOfRisks } from "./server-check.ts";
import { WakeListener } from "./wake-listener.ts";

/**
 * Tasks in Redis, which any number of hosts may share. Every change is one Lua script; the server's clock decides what
 * is due; workers elsewhere are woken by a message.
 */
export class RedisStorage extends BaseStorage {
  readonly prefix: string;
  readonly #settings: Settings;
  readonly #scripts: Scripts;
  /** What the keys of this store begin with. The braces keep them in one slot of a cluster. */
  readonly #base: string;
  readonly #instance = uuidV7();
  #claims = 0;
  #announced = 0;
  #connection: Connection | null = null;

  /** Connects to nothing: the first call does. @throws ValidationError for a bad option */
  constructor(urlOrOptions: string | RedisStorageOptions = {}) {
    const options = typeof urlOrOptions === "string" ? { url: urlOrOptions } : urlOrOptions;
    const settings = settingsOf(options);
    super(
      {
        name: "redis",
        version: packageVersion(import.meta.url),
        capabilities: {
          durable: true,
          multiProcess: true,
          multiHost: true,
          remote: true,
          serverTime: true,
          wakeup: true,
          strictOrder: true,
          batchAtomic: true,
          eventsTransactional: true,
          survivesServerCrash: settings.always,
          survivesPowerLoss: settings.always,
        },
      },
      options,
    );
    this.#settings = settings;
    this.#scripts = new Scripts(settings.testClock);
    this.prefix = settings.prefix;
    this.#base = `{${settings.prefix}}:`;
  }

  /** For tests only. @throws ValidationError `invalid_test_clock` for a store without the option `testClock` */
  async setTestClock(now: number): Promise<void> {
    if (!this.#settings.testClock) {
      const message = "Only a store with the option testClock has one to set.";
      throw new ValidationError("invalid_test_clock", message, { field: "testClock" });
    }
    await this.open();
    await this.#redis.command("HSET", this.#key("meta"), "clock", now);
  }

  protected async doOpen(): Promise<void> {
    const connection = await Connection.open(this.#settings);
    try {
      const facts = await readFacts(connection);
      checkFacts(facts, connection.server, this.#settings);
      await checkFormat(this.#base, (args) => connection.run(this.#scripts.get("open"), this.#base, args));
      warnOfRisks(facts, connection.server);
      this.#connection = connection;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  protected async doClose(): Promise<void> {
    this.#connection?.close();
    this.#connection = null;
  }

  protected async doDestroy(): Promise<void> {
    await this.#redis.removeKeys(this.#key("*"));
  }

  protected async doDescribe(): Promise<h.DescribeHookResult> {
    const { version, mode, durability } = await readFacts(this.#redis);
    return { durability, versions: { redis: version, mode, schema: String(FORMAT) } };
  }

  protected async doEnqueue({ groups }: h.EnqueueHookParams): Promise<h.EnqueueHookResult> {
    const answers: h.InsertAnswer[][] = [];
    let now = 0;
    for (const { items, args } of chunksOf(groups, (group) => group.flatMap(insertArguments))) {
      const sizes = items.map((group) => group.length).join(",");
      const [instant, letters, ...twins] = (await this.#run("enqueue", [sizes, ...args])) as string[];
      now = Number(instant);
      let next = 0;
      for (const group of items)
        answers.push(group.map(({ id }) => insertAnswer(letters?.[next++], id, twins)));
    }
    this.#announced++;
    return { now, groups: answers };
  }

  protected async doDequeue(params: h.DequeueHookParams): Promise<h.DequeueHookResult> {
    const [now, claimed] = (await this.#run("dequeue", this.#claimArguments(params))) as [string, ClaimReply];
    return { now: Number(now), ...(await this.#claimed(claimed, params)) };
  }

  protected async doWrite(writes: readonly h.TaskWrite[]): Promise<h.WriteHookResult> {
    const answers: h.WriteAnswer[] = [];
    let now = await this.#nowUnless(writes.length > 0);
    for (const { items, args } of chunksOf(writes, writeArguments)) {
      const [instant, replies] = (await this.#run("change", writeCall(items, args))) as [string, unknown[]];
      now = Number(instant);
      answers.push(...items.map((write, index) => writeAnswer(write, replies[index])));
    }
    return { now, answers };
  }

  protected override async doExchange(
    writes: readonly h.TaskWrite[],
    params: h.DequeueHookParams,
  ): Promise<h.ExchangeHookResult> {
    const chunks = chunksOf(writes, writeArguments);
    const last: Chunk<h.TaskWrite> = chunks.pop() ?? { items: [], args: [] };
    const earlier = chunks.flatMap(({ items }) => items);
    const answers = earlier.length > 0 ? [...(await this.doWrite(earlier)).answers] : [];
    const args = [...writeCall(last.items, last.args), ...this.#claimArguments(params)];
    const [now, replies, claimed] = (await this.#run("exchange", args)) as [string, unknown[], ClaimReply];
    answers.push(...last.items.map((write, index) => writeAnswer(write, replies[index])));
    return { now: Number(now), answers, ...(await this.#claimed(claimed, params)) };
  }

  protected async doRenew(renewals: readonly h.RenewHookItem[]): Promise<h.RenewHookResult> {
    const answers: h.RenewHookAnswer[] = [];
    let now = await this.#nowUnless(renewals.length > 0);
    const argumentsOf = ({ id, token, leaseMs, progress }: h.RenewHookItem): string[] => {
      return [id, token, String(leaseMs), progress ?? ""];
    };
    for (const { items, args } of chunksOf(renewals, argumentsOf)) {
      const [instant, replies] = (await this.#run("renew", args)) as [string, unknown[]];
      now = Number(instant);
      answers.push(...items.map((renewal, index) => renewAnswer(renewal, replies[index])));
    }
    return { now, answers };
  }

  protected async doGetTask(taskId: string): Promise<h.StoredTask | null> {
    const row = (await this.#redis.command("HGET", this.#key("tasks"), taskId)) as string | null;
    return row === null ? null : unpackTask(taskId, row);
  }

  protected async doListTasks(params: h.ListHookParams): Promise<h.ListHookResult> {
    const { queue, status, name, cursor, limit } = params;
    const found: h.SequencedTask[] = [];
    for (let last = cursor ?? "-1"; last !== "" && found.length <= limit;) {
      const args = [last, String(limit + 1 - found.length), queue ?? "", status ?? "", name ?? ""];
      const [next = "", ...rows] = (await this.#run("list", args)) as string[];
      found.push(...unpackRows(rows));
      last = next;
    }
    const tasks = found.slice(0, limit);
    const more = found.length > limit;
    return { tasks: tasks.map(recordOf), cursor: more ? String(tasks.at(-1)?.sequence) : null };
  }

  protected async doCountTasks(): Promise<readonly h.TaskCount[]> {
    const counts = inTurn((await this.#run("count", [])) as string[], 3);
    return counts.map(([queue, status, count]) => ({ queue, status, count: Number(count) }) as h.TaskCount);
  }

  protected async doListQueues(): Promise<readonly h.QueueInfo[]> {
    const queues = inTurn((await this.#redis.command("HGETALL", this.#key("queues"))) as string[], 2);
    return queues.map(([name, paused]) => ({ name, paused: paused === "1" }) as h.QueueInfo);
  }

  protected async doSetQueuePaused(name: string, paused: boolean): Promise<void> {
    await this.#redis.command("HSET", this.#key("queues"), name, paused ? "1" : "0");
  }

  protected async doPurge({ before, limit, status }: h.PurgeHookParams): Promise<number> {
    return removeInSteps(limit, (most) => this.#run("purge", [String(before), most, status ?? ""]));
  }

  protected async doNextDue(queues: readonly string[]): Promise<{ now: number; at: number | null }> {
    const [now, at] = (await this.#run("next-due", queues)) as string[];
    return { now: Number(now), at: at ? Number(at) : null };
  }

  protected async doImportTasks(
    tasks: readonly h.ImportedTask[],
  ): Promise<readonly ("created" | "existing")[]> {
    let letters = "";
    for (const { args } of chunksOf(tasks, importArguments))
      letters += String(await this.#run("import", args));
    return letters.split("").map((letter) => (letter === "c" ? "created" : "existing"));
  }

  protected async doGetResult({ taskId, run }: h.ResultKey): Promise<h.ResultRecord | null> {
    const found = (await this.#run("get-result", [taskId, String(run ?? "")])) as [string, string] | null;
    return found && unpackResult(taskId, Number(found[0]), found[1]);
  }

  protected async doPutResult({ taskId, result, pendingToken }: h.ResultHookParams): Promise<void> {
    const { run, ttlMs } = result;
    await this.#run("put-result", [
      taskId,
      String(run),
      String(ttlMs ?? ""),
      packResult(result, pendingToken),
    ]);
  }

  protected async doDeleteResult({ taskId, run }: h.ResultKey): Promise<boolean> {
    return Number(await this.#run("delete-result", [taskId, String(run ?? "")])) > 0;
  }

  protected async doPurgeResults(limit: number): Promise<number> {
    return removeInSteps(limit, (most) => this.#run("purge-results", [most]));
  }

  protected async doAppendEvents(events: readonly h.EventInsert[]): Promise<void> {
    for (const { args } of chunksOf(events, (event) => [packEvent(event)]))
      await this.#run("append-events", args);
  }

  protected async doQueryEvents(params: h.EventsHookParams): Promise<h.EventsHookResult> {
    return eventPage(params, async (after, count) => {
      const range = [this.#key("events"), `(${after}-0`, "+", "COUNT", count] as const;
      return (await this.#redis.command("XRANGE", ...range)) as StreamEntry[];
    });
  }

  protected async doPurgeEvents(before: number, limit: number): Promise<number> {
    return removeInSteps(limit, (most) => this.#run("purge-events", [String(before), most]));
  }

  protected override async doNotify(): Promise<void> {
    // The script that enqueues has announced it already.
    if (this.#announced > 0) this.#announced--;
    else await this.#redis.command("PUBLISH", this.#key("wake"), "");
  }

  protected override async doWatch(onHint: () => void): Promise<h.Watch | null> {
    const listener = new WakeListener(
      this.#redis.client,
      this.#key("wake"),
      this.#settings.timeoutMs,
      onHint,
    );
    await listener.start();
    return listener;
  }

  get #redis(): Connection {
    if (!this.#connection) throw new StorageError("not_open", "The store is not open");
    return this.#connection;
  }

  #key(name: string): string {
    return this.#base + name;
  }

  #run(name: string, args: readonly string[]): Promise<unknown> {
    return this.#redis.run(this.#scripts.get(name), this.#base, args);
  }

  async #nowUnless(isKnownLater: boolean): Promise<number> {
    return isKnownLater ? 0 : (await this.doNextDue([])).now;
  }

  async #claimed(reply: ClaimReply, { queues }: h.DequeueHookParams): Promise<Claimed> {
    const tasks = claimedTasks(reply);
    for (const id of tasks.unreadable) await this.#run("set-aside", [id, ...queues.map(({ name }) => name)]);
    return tasks;
  }

  /** Where the client might send the command again, the call is stamped, so that it claims once. */
  #claimArguments({ queues, limit, workerId, leaseMs, events }: h.DequeueHookParams): string[] {
    const stamp = this.#redis.resends ? `${this.#instance}:${++this.#claims}` : "";
    const call = [
      String(limit),
      workerId,
      String(leaseMs),
      events.claimed ?? "",
      events.recovered ?? "",
      stamp,
    ];
    return [...call, ...queues.flatMap((queue) => [queue.name, String(queue.limit)])];
  }
}

function writeCall(writes: readonly h.TaskWrite[], args: readonly string[]): string[] {
  return [String(writes.length), ...writes.map(({ id }) => id), ...args];
}

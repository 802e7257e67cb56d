import { setTimeout as delay } from "node:timers/promises";
import { freePort } from "./free-port.ts";
import { type RedisServer, startRedis } from "./redis-server.ts";
import { talkToRedis } from "./redis-talk.ts";

/** Three masters of one cluster that only this process knows of. */
export interface RedisCluster {
  /** Of one node; a client finds the others by it. */
  readonly url: string;
  readonly nodes: readonly RedisServer[];
  stop(): Promise<void>;
}

const SLOTS = 16_384;
const MASTERS = 3;
const AGREE_LIMIT_MS = 60_000;

/** Starts three local masters with the slots spread among them, and waits until they agree. */
export async function startRedisCluster(): Promise<RedisCluster> {
  const nodes: RedisServer[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(nodes.map((node) => node.stop()));
  };
  try {
    for (let index = 0; index < MASTERS; index++) nodes.push(await startNode());
    const [first] = nodes as [RedisServer];
    for (const [index, node] of nodes.entries()) {
      const from = Math.floor((index * SLOTS) / MASTERS);
      const to = Math.floor(((index + 1) * SLOTS) / MASTERS) - 1;
      await expectOk(node, `CLUSTER ADDSLOTSRANGE ${from} ${to}`);
      // Else a node would count itself as a newcomer that owns nothing where two claim a slot.
      await expectOk(node, `CLUSTER SET-CONFIG-EPOCH ${index + 1}`);
    }
    for (const node of nodes.slice(1)) {
      await expectOk(node, `CLUSTER MEET ${first.host} ${first.port} ${await busPort(first)}`);
    }
    const giveUpAt = Date.now() + AGREE_LIMIT_MS;
    while (!(await agree(nodes))) {
      if (Date.now() > giveUpAt) throw new Error("The nodes of the cluster do not agree");
      await delay(50);
    }
    return { url: first.url, nodes, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startNode(): Promise<RedisServer> {
  return startRedis({
    // A node that is killed keeps what it acknowledged only so: with `everysec`, Redis holds writes back while a sync is slow.
    appendfsync: "always",
    args: [
      "--cluster-enabled",
      "yes",
      "--cluster-port",
      String(await freePort()),
      "--cluster-node-timeout",
      "5000",
    ],
  });
}

async function busPort(node: RedisServer): Promise<string> {
  const nodes = await talkToRedis(node, "CLUSTER NODES");
  const port = /@(\d+)/.exec(nodes)?.[1];
  if (port === undefined) throw new Error(`No bus port in: ${nodes}`);
  return port;
}

async function agree(nodes: readonly RedisServer[]): Promise<boolean> {
  const states = await Promise.all(nodes.map((node) => talkToRedis(node, "CLUSTER INFO")));
  return states.every(
    (state) => state.includes("cluster_state:ok") && state.includes(`cluster_known_nodes:${MASTERS}`),
  );
}

async function expectOk(node: RedisServer, command: string): Promise<void> {
  const reply = await talkToRedis(node, command);
  if (reply !== "+OK") throw new Error(`${command}: ${reply}`);
}

import { once } from "node:events";
import { type AddressInfo, type Socket, connect, createServer } from "node:net";

/** A wire to a server that can go silent: nothing gets through any more, and nobody is told. */
export interface Wire {
  readonly host: string;
  readonly port: number;
  /** Whether a new connection goes silent as soon as the server has greeted it. */
  onlyGreets: boolean;
  /** The connections that there are go silent, for good. */
  silence(): void;
  /** What clients send waits here from now on. */
  hold(): void;
  /** What has waited goes on, though whoever sent it may be gone. Resolves once the server is through with what those sent. */
  letGo(): Promise<void>;
  close(): Promise<void>;
}

export async function wireTo(target: { readonly host: string; readonly port: number }): Promise<Wire> {
  const lines = new Set<readonly Socket[]>();
  const silence = (line: readonly Socket[]): void => line.forEach((socket) => void socket.pause());
  let held: Map<Socket, Buffer[]> | null = null;
  const listener = createServer((client) => {
    const server = connect(target);
    const line = [client, server] as const;
    lines.add(line);
    client.on("data", (data) => {
      if (held) held.set(server, [...(held.get(server) ?? []), data]);
      else server.write(data);
      // It has asked to be greeted by this, and the superuser has no password to be asked for.
      if (wire.onlyGreets) client.pause();
    });
    server.on("data", (data) => client.write(data));
    for (const [from, to] of [line, line.toReversed()] as [Socket, Socket][]) {
      from.on("error", () => to.destroy());
      from.on("close", () => {
        if (!held?.has(to)) to.destroy();
        lines.delete(line);
      });
    }
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const wire: Wire = {
    host: "127.0.0.1",
    port: (listener.address() as AddressInfo).port,
    onlyGreets: false,
    silence: () => lines.forEach(silence),
    hold: () => void (held ??= new Map()),
    async letGo() {
      const waiting = [...(held ?? [])];
      held = null;
      const done = waiting.map(([server, sent]) => {
        server.end(Buffer.concat(sent));
        return once(server, "close");
      });
      await Promise.all(done);
    },
    async close() {
      for (const socket of [...lines].flat()) socket.destroy();
      listener.close();
      await once(listener, "close");
    },
  };
  return wire;
}

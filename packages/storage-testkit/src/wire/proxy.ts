import { once } from "node:events";
import { type AddressInfo, type Server, type Socket, connect, createServer } from "node:net";

/** What a wire does to a connection. */
interface Line {
  readonly client: Socket;
  readonly server: Socket;
  /** A frozen line passes nothing on and tells nobody. */
  isFrozen: boolean;
}

/**
 * A wire between a store and its server, which can be cut, frozen, or made to lose one reply. What comes through it is
 * passed on as it is.
 */
export class Proxy {
  readonly #target: { readonly host: string; readonly port: number };
  readonly #lines = new Set<Line>();
  readonly #listener: Server;
  #repliesUntilLoss = Infinity;
  #lost = 0;
  #isDown = false;
  #freezesNew = false;

  private constructor(target: { readonly host: string; readonly port: number }) {
    this.#target = target;
    this.#listener = createServer((client) => this.#join(client));
  }

  static async to(target: { readonly host: string; readonly port: number }): Promise<Proxy> {
    const proxy = new Proxy(target);
    proxy.#listener.listen(0, "127.0.0.1");
    await once(proxy.#listener, "listening");
    return proxy;
  }

  /** Where a store connects to in place of its server. */
  get address(): { readonly host: string; readonly port: number } {
    return { host: "127.0.0.1", port: (this.#listener.address() as AddressInfo).port };
  }

  /** How many replies were lost on the wire so far. */
  get lost(): number {
    return this.#lost;
  }

  /** The `number`th reply from now is lost: the server has done what it answers, and the connection ends instead. */
  loseReply(number: number): void {
    this.#repliesUntilLoss = number;
  }

  /** Ends every connection there is. */
  cut(): void {
    for (const { client, server } of this.#lines) {
      client.destroy();
      server.destroy();
    }
  }

  /** Every connection there is goes silent, and nobody is told; a new one works, unless `newToo`. */
  freeze(newToo: boolean): void {
    for (const line of this.#lines) line.isFrozen = true;
    this.#freezesNew = newToo;
  }

  /** Ends every connection and lets none in. */
  takeDown(): void {
    this.#isDown = true;
    this.cut();
  }

  /** Lets everything through from now on. What was frozen is cut: its peers hear of it only now. */
  restore(): void {
    this.#isDown = false;
    this.#freezesNew = false;
    this.#repliesUntilLoss = Infinity;
    for (const { client, server, isFrozen } of this.#lines) {
      if (!isFrozen) continue;
      client.destroy();
      server.destroy();
    }
  }

  async close(): Promise<void> {
    this.cut();
    this.#listener.close();
    await once(this.#listener, "close");
  }

  #join(client: Socket): void {
    if (this.#isDown) return void client.destroy();
    const server = connect(this.#target);
    const line: Line = { client, server, isFrozen: this.#freezesNew };
    this.#lines.add(line);
    client.setNoDelay(true);
    server.setNoDelay(true);
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      // Whatever ends one side ends the other.
      from.on("error", () => to.destroy());
      from.on("close", () => {
        if (!line.isFrozen) to.destroy();
        // A frozen line tells nobody: its other side stays, until the line is cut.
        if (client.closed && server.closed) this.#lines.delete(line);
      });
    }
    client.on("data", (data) => void (line.isFrozen || server.write(data)));
    server.on("data", (data) => this.#reply(line, data));
  }

  #reply(line: Line, data: Buffer): void {
    if (line.isFrozen) return;
    if (--this.#repliesUntilLoss > 0) return void line.client.write(data);
    this.#repliesUntilLoss = Infinity;
    this.#lost++;
    line.client.destroy();
    line.server.destroy();
  }
}

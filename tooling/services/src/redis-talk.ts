import { connect } from "node:net";

/** Where a server of Redis listens, and what it asks for. */
export interface RedisAddress {
  readonly host: string;
  readonly port: number;
  readonly password?: string | undefined;
}

/** How long a server may take to answer one command before it counts as not there. */
const ANSWER_LIMIT_MS = 2_000;

/**
 * Sends one command over a connection of its own and answers the reply: the text of a bulk reply, or the line as it
 * stands, such as `+PONG` or `-NOAUTH ...`. Enough to set servers up without a client library.
 */
export function talkToRedis({ host, port, password }: RedisAddress, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, host);
    let received = "";
    let awaitsLogin = password !== undefined;
    const end = (settle: () => void): void => {
      socket.destroy();
      settle();
    };
    socket.setTimeout(ANSWER_LIMIT_MS, () => end(() => reject(new Error(`No answer from port ${port}`))));
    socket.on("error", (error) => end(() => reject(error)));
    socket.on("close", () => reject(new Error(`Port ${port} closed the connection`)));
    socket.on("connect", () => socket.write(`${awaitsLogin ? `AUTH ${password}` : command}\r\n`));
    socket.on("data", (chunk) => {
      received += chunk.toString("latin1");
      const reply = wholeReply(received);
      if (reply === null) return;
      if (!awaitsLogin) {
        end(() => resolve(reply));
        return;
      }
      awaitsLogin = false;
      received = "";
      socket.write(`${command}\r\n`);
    });
  });
}

/** The reply, once all of it is there. */
function wholeReply(received: string): string | null {
  const end = received.indexOf("\r\n");
  if (end === -1) return null;
  const line = received.slice(0, end);
  if (!line.startsWith("$")) return line;
  const from = end + 2;
  const to = from + Number(line.slice(1));
  return received.length < to ? null : received.slice(from, to);
}

import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, type Socket, connect, createServer } from "node:net";
import { describe, it, onTestFinished } from "vitest";
import { Proxy } from "../src/wire/proxy.ts";

/** A server that says everything back, and a wire to it. */
async function echo(): Promise<{ proxy: Proxy; dial: () => Promise<Socket>; heard: string[] }> {
  const heard: string[] = [];
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", (data) => {
      heard.push(data.toString());
      socket.write(data);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const proxy = await Proxy.to({ host: "127.0.0.1", port: (server.address() as AddressInfo).port });
  onTestFinished(async () => {
    await proxy.close();
    server.close();
  });
  const dial = async (): Promise<Socket> => {
    const socket = connect(proxy.address);
    socket.on("error", () => {});
    await once(socket, "connect");
    return socket;
  };
  return { proxy, dial, heard };
}

async function ask(socket: Socket, text: string): Promise<string> {
  socket.write(text);
  const [data] = (await once(socket, "data")) as [Buffer];
  return data.toString();
}

describe("a wire", () => {
  it("passes on what is said", async () => {
    const { dial } = await echo();
    assert.equal(await ask(await dial(), "hello"), "hello");
  });

  it("loses one reply, the server having heard the question", async () => {
    const { proxy, dial, heard } = await echo();
    const socket = await dial();
    proxy.loseReply(2);
    assert.equal(await ask(socket, "one"), "one");
    socket.write("two");
    await once(socket, "close");
    assert.deepEqual(heard, ["one", "two"]);
    assert.equal(proxy.lost, 1);
    assert.equal(await ask(await dial(), "three"), "three");
  });

  it("goes silent for those who are connected, and not for others", async () => {
    const { proxy, dial, heard } = await echo();
    const socket = await dial();
    await ask(socket, "one");
    proxy.freeze(false);
    socket.write("two");
    assert.equal(await ask(await dial(), "three"), "three");
    assert.deepEqual(heard, ["one", "three"]);
    proxy.restore();
    await once(socket, "close");
  });

  it("is cut, and down, and back", async () => {
    const { proxy, dial } = await echo();
    const socket = await dial();
    proxy.takeDown();
    await once(socket, "close");
    await once(await dial(), "close");
    proxy.restore();
    assert.equal(await ask(await dial(), "again"), "again");
  });
});

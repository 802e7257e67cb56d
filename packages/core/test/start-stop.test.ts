import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { StartStop } from "../src/worker/start-stop.ts";

/** A service that notes what it does. */
function noted(steps: { start?: () => Promise<void>; stop?: () => Promise<void> } = {}): {
  service: StartStop;
  seen: string[];
} {
  const seen: string[] = [];
  const service = new StartStop({
    start: async () => {
      seen.push("start");
      await steps.start?.();
    },
    stop: async () => {
      seen.push("stop");
      await steps.stop?.();
    },
  });
  return { service, seen };
}

describe("a service", () => {
  it("goes through its states, once", async () => {
    const { service } = noted();
    const states = [service.state];
    const starting = service.start();
    states.push(service.state);
    await starting;
    states.push(service.state);
    const stopping = service.stop();
    await Promise.resolve().then(() => Promise.resolve());
    await stopping;
    states.push(service.state);
    assert.deepEqual(states, ["idle", "starting", "running", "stopped"]);
  });

  it("is started once and stopped once, however often it is asked to", async () => {
    const { service, seen } = noted();
    await Promise.all([service.start(), service.start()]);
    await service.start();
    await Promise.all([service.stop(), service.stop()]);
    await service.stop();
    assert.deepEqual(seen, ["start", "stop"]);
  });

  it("tells whoever waits that it has stopped", async () => {
    const { service, seen } = noted();
    const stopped = service.stopped.then(() => seen.push("told"));
    await service.start();
    await service.stop();
    await stopped;
    assert.deepEqual(seen, ["start", "stop", "told"]);
  });

  it("that could not start may be started again", async () => {
    let broken = true;
    const { service, seen } = noted({
      start: () => (broken ? Promise.reject(new Error("no port")) : Promise.resolve()),
    });
    await assert.rejects(Promise.all([service.start(), service.start()]), { message: "no port" });
    assert.equal(service.state, "idle");
    broken = false;
    await service.start();
    assert.equal(service.state, "running");
    assert.deepEqual(seen, ["start", "start"]);
  });

  it("that is stopped while it starts is stopped after that", async () => {
    const started = Promise.withResolvers<void>();
    const { service, seen } = noted({ start: () => started.promise });
    const starting = service.start();
    const stopping = service.stop();
    assert.deepEqual(seen, ["start"]);
    started.resolve();
    await Promise.all([starting, stopping]);
    assert.deepEqual(seen, ["start", "stop"]);
    assert.equal(service.state, "stopped");
  });

  it("that is stopped while its start fails has nothing to stop", async () => {
    const started = Promise.withResolvers<void>();
    const { service, seen } = noted({ start: () => started.promise });
    const starting = service.start();
    const stopping = service.stop();
    started.reject(new Error("no port"));
    await assert.rejects(starting, { message: "no port" });
    await stopping;
    await service.stopped;
    assert.deepEqual(seen, ["start"]);
    assert.equal(service.state, "stopped");
  });

  it("that was never started has nothing to stop, and stays stopped", async () => {
    const { service, seen } = noted();
    await service.stop();
    await service.start();
    await service.stopped;
    assert.deepEqual(seen, []);
    assert.equal(service.state, "stopped");
  });

  it("that fails to stop says so to all who ask", async () => {
    const { service } = noted({ stop: () => Promise.reject(new Error("stuck")) });
    await service.start();
    await assert.rejects(service.stop(), { message: "stuck" });
    await assert.rejects(service.stop(), { message: "stuck" });
    await assert.rejects(service.stopped, { message: "stuck" });
    assert.equal(service.state, "stopped");
  });
});

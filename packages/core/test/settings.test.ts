import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { readSettings } from "../src/facade/settings.ts";

describe("settings from the environment", () => {
  it("are nothing where nothing is set", () => {
    assert.deepEqual(readSettings({ OMNIQ_CONCURRENCY: " " }), { worker: {} });
  });

  it("are what the variables say", () => {
    const env = {
      OMNIQ_URL: "memory:",
      OMNIQ_EVENTS: "ALL",
      OMNIQ_CONCURRENCY: "8",
      OMNIQ_PREFETCH: "0",
      OMNIQ_QUEUES: "mail, bulk:2",
      OMNIQ_POLL_INTERVAL: "2",
      OMNIQ_LEASE: "1m",
      OMNIQ_SHUTDOWN_TIMEOUT: "0.5",
      OMNIQ_WORKER_ID: "w-1",
    };
    assert.deepEqual(readSettings(env), {
      url: "memory:",
      events: "all",
      worker: {
        concurrency: 8,
        prefetch: 0,
        queues: ["mail", { name: "bulk", weight: 2 }],
        pollInterval: 2,
        lease: "1m",
        shutdownTimeout: 0.5,
        workerId: "w-1",
      },
    });
  });

  it.each([
    ["OMNIQ_CONCURRENCY", "many"],
    ["OMNIQ_CONCURRENCY", "0"],
    ["OMNIQ_PREFETCH", "-1"],
    ["OMNIQ_QUEUES", "mail,,bulk"],
    ["OMNIQ_LEASE", "soon"],
    ["OMNIQ_EVENTS", "some"],
  ])("name the variable that cannot be used: %s=%s", (variable, value) => {
    assert.throws(() => readSettings({ [variable]: value }), {
      name: "ValidationError",
      code: "invalid_setting",
      field: variable,
      message: new RegExp(`^${variable}="${value}" is not usable\\.`),
    });
  });

  it.each([
    ["OMNIQ_LEASE", "soon", "It is no duration\\. Write "],
    ["OMNIQ_LEASE", "5 moons", '"moons" is no unit\\. Write '],
    ["OMNIQ_EVENTS", "some", "It must be one of "],
    ["OMNIQ_CONCURRENCY", "many", "It must be a whole number "],
  ])("say once what is wrong with them: %s=%s", (variable, value, why) => {
    assert.throws(() => readSettings({ [variable]: value }), {
      message: new RegExp(`^${variable}="${value}" is not usable\\. ${why}`),
    });
  });
});

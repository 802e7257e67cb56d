import { testStorage } from "@omniq/storage-testkit/vitest";
import { harness } from "./support/durable-harness.ts";

testStorage(harness);

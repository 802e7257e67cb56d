import { testStorage } from "@omniq/storage-testkit/vitest";
import { harness } from "./archive-harness.ts";

testStorage(harness);

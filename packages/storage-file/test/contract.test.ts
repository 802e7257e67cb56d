import { testStorage } from "@omniq/storage-testkit/vitest";
import { harness } from "./harness.ts";

testStorage(harness);

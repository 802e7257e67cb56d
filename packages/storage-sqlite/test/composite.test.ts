import { testStorage } from "@omniq/storage-testkit/vitest";
import { harness } from "./harness-composite.ts";

testStorage(harness);

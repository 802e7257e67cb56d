import { testStorage } from "@omniq/storage-testkit/vitest";
import { harness } from "./harness-15.ts";

testStorage(harness);

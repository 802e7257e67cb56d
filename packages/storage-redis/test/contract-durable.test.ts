import { harness } from "./support/durable-harness.ts";
import { proveRules } from "./support/prove-rules.ts";

/**
 * A server that syncs its log before it answers differs in what survives it and in what it may therefore declare; the
 * rest of the contract is proved where it syncs each second.
 */
proveRules(harness, ["DUR-2", "DUR-3", "DUR-4", "DUR-6", "CAP-1", "CAP-2"]);

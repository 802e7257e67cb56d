import { harness } from "./support/cluster-harness.ts";
import { proveRules } from "./support/prove-rules.ts";

/**
 * The scripts are those of a single server, so what they decide is proved there. A cluster can refuse a script for its
 * keys, send a client on, run a command on the wrong node, or have its client behave otherwise. So these rules stand for:
 * each script on keys of its own (ids with braces, which would be hash tags, among them); callers at the same time;
 * what goes to any node (settings, hints) or must reach the right one (removal); and how a client of many connections
 * ends.
 *
 * The rules that break the wire are not among them: nodes send their clients to one another, past the kit's proxy. Nor
 * is LIF-2, which takes a store to be open within a few turns of the event loop.
 */
const RULES = [
  ["ENQ-1", "ENQ-6", "ENQ-9", "CLM-2", "CLM-3", "CLM-9", "LSE-6", "LSE-8", "LSE-10"],
  ["FIN-1", "FIN-7", "GET-2", "GET-4", "GET-5", "RSC-2", "SCH-1"],
  ["RES-2", "RES-3", "EVT-4", "QUE-1", "QUE-2", "QUE-3", "QUE-4", "DAT-3", "DAT-5"],
  ["DUR-6", "LIF-3", "LIF-4", "CAP-1"],
].flat();

proveRules(harness, RULES);

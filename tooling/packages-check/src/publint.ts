import { publint } from "publint";
import { formatMessage } from "publint/utils";

import type { Packed } from "./pack.ts";

/** Whether the manifest leads to files that exist and are what it says. Suggestions count. */
export async function judgeWithPublint({ unpacked }: Packed): Promise<string[]> {
  const { messages, pkg } = await publint({ pkgDir: unpacked, pack: false, strict: true });
  return messages.map(
    (message) => `publint: ${formatMessage(message, pkg, { color: false }) ?? message.code}`,
  );
}

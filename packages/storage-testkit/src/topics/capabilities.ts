import { CAPABILITY_FACTS, CAPABILITY_FLAGS } from "../capabilities.ts";
import { expectThat } from "../expect.ts";
import type { Rule } from "../rule.ts";

/** Rules about what a store says that it can do. */
export const capabilityRules: readonly Rule[] = [
  {
    id: "CAP-1",
    level: "required",
    kinds: ["audit"],
    since: "1.0",
    topic: "capabilities",
    statement: "Capabilities are a closed list, and what one rests on is declared with it.",
    why: "Who reads what a store can do must not have to guess what that takes.",
    checks: [
      {
        name: "each that is declared is known, and declared with what it rests on",
        async run({ capabilities }) {
          for (const [name, value] of Object.entries(capabilities)) {
            if (typeof value === "boolean") {
              expectThat(name in CAPABILITY_FACTS, `the store declares ${name}, which is no capability`);
            } else {
              expectThat(
                Number.isSafeInteger(value) && value > 0,
                `the store declares ${name} as ${String(value)}, expected a whole number above 0`,
              );
            }
          }
          for (const flag of CAPABILITY_FLAGS.filter((name) => capabilities[name])) {
            const missing = CAPABILITY_FACTS[flag].with.filter((other) => !capabilities[other]);
            expectThat(
              missing.length === 0,
              `the store declares ${flag}, and not ${missing.join(", ")}, which it rests on`,
            );
          }
        },
      },
      {
        name: "serverTime comes with a harness that can set that time",
        needs: "serverTime",
        async run({ place }) {
          expectThat(
            place.setNow !== undefined,
            "the store declares serverTime, and the harness gives no setNow()",
          );
        },
      },
    ],
  },
  {
    id: "CAP-2",
    level: "required",
    kinds: ["unit"],
    since: "1.0",
    topic: "capabilities",
    statement: "Where a capability is not declared, what is promised instead of it holds.",
    why: "The absence of a promise must be something to rely on, too.",
    checks: CAPABILITY_FLAGS.map((flag) => ({
      name: `without ${flag}, ${CAPABILITY_FACTS[flag].instead}`,
      without: flag,
      run: (context) => CAPABILITY_FACTS[flag].negative(context),
    })),
  },
  {
    id: "CAP-3",
    level: "recommended",
    kinds: ["audit"],
    since: "1.0",
    topic: "capabilities",
    statement: "A capability that works though it is not declared is reported.",
    why: "An author who forgot to declare it sells the store short, and the rules about it are not asked.",
    checks: CAPABILITY_FLAGS.map((flag) => ({
      name: `whether ${flag} works undeclared`,
      without: flag,
      async run(context) {
        const works = await CAPABILITY_FACTS[flag].probe(context).catch(() => false);
        if (works === true) context.note(`${flag} was seen to work, and is not declared`);
      },
    })),
  },
];

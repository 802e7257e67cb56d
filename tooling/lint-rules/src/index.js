// A plugin for oxlint, which loads JavaScript only.

/** `new Date()` and `Date()` read the wall clock as Date.now does; `new Date(value)` does not. */
const noWallClock = {
  /** @param {{ report(problem: { node: unknown, message: string }): void }} context */
  create(context) {
    /** @param {{ callee: { type: string, name?: string }, arguments: unknown[] }} node */
    function look(node) {
      if (node.callee.type !== "Identifier" || node.callee.name !== "Date" || node.arguments.length > 0)
        return;
      context.report({
        node,
        message: "This reads the wall clock. Take the clock port, or the store's now.",
      });
    }
    return { NewExpression: look, CallExpression: look };
  },
};

// oxlint takes the default export of a plugin.
// oxlint-disable-next-line import/no-default-export
export default {
  meta: { name: "house" },
  rules: { "no-wall-clock": noWallClock },
};

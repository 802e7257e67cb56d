// The template's own suite, as a part of this workspace's.
export * from "../template/test/contract.test.ts";

/**
 * The version of the storage contract (docs/contract.md) that this package states. The first number changes
 * when a store that kept the old contract may fail the new one.
 */
export const CONTRACT_VERSION = "1.0";

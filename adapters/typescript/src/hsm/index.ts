/** `hsm` in memory, as its documentation describes it. Functions that users pass in may be async. */

export * from "./machine.js";
export * from "./node.js";
export * from "./registry.js";
export * from "./wire.js";

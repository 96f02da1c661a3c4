/** The longest that a step may wait, for a call or for others of its kind. */
export const maxWaitMs = 30 * 86_400_000;
/** Calls that one step may take; its outputs are kept in one row. */
export const maxWaitCalls = 1_000;

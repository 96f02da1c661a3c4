/** A component may say as much as it likes of a credential that it refuses; so much of it is kept for lists. */
export const longestFailure = 2_000;

/** The name of a ballot's schema and of its tool. */
export const BALLOT = "ballot";
/** The choice that is no label. */
export const IMPROVE = "improve";

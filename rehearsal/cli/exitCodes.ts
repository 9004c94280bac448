export const DONE = 0;
export const FAILED = 1;
/** The command line itself was wrong. */
export const BAD_INPUT = 2;

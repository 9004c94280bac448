/** Environment variable of `npm run test:real`: checkers that are packages of Debian's may be fetched into the cache. */
export const FETCH_CHECKERS = "KEYBUZZ_FETCH_CHECKERS";

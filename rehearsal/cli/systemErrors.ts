/** What the operating system says, and what to do about it. */
const REMEDIES: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full: free some space, and run the same command again; it goes on where it stopped",
  EDQUOT: "your share of the disk is used up: free some space, and run the same command again",
  EROFS: "the disk is read-only: set KEYBUZZ_REHEARSAL_DIR to a folder that can be written to",
  EACCES:
    "you may not: set KEYBUZZ_REHEARSAL_DIR to a folder of your own, or take back the files that another user has made there",
  EMFILE: "too many open files: raise the limit (ulimit -n 4096), and run the same command again",
};

/** One sentence for an error of this machine's rather than of ours; undefined: it is none. */
export function systemError(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  const { code, path } = error as NodeJS.ErrnoException;
  const remedy = REMEDIES[code ?? ""];
  return remedy === undefined ? undefined : `${path ?? error.message} (${code}): ${remedy}.`;
}

import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { unfinished } from "@standin/common/unfinished";
import { GUEST_SUITES, imageRecipe, type GuestSuite, type ImageContents } from "./recipe";
import { run } from "./run";

/** Three and a half minutes on two idle cores. */
const BUILD_TIMEOUT_MS = 60 * 60_000;

export interface GoldenImage {
  /** Root file system; nothing may write to it. */
  readonly root: string;
  readonly hash: string;
}

export interface GoldenImageArgs extends ImageContents {
  /** Images are kept below it: machines/HASH. */
  readonly cacheDir: string;
  /** Asked for the archive to build from, where an image must be built. Default: the one that this machine's apt uses. */
  readonly mirror?: () => Promise<string>;
  readonly log: (line: string) => void;
}

/** Where an image of this hash lies, whether or not it is there. */
export function imageRoot(cacheDir: string, hash: string): string {
  return join(cacheDir, "machines", hash);
}

/** The image that all machines boot from, built where it is not in the cache yet (about two minutes). */
export async function goldenImage(args: GoldenImageArgs): Promise<GoldenImage> {
  const { cacheDir, log } = args;
  const mirror = args.mirror ?? (() => ownMirror(args.suite ?? "bookworm"));
  const { script, hash } = imageRecipe(args);
  const root = imageRoot(cacheDir, hash);
  if (existsSync(root)) return { root, hash };
  const started = Date.now();
  log(`Building the machines' image once, from Debian's packages (a few minutes); it is kept in ${root}.`);
  mkdirSync(join(cacheDir, "machines"), { recursive: true });
  const building = unfinished(root);
  try {
    // In namespaces of its own: its mounts are nobody else's, and its processes end with it, as it ends with this one.
    const apart = ["unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child=KILL"];
    const build = ["nice", "-n", "10", "bash", "-s", "--", building, await mirror()];
    await run("setpriv", ["--pdeathsig", "KILL", ...apart, "--", ...build], {
      input: script,
      timeoutMs: BUILD_TIMEOUT_MS,
      onLine: (line) => log(`image: ${line}`),
    });
    // Somebody else may have been quicker; either image will do.
    if (!existsSync(root)) renameSync(building, root);
  } catch (error) {
    throw new Error(
      `the machines' image could not be built: ${(error as Error).message}; the whole story is in ${building}.log`,
      { cause: error },
    );
  } finally {
    rmSync(building, { recursive: true, force: true });
  }
  rmSync(`${building}.log`, { force: true });
  log(`The machines' image is built (${((Date.now() - started) / 1000).toFixed(0)} s).`);
  return { root, hash };
}

async function ownMirror(suite: GuestSuite): Promise<string> {
  const found = await aptMirror(suite);
  if (found === undefined)
    throw new Error(`no archive of Debian ${suite} among apt's sources; remedy: name one (mirror)`);
  return found;
}

/** The archive of Debian that this machine's own apt uses; undefined where it uses none that has the release. */
export async function aptMirror(suite: GuestSuite): Promise<string | undefined> {
  const targets = await run("apt-get", [
    "indextargets",
    "--format",
    "$(REPO_URI) $(CODENAME) $(COMPONENT)",
    "Created-By: Packages",
  ]);
  return archiveOf(suite, targets);
}

/** @param targets lines of URI, release and component. Archives have all releases: another's will do. */
export function archiveOf(suite: GuestSuite, targets: string): string | undefined {
  const lines = targets.split("\n");
  return [suite, ...GUEST_SUITES]
    .flatMap((release) => lines.filter((line) => line.endsWith(` ${release} main`)))[0]
    ?.split(" ")[0];
}

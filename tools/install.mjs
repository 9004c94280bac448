// Has the packages of package-lock.json installed before a task runs. Plain JavaScript for any Node >= 18.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, lstatSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What npm itself writes at the end of an install: what is there. */
const HIDDEN_LOCK = ".package-lock.json";

/**
 * Installs when node_modules is absent, half installed or made from another lock file. What was there stays until
 * the new packages are whole: offline, or on a full disk, nothing is lost.
 *
 * @returns why it cannot be done, for people; undefined: all is there
 */
export function install(root) {
  const modules = join(root, "node_modules");
  const former = join(root, ".cache", "node_modules.former");
  const stamp = join(modules, ".keybuzz-install");
  const lock = readFileSync(join(root, "package-lock.json"));
  const wanted = createHash("sha256").update(lock).digest("hex");
  const isWhole = () => existsSync(stamp) && readFileSync(stamp, "utf8") === wanted;
  if (isWhole()) return undefined;
  // An install that was killed: what was there before it is the last that was whole.
  const isLink = lstatSync(modules, { throwIfNoEntry: false })?.isSymbolicLink() === true;
  if (!isLink) restore(former, modules);
  if (isWhole()) return undefined;
  if (isByHand(modules, lock)) {
    if (!isLink) writeFileSync(stamp, wanted);
    return undefined;
  }
  // npm ci empties the folder first; behind a link lies that of another project.
  if (isLink)
    return `${modules} is a link, to packages of another package-lock.json than this one. Install in the project that they belong to (npm run typecheck does), or remove the link; nothing was done.`;
  console.error(
    "Installing the packages of package-lock.json (first run, or the last install was interrupted or is out of date) ...",
  );
  const known = existsSync(stamp);
  if (known) {
    mkdirSync(join(root, ".cache"), { recursive: true });
    renameSync(modules, former);
  }
  // Output goes to stderr: stdout belongs to the task (--json).
  const done = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32",
  });
  if (done.error !== undefined || done.status !== 0) {
    restore(former, modules);
    const kept = known
      ? " The packages that were here are here again, of an earlier package-lock.json: with that one (git stash, git checkout) everything works as before."
      : "";
    if (done.error !== undefined) return `npm cannot be started (${done.error.message}). Nothing was done.${kept}`;
    return `npm ci failed (see above).${kept} Nothing else was done; run the same command again once it is mended.`;
  }
  mkdirSync(modules, { recursive: true });
  writeFileSync(stamp, wanted);
  rmSync(former, { recursive: true, force: true });
  return undefined;
}

/** Puts back what an install has set aside. */
function restore(former, modules) {
  if (!existsSync(former)) return;
  rmSync(modules, { recursive: true, force: true });
  renameSync(former, modules);
}

/**
 * Whether somebody's own `npm ci` has installed exactly this: npm writes what is there once it is done. Left out may be
 * what is for other machines.
 */
function isByHand(modules, lock) {
  const packages = (text) => {
    try {
      return Object.entries(JSON.parse(text).packages ?? {});
    } catch {
      return [];
    }
  };
  const hidden = join(modules, HIDDEN_LOCK);
  if (!existsSync(hidden)) return false;
  const found = new Map(packages(readFileSync(hidden, "utf8")));
  const wanted = packages(lock.toString()).filter(([path]) => path !== "" && path.includes("node_modules"));
  return (
    wanted.length > 0 &&
    wanted.every(([path, { version, integrity, optional, link }]) => {
      const here = found.get(path);
      if (here === undefined) return optional === true;
      return link === true || (here.version === version && here.integrity === integrity);
    })
  );
}

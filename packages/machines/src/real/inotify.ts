import { readFileSync, writeFileSync } from "node:fs";

const LIMIT = "/proc/sys/fs/inotify/max_user_instances";
/** A Debian has seven or eight, a fleet 20 of them, and there may be others: all of them are root's. */
const WANTED = 1024;

/** Instances that root may have of inotify: Linux' 128 are for one system, and systemd does not boot without. */
export function allowInstances(path = LIMIT): void {
  try {
    if (Number(readFileSync(path, "utf8")) < WANTED) writeFileSync(path, `${WANTED}\n`);
  } catch {
    // Where it is not to be changed, a small fleet boots all the same.
  }
}

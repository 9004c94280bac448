import type { Missed } from "../exhibit";

export const exhibit: Missed = {
  report: "https://github.com/sysown/proxysql/issues/4098",
  what: "The writer changes again when a member rejoins.",
  edits: [],
  missed: "What ProxySQL does when a member comes back is its own; Galera's roll-out on real machines measures it.",
};

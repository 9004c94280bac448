import { file, type Caught } from "../exhibit";

export const exhibit: Caught = {
  report: "https://github.com/sysown/proxysql/issues/1663",
  what: "Two writers of Galera at once: their transactions kill each other.",
  edits: [file("/etc/proxysql.cnf", "max_writers=1", "max_writers=2")],
  says: { question: "understood", text: "max_writers = 2" },
};

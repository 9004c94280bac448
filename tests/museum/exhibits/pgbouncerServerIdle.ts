import { file, type Caught } from "../exhibit";

export const exhibit: Caught = {
  report: "https://github.com/pgbouncer/pgbouncer/issues/816",
  what: "server closed the connection unexpectedly: a hop in between is less patient than the pool.",
  edits: [file("/etc/pgbouncer/pgbouncer.ini", "server_idle_timeout = 300", "server_idle_timeout = 7200")],
  says: { question: "patient", text: "server_idle_timeout" },
};

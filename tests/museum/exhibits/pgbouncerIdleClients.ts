import { file, type Caught } from "../exhibit";

export const exhibit: Caught = {
  report: "https://github.com/pgbouncer/pgbouncer/issues/587",
  what: "Clients are cut after ten idle seconds, and pools of applications break.",
  edits: [file("/etc/pgbouncer/pgbouncer.ini", "[pgbouncer]\n", "[pgbouncer]\nclient_idle_timeout = 10\n")],
  says: { question: "understood", text: "client_idle_timeout" },
};

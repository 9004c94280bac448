// The museum of incidents: what happened to others, as the smallest change of prod that brings it about here.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { withFile, withInput, without, type Edit } from "../../verifier/mutations/graphEdits";
import type { Finding } from "../../verifier/finding";

interface Told {
  /** Address of the public report. */
  readonly report: string;
  /** What people saw. */
  readonly what: string;
  /** Brings it about; several in a row. Of a miss: none where it cannot be put in as an input. */
  readonly edits: readonly Edit[];
}

/** Caught: one finding of that question whose place, rule or value has this text. */
export interface Caught extends Told {
  readonly says: { readonly question: Finding["question"]; readonly text: string };
}

/** Not caught, and why: it stays here until it is. */
export interface Missed extends Told {
  readonly missed: string;
}

export type Exhibit = Caught | Missed;

/** All of them, by file name. */
export async function exhibits(): Promise<ReadonlyMap<string, Exhibit>> {
  const folder = join(__dirname, "exhibits");
  const names = readdirSync(folder)
    .filter((name) => name.endsWith(".ts"))
    .sort();
  const found = await Promise.all(
    names.map(async (name) => {
      const { exhibit } = (await import(join(folder, name))) as { readonly exhibit: Exhibit };
      return [name.replace(/\.ts$/, ""), exhibit] as const;
    }),
  );
  return new Map(found);
}

/** Of a route: an annotation of ingress-nginx. Undefined takes it away. */
export const annotation = (ingress: string, name: string, value: string | undefined): Edit =>
  withInput(ingress, ["metadata", "annotations", `nginx.ingress.kubernetes.io/${name}`], value);

/** Of all routes: an option of the controller's ConfigMap. */
export const option = (name: string, value: string | undefined): Edit =>
  withInput("ingress-nginx-config", ["data", name], value);

/** Takes the rules away that let anybody come to a port of the machines; undefined: of all. */
export const closed = (host: string | undefined, port: number, protocol = "tcp"): Edit =>
  withFile(host, "/etc/ufw/user.rules", (rules) =>
    rules.replaceAll(new RegExp(`^-A ufw-user-input -p ${protocol} --dport ${port} .*\n`, "gm"), ""),
  );

/** Rewrites HAProxy's configuration on both machines. */
export const haproxy = (rewrite: (config: string) => string): Edit =>
  withFile(undefined, "/etc/haproxy/haproxy.cfg", rewrite);

/** One section of it. */
export const section = (name: string, from: RegExp | string, to: string): Edit =>
  haproxy((config) =>
    config.replace(new RegExp(`^backend ${name}\n(?: .*\n)*`, "m"), (found) => found.replace(from, to)),
  );

/** Rewrites a file of all machines that have it. */
export const file = (path: string, from: RegExp | string, to: string): Edit =>
  withFile(undefined, path, (content) => content.replace(from, to));

/** Takes a resource away. */
export const gone = (name: string): Edit => without((one) => one.name === name);

export { withInput as input };

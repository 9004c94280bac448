// Whose a cluster's authority is: the program's, which its tokens name, or K3s' own, as in estates of earlier versions.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { SmallEstate } from "../machines/support/smallEstate";
import type { RunDocument } from "./support/stand";

const LIMIT = 600_000;
const LOCAL = "stacks/local.ts";
const SAID = 'authority: "program", ';
const BEGINS = "kubernetes: { ";
const PROGRAMS = 'kubernetes: { authority: "program", ';
const NOTHING = { create: 0, update: 0, replace: 0, delete: 0 };

const told = ({ errors, resources }: RunDocument): string =>
  [...errors, ...resources.flatMap(({ name, error }) => (error === undefined ? [] : [`${name}: ${error}`]))].join("\n");

let estate: SmallEstate;
beforeEach(() => {
  estate = new SmallEstate("simulated");
});
afterEach(() => estate.dispose(), LIMIT);

const onDisk = (host: string, path: string): string =>
  readFileSync(join(estate.stackDir, "machines", host, "fs", path), "utf8");
const tokens = (): readonly string[] => [
  onDisk("k3s-master-01", "/etc/rancher/k3s/token"),
  onDisk("k3s-master-01", "/etc/rancher/k3s/agent-token"),
  onDisk("k3s-worker-01", "/etc/rancher/k3s/agent-token"),
];
const run = async (verb: "up" | "preview"): Promise<RunDocument> =>
  (await estate.document(verb, ...estate.arguments)).document;

test(
  "a new estate's tokens name the program's authority, which is its cluster's; K3s refuses one that names another",
  async () => {
    expect(told(await run("up"))).toBe("");
    const authority = onDisk("k3s-master-01", "/var/lib/rancher/k3s/server/tls/server-ca.crt");
    expect(onDisk("k3s-master-01", "/etc/rancher/k3s/authority/server-ca.crt")).toBe(authority);
    const sum = createHash("sha256").update(authority).digest("hex");
    const users = ["server", "node", "node"];
    tokens().forEach((token, i) => expect(token).toMatch(new RegExp(`^K10${sum}::${users[i]}:[A-Za-z0-9]{48}\n$`)));
    const { summary } = await run("up");
    expect(summary).toMatchObject(NOTHING);
    estate.edit(LOCAL, SAID, "");
    expect(told(await run("preview"))).toContain(
      'kubernetes.authority: found "k3s", while k3s-master-01 is of a cluster whose authority the program made',
    );
    estate.edit(LOCAL, BEGINS, PROGRAMS);
    estate.edit("components/cluster/k3s/k3sAuthority.ts", "`K10${authority.server.sum}::", '`K10${"0".repeat(64)}::');
    expect(told(await run("up"))).toMatch(
      /k3s-worker-01.*: [^]*token CA hash does not match the Cluster CA certificate hash: 0{64} != [0-9a-f]{64}/,
    );
  },
  LIMIT,
);

test(
  "an estate of K3s' own authority keeps it and its tokens; that the program's be taken instead is refused before anything happens",
  async () => {
    estate.edit(LOCAL, SAID, "");
    expect(told(await run("up"))).toBe("");
    const before = tokens();
    for (const token of before) expect(token).toMatch(/^[A-Za-z0-9]{48}\n$/);
    estate.edit(LOCAL, BEGINS, PROGRAMS);
    for (const verb of ["preview", "up"] as const) {
      expect(told(await run(verb))).toContain(
        'kubernetes.authority: found "program", while k3s-master-01 is of a cluster whose authority K3s made',
      );
      expect(tokens()).toEqual(before);
    }
    estate.edit(LOCAL, SAID, 'authority: "k3s", ');
    const { summary, errors } = await run("up");
    expect([errors, summary]).toEqual([[], expect.objectContaining(NOTHING)]);
  },
  LIMIT,
);

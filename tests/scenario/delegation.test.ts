import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CloudView, type Row } from "./support/cloudView";
import { Stand, type RunDocument } from "./support/stand";

// A new account as it really goes: the zone cannot be delegated before it is there. Each step builds on the one before.
// Staging asks for managed certificates and is small; prod differs in numbers.
const LIMIT = 300_000;
const HOSTS = ["bi", "files", "n8n", "platform-api", "platform", "support"].map((name) => `${name}.staging.keybuzz.io`);
const MANAGED = "hcloud:index/managedCertificate:ManagedCertificate";

interface Seen {
  /** Of the certificates in the cloud: type, hosts and state, sorted. */
  readonly there: readonly string[];
  /** The same of those that the balancer shows. */
  readonly shown: readonly string[];
}

describe("the first days of a new account", () => {
  const stand = new Stand();
  afterAll(() => stand.dispose());

  const up = async (): Promise<RunDocument & { readonly code: number | null }> => {
    const { code, document } = await stand.document("up", "--stack", "staging");
    return { ...document, code };
  };
  const look = async (): Promise<Seen> => {
    const view = await CloudView.open(stand, "staging");
    const rows = await view.hetzner("certificates");
    const label = (row: Row): string => {
      const state = (row["status"] as { readonly issuance: string } | null)?.issuance ?? "uploaded";
      return `${state} ${(row["domain_names"] as string[]).join(" ")}`;
    };
    const [balancer] = (await view.hetzner("load_balancers")).filter(({ name }) => name === "staging-lb-keybuzz-1");
    const [service] = balancer?.["services"] as { readonly http: { readonly certificates: readonly number[] } }[];
    await view.close();
    return {
      there: rows.map(label).sort(),
      shown: rows
        .filter(({ id }) => service?.http.certificates.includes(id as number))
        .map(label)
        .sort(),
    };
  };
  const selfSigned = [`uploaded ${HOSTS.join(" ")}`];
  const trusted = HOSTS.map((host) => `completed ${host}`);

  test(
    "the first up ends in a whole estate with a self-signed certificate, and says what is next",
    async () => {
      const { code, outputs } = await up();
      expect(code).toBe(0);
      const [step, ...more] = outputs["nextSteps"] as string[];
      expect(more).toEqual([]);
      expect(step).toContain("staging.keybuzz.io is not delegated to Hetzner: 6 of 6 public hosts");
      expect(step).toContain("hydrogen.ns.hetzner.com. oxygen.ns.hetzner.com. helium.ns.hetzner.de.");
      expect(await look()).toEqual({ there: selfSigned, shown: selfSigned });
    },
    LIMIT,
  );

  test(
    "operators who say too early that it is delegated: the run fails, and the hosts keep what they show",
    async () => {
      stand.edit("Pulumi.staging.yaml", "config: {}", "config:\n  keybuzz:zoneIsDelegated: true");
      const { code, resources } = await up();
      expect(code).toBe(1);
      const failed = resources.filter(({ status }) => status === "failed");
      expect(failed.length).toBeGreaterThan(0);
      for (const { type, error } of failed) {
        expect(type).toBe(MANAGED);
        expect(error).toContain("Could not verify domain was delegated to DNS zone");
      }
      const { there, shown } = await look();
      expect(shown).toEqual(selfSigned);
      expect(there).toContain(`failed ${HOSTS[0] ?? ""}`);
    },
    LIMIT,
  );

  test(
    "once it is delegated the next up replaces what has failed, and then the self-signed one goes",
    async () => {
      stand.edit("Pulumi.staging.yaml", "config:\n  keybuzz:zoneIsDelegated: true", "config: {}");
      expect((await stand.run("delegate", "--stack", "staging")).code).toBe(0);
      const { code, resources } = await up();
      expect(code).toBe(0);
      const order = resources.map(({ type, name, op }) => `${op} ${type.split(":").at(-1) ?? ""} ${name}`);
      expect(order).toContain(`update LoadBalancerService staging-lb-keybuzz-1-service-443`);
      expect(await look()).toEqual({ there: trusted, shown: trusted });
    },
    LIMIT,
  );

  test(
    "and nothing is left to do",
    async () => {
      const { code, summary, outputs } = await up();
      expect(code).toBe(0);
      expect(summary).toMatchObject({ create: 0, update: 0, replace: 0, delete: 0 });
      expect(outputs["nextSteps"]).toEqual([]);
      expect(readFileSync(join(stand.state, "staging", "state.json"), "utf8")).not.toContain(
        "certificates-self-signed",
      );
    },
    LIMIT,
  );
});

describe("other ways to a certificate", () => {
  const stand = new Stand();
  afterAll(() => stand.dispose());

  test(
    "the rehearsal stands in for an uploaded certificate with one that covers the public hosts",
    async () => {
      stand.edit("stacks/staging.ts", 'certificate: "managed"', 'certificate: "uploaded"');
      const { code, document } = await stand.document("preview", "--stack", "staging");
      stand.edit("stacks/staging.ts", 'certificate: "uploaded"', 'certificate: "managed"');
      expect(document.errors).toEqual([]);
      expect(code).toBe(0);
      expect(document.resources.map(({ name }) => name)).toContain("certificates-uploaded");
      expect(document.resources.map(({ type }) => type)).not.toContain(MANAGED);
      expect(document.outputs["nextSteps"]).toEqual([]);
    },
    LIMIT,
  );

  test(
    "another's zone that is not there ends the run before anything is registered",
    async () => {
      stand.edit("stacks/staging.ts", "manageZone: true", "manageZone: false");
      const { code, document } = await stand.document("up", "--stack", "staging");
      expect(code).toBe(1);
      expect(document.resources.map(({ type }) => type)).toEqual(["pulumi:pulumi:Stack"]);
      expect(document.errors.join("\n")).toContain(
        'web.zone: found "staging.keybuzz.io", which is no zone of this Hetzner project; allowed: a zone that is there',
      );
    },
    LIMIT,
  );
});

import { z } from "zod";
import { refuse, shown } from "../components/mistakes";
import { ATTEMPT_LABEL } from "../components/network/certificates";
import { DELEGATED, type WebFacts } from "../components/network/certificatePlan";
import { ask, askAll, type ApiAccess } from "./askHetzner";
import { estateLabels } from "./estateLabels";
import type { Environment } from "./environment";
import { webZones } from "./webZones";

const zoneAnswer = z.object({
  zone: z.object({ authoritative_nameservers: z.object({ delegation_status: z.string().optional() }) }),
});
const certificateAnswer = z.object({
  domain_names: z.array(z.string()),
  labels: z.record(z.string(), z.string()),
  status: z.object({ issuance: z.string(), renewal: z.string() }).nullish(),
});

/** Words of Hetzner's `delegation_status` for a zone whose parent names its servers. */
const DELEGATED_WORDS: readonly (string | undefined)[] = ["valid", "partially-valid"];

/**
 * Asks Hetzner what decides where the certificates come from: whether the zones are delegated, and which managed
 * certificates have failed. The provider shows neither (pulumi-hcloud 1.41: getZone, ManagedCertificate). Asks nothing
 * where nothing depends on it.
 *
 * @throws MistakesError when the zone is another's and not there, or the token is refused; HetznerUnreachableError.
 */
export async function observeWeb({ name, web }: Environment, access: ApiAccess): Promise<WebFacts> {
  const managed = web.certificate === "managed";
  const asked = webZones({ web }).filter(({ manageZone }) => managed || !manageZone);
  const zones = await Promise.all(
    asked.map(async (one) => ({ ...one, answer: await ask(access, `/zones/${encodeURIComponent(one.zone)}`) })),
  );
  const missing = zones.filter(({ manageZone, answer }) => answer === undefined && !manageZone);
  if (missing.length > 0) {
    refuse(
      `stacks/${name}.ts`,
      missing.map(({ path, zone }) => ({
        path: `${path}.zone`,
        found: `${shown(zone)}, which is no zone of this Hetzner project`,
        allowed: `a zone that is there, where ${path}.manageZone is false`,
        fix: "create it there with all its records, use a token of the project that has it, or set manageZone: true",
      })),
    );
  }
  if (!managed) return DELEGATED;
  const undelegated = zones.filter(({ answer }) => !isDelegated(answer)).map(({ zone }) => zone);
  const selector = Object.entries(estateLabels(name)).map(([key, value]) => `${key}==${value}`);
  const filter = { type: "managed", label_selector: selector.join(",") };
  const certificates = (await askAll(access, "certificates", certificateAnswer, filter)).flatMap(
    ({ domain_names: hosts, labels, status: state }) =>
      hosts.map((host) => ({
        host,
        attempt: Number(labels[ATTEMPT_LABEL] ?? 1),
        failed: state?.issuance === "failed" || state?.renewal === "failed",
        issued: state?.issuance === "completed",
      })),
  );
  return { undelegated, certificates };
}

function isDelegated(answer: unknown): boolean {
  if (answer === undefined) return false;
  return DELEGATED_WORDS.includes(zoneAnswer.parse(answer).zone.authoritative_nameservers.delegation_status);
}

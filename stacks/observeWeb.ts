import { z } from "zod";
import { refuse, shown } from "../components/mistakes";
import { ATTEMPT_LABEL } from "../components/network/certificates";
import { DELEGATED, type WebFacts } from "../components/network/certificatePlan";
import { ask, askAll, type ApiAccess } from "./askHetzner";
import { estateLabels } from "./estateLabels";
import type { Environment } from "./environment";

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
 * Asks Hetzner what decides where the certificates come from: whether the zone is delegated, and which managed
 * certificates have failed. The provider shows neither (pulumi-hcloud 1.41: getZone, ManagedCertificate). Asks nothing
 * where nothing depends on it.
 *
 * @throws MistakesError when the zone is another's and not there, or the token is refused; HetznerUnreachableError.
 */
export async function observeWeb({ name, web }: Environment, access: ApiAccess): Promise<WebFacts> {
  if (web.certificate !== "managed" && web.manageZone) return DELEGATED;
  const zone = await ask(access, `/zones/${encodeURIComponent(web.zone)}`);
  if (zone === undefined && !web.manageZone) {
    refuse(`stacks/${name}.ts`, [
      {
        path: "web.zone",
        found: `${shown(web.zone)}, which is no zone of this Hetzner project`,
        allowed: "a zone that is there, where web.manageZone is false",
        fix: "create it there with all its records, use a token of the project that has it, or set manageZone: true",
      },
    ]);
  }
  if (web.certificate !== "managed") return DELEGATED;
  const status =
    zone === undefined ? undefined : zoneAnswer.parse(zone).zone.authoritative_nameservers.delegation_status;
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
  return { delegated: DELEGATED_WORDS.includes(status), certificates };
}

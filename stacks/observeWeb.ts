import { z } from "zod";
import { MistakesError, refuse, shown } from "../components/mistakes";
import { ATTEMPT_LABEL } from "../components/network/certificates";
import { DELEGATED, type WebFacts } from "../components/network/certificatePlan";
import { estateLabels } from "./estateLabels";
import type { Environment } from "./environment";

/** With what Hetzner is asked. */
export interface ApiAccess {
  readonly endpoint: string;
  readonly token: string;
  /** How often one question is asked at most. Default 3. */
  readonly tries?: number;
}

export const HETZNER_ENDPOINT = "https://api.hetzner.cloud/v1";

/** Nobody answers: a preview can do without, an update cannot. */
export class HetznerUnreachableError extends MistakesError {}

const zoneAnswer = z.object({
  zone: z.object({ authoritative_nameservers: z.object({ delegation_status: z.string().optional() }) }),
});
const certificatesAnswer = z.object({
  certificates: z.array(
    z.object({
      domain_names: z.array(z.string()),
      labels: z.record(z.string(), z.string()),
      status: z.object({ issuance: z.string(), renewal: z.string() }).nullish(),
    }),
  ),
  meta: z.object({ pagination: z.object({ next_page: z.number().nullable() }) }),
});

/** Words of Hetzner's `delegation_status` for a zone whose parent names its servers. */
const DELEGATED_WORDS: readonly (string | undefined)[] = ["valid", "partially-valid"];
const TIMEOUT_MS = 20_000;
/** Milliseconds before the second try; the third waits twice as long. */
const PAUSE_MS = 1_000;

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
  const certificates: WebFacts["certificates"][number][] = [];
  for (let page: number | null = 1; page !== null;) {
    const query = new URLSearchParams({
      type: "managed",
      label_selector: selector.join(","),
      per_page: "50",
      page: String(page),
    });
    const answer = certificatesAnswer.parse(await ask(access, `/certificates?${query.toString()}`));
    certificates.push(
      ...answer.certificates.flatMap(({ domain_names: hosts, labels, status: state }) =>
        hosts.map((host) => ({
          host,
          attempt: Number(labels[ATTEMPT_LABEL] ?? 1),
          failed: state?.issuance === "failed" || state?.renewal === "failed",
          issued: state?.issuance === "completed",
        })),
      ),
    );
    page = answer.meta.pagination.next_page;
  }
  return { delegated: DELEGATED_WORDS.includes(status), certificates };
}

/** Undefined: there is no such thing. */
async function ask({ endpoint, token, tries = 3 }: ApiAccess, path: string): Promise<unknown> {
  let why = "";
  for (let attempt = 1; attempt <= tries; attempt++) {
    if (attempt > 1) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * (attempt - 1)));
    try {
      const response = await fetch(`${endpoint}${path}`, {
        headers: { authorization: `Bearer ${token}` },
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      if (response.ok) return await response.json();
      if (response.status === 404) return undefined;
      why = `it answers ${response.status} to GET ${path}`;
      if (response.status === 401)
        refuse("the Hetzner project", [
          {
            path: "hcloud:token",
            found: "a token that is refused",
            allowed: `one that ${endpoint} takes`,
            fix: "pulumi config set --secret hcloud:token",
          },
        ]);
      if (response.status !== 429 && response.status < 500) break;
    } catch (error) {
      if (error instanceof MistakesError) throw error;
      why = error instanceof Error ? `${error.message}${causeOf(error)}` : String(error);
    }
  }
  throw new HetznerUnreachableError("the Hetzner project", [
    {
      path: endpoint,
      found: `no answer: ${why}`,
      allowed: "answers on the zone and its certificates",
      fix: "try again; nothing was changed",
    },
  ]);
}

const causeOf = ({ cause }: Error): string => (cause instanceof Error ? ` (${cause.message})` : "");

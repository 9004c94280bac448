import { randomUUID } from "node:crypto";
import "@standin/common/reflectMetadata";
import * as x509 from "@peculiar/x509";
import { z } from "zod";
import { invalidField, refused } from "../http/apiError";
import type { Router } from "../http/router";
import { ActionFailed, renderAction } from "../model/actions";
import { requireRoom, requireRow, type CloudContext } from "../model/context";
import { isDelegated, zoneOf } from "../model/delegation";
import type { CertificateRow } from "../model/rows";
import { labels, name, parseBody } from "../rules/body";
import { factsOf, uploadedFacts } from "../rules/uploadedCertificate";
import { actionAnswer, actionOn, registerResource } from "./resource";

const createBody = z.object({
  name,
  labels: labels.nullish(),
  type: z.enum(["uploaded", "managed"]).nullish(),
  certificate: z.string().nullish(),
  private_key: z.string().nullish(),
  domain_names: z.array(z.string().regex(/^(\*\.)?([a-z0-9-]+\.)+[a-z0-9-]+$/, "must be domain names")).nullish(),
});

/** What an action that issues a managed certificate does. */
export const CERTIFICATE_TASK = "certificate.issue";
const VALID_DAYS = 90;
const DAY_MS = 86_400_000;

/** As the real thing refuses it (facts of November 2026, recorded through the real provider). */
const NOT_DELEGATED = {
  code: "certificate_could_not_verify_domain_delegated_to_zone",
  message: "Could not verify domain was delegated to DNS zone",
} as const;

/**
 * Issues what Let's Encrypt would: here self-signed. A certificate whose zone is not delegated stays, and stays failed
 * until somebody has it retried.
 */
export async function issueCertificate(cloud: CloudContext, certificateId: number): Promise<() => void> {
  const domains = cloud.store.get("certificate", certificateId)?.domainNames ?? [];
  if (!domains.every((domain) => isDelegated(cloud.store, zoneOf(cloud, domain)?.name ?? ""))) {
    throw new ActionFailed(NOT_DELEGATED, () => {
      const row = cloud.store.get("certificate", certificateId);
      if (row !== undefined)
        cloud.store.put("certificate", { ...row, issuance: "failed", issuanceError: NOT_DELEGATED });
    });
  }
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const issued = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${domains[0] ?? "localhost"}`,
    keys,
    signingAlgorithm: algorithm,
    serialNumber: randomUUID().replaceAll("-", ""),
    notBefore: new Date(Date.now() - DAY_MS),
    notAfter: new Date(Date.now() + VALID_DAYS * DAY_MS),
    extensions: [new x509.SubjectAlternativeNameExtension(domains.map((value) => ({ type: "dns" as const, value })))],
  });
  return () => {
    const row = cloud.store.get("certificate", certificateId);
    if (row !== undefined)
      cloud.store.put("certificate", {
        ...row,
        ...factsOf(issued.toString("pem")),
        issuance: "completed",
        issuanceError: null,
      });
  };
}

/** Managed certificates are validated through a zone on Hetzner DNS. @throws ApiError dns_zone_not_found */
function requireZones(cloud: CloudContext, domains: readonly string[]): void {
  for (const domain of domains) {
    if (zoneOf(cloud, domain) === undefined)
      throw refused("dns_zone_not_found", `no DNS zone of this project holds ${domain}`);
  }
}

export function certificateRoutes(router: Router, cloud: CloudContext): void {
  const usedBy = (row: CertificateRow) =>
    cloud.store
      .list("load_balancer")
      .filter((balancer) => balancer.services.some((service) => service.http?.certificates.includes(row.id)))
      .map((balancer) => ({ id: balancer.id, type: "load_balancer" }));
  const render = (row: CertificateRow): object => ({
    id: row.id,
    name: row.name,
    labels: row.labels,
    type: row.type,
    certificate: row.certificate,
    created: row.created,
    not_valid_before: row.notValidBefore,
    not_valid_after: row.notValidAfter,
    domain_names: row.domainNames,
    fingerprint: row.fingerprint,
    status:
      row.issuance === null
        ? null
        : {
            issuance: row.issuance,
            renewal: row.issuance === "completed" ? "scheduled" : "unavailable",
            error: row.issuanceError ?? null,
          },
    used_by: usedBy(row),
  });
  registerResource(router, cloud, {
    kind: "certificate",
    plural: "certificates",
    render,
    name,
    filters: { type: (row, values) => values.includes(row.type) },
    remove: (row) => {
      const users = usedBy(row);
      if (users.length > 0)
        throw refused(
          "resource_in_use",
          `certificate ${row.id} is used by load balancers ${users.map((user) => user.id).join(", ")}`,
        );
      cloud.store.remove("certificate", row.id);
      return { status: 204 };
    },
  });
  router.post("/certificates", ({ body }) => {
    const wish = parseBody(createBody, body);
    const type = wish.type ?? "uploaded";
    const base = { name: wish.name, labels: wish.labels ?? {}, created: new Date().toISOString(), type };
    if (type === "uploaded") {
      const facts = uploadedFacts(wish.certificate, wish.private_key);
      requireRoom(cloud, "certificate", wish.name);
      const row = cloud.store.put("certificate", { ...base, ...facts, id: cloud.store.nextId(), issuance: null });
      return { status: 201, body: { certificate: render(row), action: null } };
    }
    const domainNames = wish.domain_names ?? [];
    if (domainNames.length === 0) throw invalidField("domain_names", "at least one is needed for type managed");
    requireZones(cloud, domainNames);
    requireRoom(cloud, "certificate", wish.name);
    const pending = {
      certificate: null,
      notValidBefore: null,
      notValidAfter: null,
      fingerprint: null,
      issuance: "pending" as const,
    };
    const row = cloud.store.put("certificate", { ...base, ...pending, domainNames, id: cloud.store.nextId() });
    const action = cloud.actions.start(
      actionOn("certificate", row.id, "create_certificate", { task: { name: CERTIFICATE_TASK, args: { id: row.id } } }),
    );
    return { status: 201, body: { certificate: render(row), action: renderAction(action) } };
  });
  router.post("/certificates/:id/actions/retry", ({ params }) => {
    const row = requireRow(cloud, "certificate", params["id"] ?? "");
    if (row.issuance !== "failed")
      throw refused("service_error", `certificate ${row.id} has not failed, there is nothing to retry`);
    cloud.store.put("certificate", { ...row, issuance: "pending", issuanceError: null });
    const more = { task: { name: CERTIFICATE_TASK, args: { id: row.id } } };
    return actionAnswer(cloud.actions.start(actionOn("certificate", row.id, "issue_certificate", more)));
  });
}

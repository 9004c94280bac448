import type { Properties } from "../../../provider";
import { named, type ApiNamed, type Definition, type NamedSpec } from "../definition";
import { strings, text } from "../properties";

interface ApiCertificate extends ApiNamed {
  readonly type: string;
  readonly certificate: string | null;
  readonly created: string;
  readonly domain_names: readonly string[];
  readonly fingerprint: string | null;
  readonly not_valid_before: string | null;
  readonly not_valid_after: string | null;
}

const COMPUTED = ["created", "domainNames", "fingerprint", "notValidAfter", "notValidBefore", "type"];
const fixedNeeded = { required: true, replace: true } as const;

/** As Go prints times, without fractions of seconds. */
const seconds = (time: string | null): string => (time ?? "").replace(/\.\d+Z$/, "Z");

function certificate(
  spec: Pick<NamedSpec<ApiCertificate>, "properties" | "computed" | "body" | "secretOutputs">,
): Definition {
  return named<ApiCertificate>({
    ...spec,
    kind: "certificate",
    plural: "certificates",
    outputs: (row, last): Properties => ({
      type: row.type,
      // What was given stays as it was given: the API may send it back in another wrapping.
      certificate: last?.["certificate"] ?? row.certificate ?? "",
      created: seconds(row.created),
      domainNames: row.domain_names,
      fingerprint: row.fingerprint ?? "",
      notValidBefore: seconds(row.not_valid_before),
      notValidAfter: seconds(row.not_valid_after),
    }),
  });
}

export const uploadedCertificate: Definition = certificate({
  properties: { certificate: text(fixedNeeded), privateKey: text(fixedNeeded) },
  computed: COMPUTED,
  secretOutputs: ["privateKey"],
  body: (inputs) => ({ type: "uploaded", certificate: inputs["certificate"], private_key: inputs["privateKey"] }),
});

export const managedCertificate: Definition = certificate({
  properties: { domainNames: { shape: strings, ...fixedNeeded } },
  computed: [...COMPUTED, "certificate"],
  body: ({ domainNames }) => ({ type: "managed", domain_names: domainNames }),
});

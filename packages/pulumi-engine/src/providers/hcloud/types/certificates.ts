import type { Properties } from "../../../provider";
import type { Rules } from "../../../bridge/property";
import { named, type ApiNamed, type Definition } from "../definition";

interface ApiCertificate extends ApiNamed {
  readonly type: string;
  readonly certificate: string | null;
  readonly created: string;
  readonly domain_names: readonly string[];
  readonly fingerprint: string | null;
  readonly not_valid_before: string | null;
  readonly not_valid_after: string | null;
}

/** As Go prints times, without fractions of seconds; none is the first moment there is. */
const seconds = (time: string | null): string => (time ?? "0001-01-01T00:00:00Z").replace(/\.\d+Z$/, "Z");
const unwrapped = (pem: string): string => pem.replace(/\s/g, "");

function certificate(rules: Rules, body: (inputs: Properties) => object): Definition {
  return named<ApiCertificate>({
    kind: "certificate",
    plural: "certificates",
    rules,
    body,
    outputs: (row): Properties => ({
      type: row.type,
      certificate: row.certificate ?? "",
      created: seconds(row.created),
      domainNames: row.domain_names,
      fingerprint: row.fingerprint ?? "",
      notValidBefore: seconds(row.not_valid_before),
      notValidAfter: seconds(row.not_valid_after),
    }),
  });
}

export const uploadedCertificate = certificate(
  { certificate: { same: (before, after) => unwrapped(before) === unwrapped(after) } },
  (inputs) => ({ type: "uploaded", certificate: inputs["certificate"], private_key: inputs["privateKey"] }),
);

export const managedCertificate = certificate({ domainNames: { set: true } }, ({ domainNames }) => ({
  type: "managed",
  domain_names: domainNames,
}));

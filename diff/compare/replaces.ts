import { PROVIDER_TABLES, type PropertyTable } from "@standin/pulumi-engine/bridge/table";
import { replaceRule } from "@standin/pulumi-engine/providers/kubernetes/replaceRules";
import { at, text } from "../../verifier/read/graph";
import type { EmittedEstate, EmittedOne } from "../model/emitted";

/** Whether the change of a path of inputs needs a new resource, by the providers' own tables and what it asks for itself. */
export type Replaces = (path: string) => boolean;

/** Of @pulumi/command: what runs once runs again only as another one. */
const COMMAND_TRIGGERS = "triggers";
/** Of a certificate (@pulumi/tls). */
const KEPT_CURRENT = "earlyRenewalHours";
const CONFIG_MAPS_CHANGE = "enableConfigMapMutable";
const SECRETS_CHANGE = "enableSecretMutable";

/** Whether a field is one of these, or a part of one. */
export const isWithin = (path: string, fields: readonly string[]): boolean =>
  fields.some((field) => path === field || path.startsWith(`${field}.`) || path.startsWith(`${field}[`));

/** @param estate the one that is wanted: its Kubernetes provider says what may change in place. */
export function replaceRules(estate: EmittedEstate): (one: EmittedOne) => Replaces {
  const provider = estate.resources.find(({ type }) => type === "pulumi:providers:kubernetes");
  const allowed = (key: string): boolean => String(provider?.inputs[key]) === "true";
  const [configMaps, secrets] = [allowed(CONFIG_MAPS_CHANGE), allowed(SECRETS_CHANGE)];
  const byProvider = ({ type, inputs }: EmittedOne): Replaces => {
    const [package_ = ""] = type.split(":");
    if (package_ === "command") return (path) => path.startsWith(COMMAND_TRIGGERS);
    if (package_ === "kubernetes") {
      const kind = text(inputs["kind"]) ?? "";
      const immutable = at(inputs, "immutable") === true;
      return replaceRule(text(inputs["apiVersion"]) ?? "", kind, { configMaps, secrets, immutable });
    }
    // What is made once, from its inputs, is never changed.
    if (package_ === "random" || package_ === "tls") return (path) => path !== KEPT_CURRENT;
    const table: PropertyTable | undefined = PROVIDER_TABLES.hcloud.resources[type];
    return (path) => table?.[/^[\w-]+/.exec(path)?.[0] ?? ""]?.replace === true;
  };
  return (one) => {
    const own = byProvider(one);
    return (path) => own(path) || isWithin(path, one.replaceOnChanges);
  };
}

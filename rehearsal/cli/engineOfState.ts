import { stateSummary } from "@standin/pulumi-engine/stateSummary";
import { LocalCloudError } from "../localCloudError";
import type { Options } from "./options";
import { embeddedStateFile, rehearsalDir } from "./paths";
import { checkpointResources } from "./pulumi/checkpoint";

export type EngineName = "embedded" | "pulumi";

const TITLE: Readonly<Record<EngineName, string>> = { embedded: "the embedded engine", pulumi: "the Pulumi CLI" };

/** The engine whose state has resources of this stack: the other one knows nothing of them. */
export function engineOfState(stack: string, dir: string): EngineName | undefined {
  if ((stateSummary(embeddedStateFile(dir))?.resources.length ?? 0) > 0) return "embedded";
  return checkpointResources(stack, dir).length > 0 ? "pulumi" : undefined;
}

/** @throws LocalCloudError when `wanted` would make a second estate beside the one that the other engine has made. */
export function refuseOtherEngine(wanted: EngineName, { stack, machines }: Options): void {
  const dir = rehearsalDir(stack, machines);
  const known = engineOfState(stack, dir);
  if (known === undefined || known === wanted) return;
  throw new LocalCloudError(
    `${dir}: ${stack} was brought up by ${TITLE[known]}, and ${TITLE[wanted]} knows nothing of it; nothing was changed. ` +
      `Go on with --engine ${known}, or end it first: npm run rehearse -- destroy --stack ${stack} --engine ${known} --consent ${stack}.`,
  );
}

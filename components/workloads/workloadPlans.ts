import type { Endpoint } from "../topology/topology";
import type { AppPlan } from "../apps/appPlan";
import type { AppEntry } from "./apps/appEntry";
import type { OwnedNames } from "./apps/ownedNames";
import { owning } from "./apps/ownedNames";
import { planAppEntries } from "./apps/planAppEntries";
import { planChatwoot, type ChatwootArgs } from "./chatwoot";
import { planErpNext, type ErpNextArgs } from "./erpNext";
import { planLiteLlm, type LiteLlmArgs } from "./liteLlm";
import { planN8n, type N8nArgs } from "./n8n";
import { Mistakes } from "../mistakes";
import { REDIS_INDEX } from "./redisIndexes";
import { planPublicFiles, PUBLIC_FILES, PublishedBuckets, type PublicFilesArgs } from "./publicFiles";
import { planSuperset, type SupersetArgs } from "./superset";
import type { WorkloadContext } from "./workloadContext";

/** The applications of one environment. Absent means off. LiteLLM's endpoint is the plan's own matter. */
export interface WorkloadsArgs {
  readonly chatwoot?: ChatwootArgs;
  readonly liteLlm?: LiteLlmArgs;
  readonly n8n?: N8nArgs;
  readonly superset?: SupersetArgs;
  readonly erpNext?: ErpNextArgs;
  readonly files?: PublicFilesArgs;
  /** Any others. */
  readonly apps?: readonly AppEntry[];
}

/** What the estate knows and its applications do not. */
export interface EstateGiven {
  /** Of the cluster. */
  readonly nodes: number;
  /** Namespaces that none of `apps` may be in, and whose they are. */
  readonly reservedNamespaces: ReadonlyMap<string, string>;
  /** Zones of the public hosts, web.zone first. Undefined: what they are, is a mistake itself. */
  readonly zones: readonly string[] | undefined;
  /** Names that are taken before any application asks. */
  readonly names: OwnedNames;
}

export interface PlannedWorkload {
  readonly app: AppPlan;
  /** Its Services; the ingress knows which of them have public routes. */
  readonly endpoints: readonly Endpoint[];
}

const NOTHING_PUBLISHED = {
  path: "workloads.files",
  found: "no bucket that is published",
  allowed: "one or more: a public host that answers nothing is of no use",
  fix: "set chatwoot.publicAttachments or an application's needs.bucket.publish, or remove it",
};

const jobNames = ({ migration, firstAccount }: AppPlan): readonly string[] =>
  [migration, firstAccount].flatMap((job) => job?.name ?? []);

/**
 * Plans every application that is on, but for those that mistakes are told of already. LiteLLM comes first, since the
 * others are given its address; `apps` come last: what is another's is then known. Mistakes have the path of the
 * application in the environment.
 *
 * @throws MistakesError with the mistakes of all applications, where the context collects none
 */
export function planWorkloads(
  args: WorkloadsArgs,
  estate: EstateGiven,
  context: WorkloadContext,
): readonly PlannedWorkload[] {
  const planned: PlannedWorkload[] = [];
  const published = args.files === undefined ? undefined : new PublishedBuckets(args.files.host);
  const asked: WorkloadContext = { ...context, ...(published === undefined ? {} : { files: published }) };
  const mistakes = context.mistakes ?? new Mistakes();
  const attempt = <Plan>(name: string, make: (own: WorkloadContext) => Plan): Plan | undefined => {
    const path = `workloads.${name}`;
    if (mistakes.all.some((mistake) => mistake.path === path)) return undefined;
    const own = mistakes.at(path);
    return own.attempt(() => make({ ...owning(asked, path, estate.names), mistakes: own }));
  };
  const add = (plan: { readonly app: AppPlan; readonly endpoint: Endpoint } | undefined): void => {
    if (plan !== undefined) planned.push({ app: plan.app, endpoints: [plan.endpoint] });
  };
  const { chatwoot, liteLlm, n8n, superset, erpNext, files, apps = [] } = args;

  const proxy = liteLlm === undefined ? undefined : attempt("liteLlm", (own) => planLiteLlm(liteLlm, own));
  add(proxy);
  if (chatwoot !== undefined) add(attempt("chatwoot", (own) => planChatwoot(chatwoot, own)));
  const automation = n8n === undefined ? undefined : attempt("n8n", (own) => planN8n(n8n, own));
  if (automation !== undefined)
    planned.push({ app: automation.app, endpoints: Object.values<Endpoint>(automation.endpoints) });
  if (superset !== undefined) add(attempt("superset", (own) => planSuperset(superset, own)));
  if (erpNext !== undefined) add(attempt("erpNext", (own) => planErpNext(erpNext, own)));
  for (const [whose, index] of Object.entries(REDIS_INDEX))
    estate.names.claim("Redis database", String(index), `${whose} (components/workloads/redisIndexes.ts)`);
  for (const { app } of planned)
    for (const name of [app.name, ...app.processes.map((process) => process.name), ...jobNames(app)])
      estate.names.claim("process", name, `the application "${app.name}"`);
  if (files !== undefined) estate.names.claim("process", PUBLIC_FILES, "workloads.files");
  const llm = liteLlm === undefined ? "off" : proxy === undefined ? "mistaken" : "on";
  const given = { ...estate, llm, llmEndpoint: proxy?.endpoint } as const;
  planned.push(...planAppEntries(apps, given, asked, mistakes));
  // Last: what is published is known when all have asked.
  if (files !== undefined && published !== undefined) {
    const { buckets } = published;
    if (buckets.length > 0) add(attempt("files", (own) => planPublicFiles(files, buckets, own)));
    else if (mistakes.none) mistakes.add(NOTHING_PUBLISHED);
  }

  if (context.mistakes === undefined) mistakes.refuse("the environment's workloads");
  return planned;
}

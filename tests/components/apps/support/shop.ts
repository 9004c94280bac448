import type { AppArgs } from "../../../../components/apps/appArgs";
import type { DaemonSetManifest, DeploymentManifest, StatefulSetManifest } from "../../../../components/apps/manifests";
import { planApp } from "../../../../components/apps/planApp";
import { MistakesError } from "../../../../components/mistakes";
import { httpProbes } from "../../../../components/apps/probe";
import type { DaemonArgs, DeploymentArgs, ProcessArgs, StatefulArgs } from "../../../../components/apps/processArgs";
import { renderApp } from "../../../../components/apps/renderApp";
import type { RenderedApp } from "../../../../components/apps/renderedApp";
import type { RenderedProcess } from "../../../../components/apps/renderProcess";
import { SecretLedger } from "../../../../components/secrets/secretLedger";

export const COMMON = {
  name: "store",
  ports: { http: 8080 },
  probes: httpProbes({ port: "http", readinessPath: "/ready" }),
  resources: { cpu: { request: "100m", limit: "1" }, memory: { request: "128Mi", limit: "256Mi" } },
  longestRequestSeconds: 30,
};

export const deployment = (change: Partial<DeploymentArgs> = {}): DeploymentArgs => ({
  ...COMMON,
  scale: 1,
  ...change,
});
export const stateful = (change: Partial<StatefulArgs> = {}): StatefulArgs => ({
  ...COMMON,
  kind: "stateful",
  scale: 3,
  volume: { path: "/data", sizeGb: 10 },
  ...change,
});
export const daemon = (change: Partial<DaemonArgs> = {}): DaemonArgs => ({
  ...COMMON,
  kind: "daemon",
  nodes: 3,
  ...change,
});

export function app(process: ProcessArgs, change: Partial<AppArgs> = {}): AppArgs {
  return {
    name: "shop",
    namespace: "shop",
    image: "registry.example.org/shop:1.2.3",
    runtime: { uid: 1000, rootFilesystem: "readOnly" },
    config: { env: {} },
    processes: [process],
    ...change,
  };
}

export const render = (process: ProcessArgs, change: Partial<AppArgs> = {}): RenderedApp =>
  renderApp(planApp(app(process, change), new SecretLedger()));

export function only<Kind extends "Deployment" | "StatefulSet" | "DaemonSet">(
  kind: Kind,
  process: ProcessArgs,
): RenderedProcess & {
  readonly workload: Extract<DeploymentManifest | StatefulSetManifest | DaemonSetManifest, { kind: Kind }>;
} {
  const [first] = render(process).processes;
  if (first?.workload.kind !== kind) throw new Error(`it is a ${first?.workload.kind}`);
  return first as ReturnType<typeof only<Kind>>;
}

export function pathsOf(process: ProcessArgs, change: Partial<AppArgs> = {}): readonly string[] {
  try {
    render(process, change);
    return [];
  } catch (error) {
    if (error instanceof MistakesError) return error.mistakes.map(({ path }) => path);
    throw error;
  }
}

// Whoever waits gives up no sooner than what is waited for: read off what the stacks register, not off what derives it.
import { knownStacks, loadEnvironment } from "../../stacks/loadEnvironment";
import type { Registration } from "../../tools/registrations";
import { registeredStack } from "../support/registered";

interface Pod {
  readonly terminationGracePeriodSeconds?: number;
  readonly containers: readonly {
    readonly startupProbe?: { readonly periodSeconds: number; readonly failureThreshold: number };
    readonly readinessProbe?: {
      readonly periodSeconds: number;
      readonly failureThreshold: number;
      readonly initialDelaySeconds?: number;
    };
  }[];
}
interface Spec {
  readonly replicas?: number;
  readonly minReadySeconds?: number;
  readonly activeDeadlineSeconds?: number;
  readonly strategy?: { readonly type: string };
  readonly selector?: Readonly<Record<string, unknown>> & { readonly matchLabels?: Readonly<Record<string, string>> };
  readonly template?: { readonly metadata: { readonly labels: Readonly<Record<string, string>> }; readonly spec: Pod };
  readonly maxReplicas?: number;
  readonly scaleTargetRef?: { readonly name: string };
  readonly clusterIP?: string;
}
interface Metadata {
  readonly name: string;
  readonly namespace: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

jest.setTimeout(60_000);

/** Scheduling and images: the least that is allowed for them. */
const PULL = 300;
/** Pulumi's own patience where nothing else is said. */
const DEFAULT = 600;

const spec = ({ inputs }: Registration): Spec => inputs["spec"] ?? {};
const metadata = ({ inputs }: Registration): Metadata => inputs["metadata"] as Metadata;
const kind = ({ urn }: Registration): string => urn.split("::")[2]?.split(":").at(-1) ?? "";
const isAwaited = (one: Registration): boolean => metadata(one).annotations?.["pulumi.com/skipAwait"] !== "true";

/** Seconds that Pulumi waits for a creation or an update. */
function patience({ options }: Registration, step: "create" | "update"): number {
  const stated = (options["timeouts"] ?? options["customTimeouts"] ?? {}) as Record<
    string,
    string | number | undefined
  >;
  const value = stated[step];
  if (value === undefined || value === "") return DEFAULT;
  const [, number = "", unit = "s"] = /^([\d.]+)(s|m|h)?$/.exec(String(value)) ?? [];
  return Number(number) * { s: 1, m: 60, h: 3600 }[unit as "s" | "m" | "h"];
}

/** Until one pod is up, and until one is gone. */
function podSeconds({ template, minReadySeconds = 0 }: Spec): number {
  const pod = template?.spec;
  const start = Math.max(
    ...(pod?.containers ?? []).map(({ startupProbe, readinessProbe }) => {
      const probe = startupProbe ?? readinessProbe;
      if (probe === undefined) return 0;
      const delay = startupProbe === undefined ? (readinessProbe?.initialDelaySeconds ?? 0) : 0;
      return delay + probe.periodSeconds * probe.failureThreshold;
    }),
  );
  return start + minReadySeconds + (pod?.terminationGracePeriodSeconds ?? 30);
}

describe.each(knownStacks())("%s", (stack) => {
  let all: readonly Registration[];
  let nodes: number;
  beforeAll(() => {
    all = registeredStack(stack);
    nodes = loadEnvironment(stack).hosts.filter(({ role }) => role === "k3sServer" || role === "k3sAgent").length;
  });
  const of = (wanted: string): readonly Registration[] =>
    all.filter((one) => kind(one) === wanted && one.urn.includes("kubernetes:"));

  /** The longest that all pods of a workload may take to be exchanged. */
  function rollOut(one: Registration): number {
    const scaler = of("HorizontalPodAutoscaler").find((hpa) => spec(hpa).scaleTargetRef?.name === metadata(one).name);
    const pods = kind(one) === "DaemonSet" ? nodes : (spec(scaler ?? one).maxReplicas ?? spec(one).replicas ?? 1);
    const atOnce =
      kind(one) !== "Deployment" ? 1 : spec(one).strategy?.type === "Recreate" ? pods : Math.ceil(pods / 4);
    return Math.ceil(pods / Math.max(atOnce, 1)) * podSeconds(spec(one)) + PULL;
  }

  test("workloads are waited for as long as all of their pods may take", () => {
    const workloads = ["Deployment", "StatefulSet", "DaemonSet"].flatMap(of).filter(isAwaited);
    expect(workloads.length).toBeGreaterThan(3);
    const impatient = workloads.filter(
      (one) => Math.min(patience(one, "create"), patience(one, "update")) < rollOut(one),
    );
    expect(impatient.map(({ urn }) => urn)).toEqual([]);
  });

  test("migrations are waited for as long as they may take, and one that failed is made anew", () => {
    const jobs = of("Job");
    const impatient = jobs.filter(
      (one) => patience(one, "create") < (spec(one).activeDeadlineSeconds ?? Infinity) + PULL,
    );
    expect(impatient.map(({ urn }) => urn)).toEqual([]);
    expect(jobs.filter((one) => metadata(one).annotations?.["pulumi.com/replaceUnready"] !== "true")).toEqual([]);
  });

  test("public routes come after the Job that makes an application's first account, and that after its pods", () => {
    const accounts = of("Job").filter((one) => metadata(one).annotations?.["keybuzz.io/first-account"] !== undefined);
    expect(accounts.map((one) => metadata(one).namespace).sort()).toEqual(["chatwoot", "n8n"]);
    for (const account of accounts) {
      const inNamespace = (one: Registration) => metadata(one).namespace === metadata(account).namespace;
      const routes = of("Ingress").filter(inNamespace);
      expect(routes.length).toBeGreaterThan(3);
      expect(routes.filter(({ dependencies }) => !dependencies.includes(account.urn))).toEqual([]);
      const pods = of("Deployment").filter(inNamespace);
      expect(pods.length).toBeGreaterThan(1);
      expect(pods.filter(({ urn }) => !account.dependencies.includes(urn))).toEqual([]);
    }
  });

  test("Services are waited for as long as the pods behind them, and after those", () => {
    const workloads = ["Deployment", "StatefulSet", "DaemonSet"].flatMap(of);
    const services = of("Service").filter(isAwaited);
    expect(services.length).toBeGreaterThan(3);
    const impatient = services.filter((service) => {
      const selector = Object.entries((spec(service).selector ?? {}) as Readonly<Record<string, string>>);
      const behind = workloads.filter(
        (one) =>
          metadata(one).namespace === metadata(service).namespace &&
          selector.every(([key, value]) => spec(one).template?.metadata.labels[key] === value),
      );
      // Of a headless one, and one whose pods wait for people, nothing is waited for.
      if (spec(service).clusterIP === "None" || behind.length === 0 || !behind.every(isAwaited)) return false;
      // Where one step runs at a time, one that waited for pods whose turn comes later would wait in vain.
      if (!behind.every(({ urn }) => service.dependencies.includes(urn))) return true;
      return patience(service, "create") < Math.max(...behind.map(rollOut));
    });
    expect(impatient.map(({ urn }) => urn)).toEqual([]);
  });
});

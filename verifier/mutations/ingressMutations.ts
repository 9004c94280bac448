// What can be done to Ingresses, to what they refer to, and to the controller's own configuration.
import { at, list, text, texts, type EmittedGraph, type EmittedResource } from "../read/graph";
import { removed, set, type Mutation } from "./mutation";

/** Values that ingress-nginx has anyway (its documentation, ConfigMap). */
const DEFAULTS: Readonly<Record<string, string>> = {
  "proxy-connect-timeout": "5",
  "proxy-read-timeout": "60",
  "proxy-send-timeout": "60",
  "proxy-body-size": "1m",
};

/** Other values of what routes ask for beside being passed on: each changes who comes in, or what they get. */
const OTHERS: Readonly<Record<string, readonly string[]>> = {
  "auth-type": ["digest"],
  "auth-secret": ["elsewhere/users", "nobody"],
  "auth-url": ["https://id.example.org/auth", "http://nobody.nowhere.svc.cluster.local:4180/oauth2/auth"],
  "auth-signin": ["https://example.org"],
  "rewrite-target": ["/elsewhere$1", "/$3"],
  "permanent-redirect": ["https://example.org"],
  "temporal-redirect": ["https://example.org"],
  "limit-rps": ["0", "1000"],
  "limit-connections": ["0"],
  "enable-cors": ["false"],
  "cors-allow-origin": ["*"],
  "cors-allow-credentials": ["true"],
  "affinity-mode": ["balanced"],
  "session-cookie-name": ["other"],
  "custom-headers": ["elsewhere/headers"],
  "canary-weight": ["0", "100"],
};

/** Why nobody would miss one of those; undefined: somebody would. */
function spare(short: string, ingress: EmittedResource, { resources }: EmittedGraph): string | undefined {
  const host = at(list(at(ingress.inputs, "spec", "rules"))[0], "host");
  switch (short) {
    case "auth-realm":
      return "words of the browser's question";
    case "session-cookie-path":
      return "where a cookie holds decides which pod answers, and each of them may";
    case "permanent-redirect-code":
    case "temporal-redirect-code":
      return "the controller's own code lasts as long, for what browsers ask";
    case "use-regex": {
      const others = resources.filter(
        (other) => other.type === ingress.type && at(list(at(other.inputs, "spec", "rules"))[0], "host") === host,
      );
      const makers = others.filter(({ inputs }) => {
        const { [`${PREFIX}use-regex`]: pattern, [`${PREFIX}rewrite-target`]: target } = texts(
          at(inputs, "metadata", "annotations"),
        );
        return target !== undefined || pattern === "true";
      });
      const itself = texts(at(ingress.inputs, "metadata", "annotations"))[`${PREFIX}rewrite-target`] !== undefined;
      return makers.length > 1 || itself ? "another makes patterns of all paths of that host" : undefined;
    }
    default:
      return undefined;
  }
}

const PREFIX = "nginx.ingress.kubernetes.io/";
const STREAMED = `${PREFIX}proxy-request-buffering`;

/** Does an Ingress name that ConfigMap or Secret? */
export function isReferredTo({ inputs }: EmittedResource, { resources }: EmittedGraph): boolean {
  const { namespace = "", name = "" } = texts(at(inputs, "metadata"));
  return resources.some(({ type, inputs: ingress }) => {
    if (texts(ingress["data"])["add-headers"] === `${namespace}/${name}`) return true;
    if (type !== "kubernetes:networking.k8s.io/v1:Ingress") return false;
    const annotations = texts(at(ingress, "metadata", "annotations"));
    return ["auth-secret", "custom-headers"].some((one) => annotations[`${PREFIX}${one}`] === `${namespace}/${name}`);
  });
}

function firstPath(ingress: EmittedResource): unknown {
  const [rule] = list(at(ingress.inputs, "spec", "rules"));
  return list(at(rule, "http", "paths"))[0];
}

/** Has the Service of an Ingress' first path a single pod behind it? */
function onePod(ingress: EmittedResource, { resources }: EmittedGraph): boolean {
  const service = at(firstPath(ingress), "backend", "service", "name");
  return resources.some(
    ({ type, inputs }) =>
      type === "kubernetes:apps/v1:Deployment" &&
      at(inputs, "metadata", "name") === service &&
      at(inputs, "spec", "replicas") === 1,
  );
}

export function ingressMutations(ingress: EmittedResource, graph: EmittedGraph): readonly Mutation[] {
  const annotations = texts(at(ingress.inputs, "metadata", "annotations"));
  const path = (name: string): readonly string[] => ["metadata", "annotations", name];
  const kind = text(at(ingress.inputs, "metadata", "labels", "keybuzz.io/route"));
  const answered =
    kind === "redirect" || kind === "moved" ? "clients are sent elsewhere: no request comes to the Service" : undefined;
  const place = ["spec", "rules", 0, "http", "paths", 0];
  // Of a redirect nothing is passed on; a canary is passed on as the route that it belongs to.
  const passes = answered === undefined && annotations[`${PREFIX}canary`] === undefined;
  return [
    removed(ingress),
    ...(passes && annotations[STREAMED] === undefined ? [set(ingress, path(STREAMED), "off")] : []),
    set(ingress, ["spec", "ingressClassName"], "other"),
    set(ingress, [...place, "backend", "service", "port", "number"], 1, answered),
    ...(at(firstPath(ingress), "pathType") === "ImplementationSpecific"
      ? [set(ingress, [...place, "path"], "/.*"), set(ingress, [...place, "pathType"], "Prefix")]
      : []),
    ...Object.entries(annotations).flatMap(([name, value]) => {
      const short = name.split("/")[1] ?? "";
      const usual = DEFAULTS[short] === value ? `${short} ${value} is the controller's default` : undefined;
      const looser =
        kind === "websocket" && short.endsWith("-timeout")
          ? "the controller's default is longer, and shorter than the balancers' limit"
          : undefined;
      const unused =
        short === "proxy-send-timeout" && kind !== "websocket"
          ? "the time between two writes to the pod limits no declared need of this route"
          : undefined;
      const connect =
        short === "proxy-connect-timeout"
          ? "a connection within the cluster stands in milliseconds or never"
          : undefined;
      const alone =
        short === "proxy-next-upstream-tries" && onePod(ingress, graph)
          ? "one pod is all that there is to try"
          : undefined;
      return [
        set(ingress, path(name), undefined, usual ?? looser ?? unused ?? alone ?? spare(short, ingress, graph)),
        ...(OTHERS[short] ?? []).map((other) => set(ingress, path(name), other)),
        ...(short === "whitelist-source-range"
          ? [set(ingress, path(name), "0.0.0.0/0"), set(ingress, path(name), "198.51.100.0/24")]
          : []),
        ...(short.endsWith("-timeout")
          ? [set(ingress, path(name), "1", unused ?? connect), set(ingress, path(name), `${value}s`)]
          : []),
        ...(short === "proxy-body-size" ? [set(ingress, path(name), "1k")] : []),
      ];
    }),
  ];
}

/** The ingress controller's pods: how they end. */
export function endingMutations(daemons: EmittedResource): readonly Mutation[] {
  const containers = ["spec", "template", "spec", "containers"] as const;
  const container = [...containers, 0] as const;
  const args = list(at(list(at(daemons.inputs, ...containers))[0], "args")).flatMap((one) => text(one) ?? []);
  if (!args.some((one) => one.startsWith("--controller-class="))) return [];
  const GRACE = "--shutdown-grace-period=";
  const without = args.filter((one) => !one.startsWith(GRACE));
  return [
    set(daemons, [...container, "args"], without),
    set(daemons, [...container, "args"], [...without, `${GRACE}5`]),
    set(daemons, [...container, "args"], [...args, "--healthz-port=10255"]),
    set(daemons, [...container, "readinessProbe", "failureThreshold"], 1),
    set(daemons, ["spec", "template", "spec", "terminationGracePeriodSeconds"], 270),
  ];
}

export function controllerMutations(map: EmittedResource, { resources }: EmittedGraph): readonly Mutation[] {
  const data = texts(map.inputs["data"]);
  if (data["Strict-Transport-Security"] !== undefined)
    return [
      set(map, ["data", "Strict-Transport-Security"], undefined),
      set(map, ["data", "Strict-Transport-Security"], "max-age=0"),
    ];
  if (data["proxy-real-ip-cidr"] === undefined) return [];
  const asksOthers = resources.some(
    ({ inputs }) => texts(at(inputs, "metadata", "annotations"))[`${PREFIX}auth-url`] !== undefined,
  );
  return [
    set(map, ["data", "keep-alive"], "60"),
    set(map, ["data", "keep-alive"], undefined),
    set(map, ["data", "worker-shutdown-timeout"], "900s"),
    set(map, ["data", "http-snippet"], undefined),
    set(map, ["data", "add-headers"], undefined),
    set(map, ["data", "proxy-cookie-path"], undefined),
    set(map, ["data", "proxy-cookie-path"], "off"),
    set(map, ["data", "proxy-real-ip-cidr"], "0.0.0.0/0"),
    set(map, ["data", "proxy-real-ip-cidr"], undefined),
    ...(asksOthers ? [set(map, ["data", "annotations-risk-level"], "Medium")] : []),
    ...(data["global-allowed-response-headers"] === undefined
      ? []
      : [set(map, ["data", "global-allowed-response-headers"], undefined)]),
  ];
}

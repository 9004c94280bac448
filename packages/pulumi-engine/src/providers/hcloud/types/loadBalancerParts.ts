import { createHash } from "node:crypto";
import type { CheckFailure, Properties, Value } from "../../../provider";
import { hasCode } from "../api";
import { child, exactlyOne, type Definition } from "../definition";
import { scalar, fixed, flag, integer, integers, sameValue, text, type PropertyTable } from "../properties";
import { getLoadBalancer, type ApiLoadBalancer, type ApiService, type ApiTarget } from "./loadBalancer";

const fixedNeeded = { required: true, replace: true } as const;
const port = { between: [1, 65535] } as const;

const HTTP: PropertyTable = {
  certificates: { shape: integers },
  cookieLifetime: integer(),
  cookieName: text(),
  redirectHttp: flag(),
  stickySessions: flag(),
  timeoutIdle: integer({ between: [30, 300] }),
};
const HEALTH_HTTP: PropertyTable = {
  domain: text(),
  path: text(),
  response: text(),
  statusCodes: { shape: { list: "string" } },
  tls: flag(),
};
const HEALTH_CHECK: PropertyTable = {
  protocol: text({ required: true, oneOf: ["http", "https", "tcp"] }),
  port: integer({ required: true, ...port }),
  interval: integer({ required: true }),
  timeout: integer({ required: true }),
  retries: integer({ required: true }),
  http: { shape: { object: HEALTH_HTTP } },
};

/** API names of our names. */
const SNAKE: Readonly<Record<string, string>> = {
  cookieLifetime: "cookie_lifetime",
  cookieName: "cookie_name",
  redirectHttp: "redirect_http",
  stickySessions: "sticky_sessions",
  timeoutIdle: "timeout_idle",
  statusCodes: "status_codes",
};

const toApi = (value: Value | undefined): object | undefined => {
  if (typeof value !== "object" || value === null) return undefined;
  return Object.fromEntries(
    Object.entries(value as Properties).map(([key, one]) => [SNAKE[key] ?? key, key === "http" ? toApi(one) : one]),
  );
};

/** The HTTP services' known ports; TCP has none. */
export function listenPortOf(inputs: Properties): number {
  if (typeof inputs["listenPort"] === "number") return inputs["listenPort"];
  return inputs["protocol"] === "https" ? 443 : 80;
}

function parseServiceId(id: string): readonly [balancer: string, listenPort: number] {
  const match = /^(\d+)__(\d+)$/.exec(id);
  if (match === null)
    throw new Error(`"${id}" is no id of a load balancer service: it must be <load balancer id>__<listen port>`);
  return [match[1] ?? "", Number(match[2])];
}

function serviceBody(inputs: Properties): object {
  const { protocol, destinationPort, proxyprotocol, http, healthCheck } = inputs;
  return {
    protocol,
    listen_port: listenPortOf(inputs),
    ...(destinationPort === undefined ? {} : { destination_port: destinationPort }),
    ...(proxyprotocol === undefined ? {} : { proxyprotocol }),
    ...(http === undefined ? {} : { http: toApi(http) }),
    ...(healthCheck === undefined ? {} : { health_check: toApi(healthCheck) }),
  };
}

function serviceOutputs(balancer: string, service: ApiService): Properties {
  const { http, health_check: check } = service;
  return {
    loadBalancerId: balancer,
    protocol: service.protocol,
    listenPort: service.listen_port,
    destinationPort: service.destination_port,
    proxyprotocol: service.proxyprotocol,
    ...(http === undefined
      ? {}
      : {
          http: {
            certificates: http.certificates ?? [],
            cookieLifetime: http.cookie_lifetime,
            cookieName: http.cookie_name,
            redirectHttp: http.redirect_http ?? false,
            stickySessions: http.sticky_sessions,
            timeoutIdle: http.timeout_idle,
          },
        }),
    healthCheck: {
      protocol: check.protocol,
      port: check.port,
      interval: check.interval,
      timeout: check.timeout,
      retries: check.retries,
      ...(check.http === undefined
        ? {}
        : {
            http: {
              domain: check.http.domain ?? "",
              path: check.http.path,
              response: check.http.response ?? "",
              statusCodes: check.http.status_codes ?? [],
              tls: check.http.tls ?? false,
            },
          }),
    },
  };
}

const SERVICE: PropertyTable = {
  loadBalancerId: text(fixedNeeded),
  protocol: text({ ...fixedNeeded, oneOf: ["http", "https", "tcp"] }),
  listenPort: integer({ replace: true, ...port }),
  destinationPort: integer(port),
  proxyprotocol: flag(),
  http: { shape: { object: HTTP } },
  healthCheck: { shape: { object: HEALTH_CHECK } },
};

/** True where everything the inputs say is already so; what they leave open does not count. */
function covers(actual: Value | undefined, wanted: Value, property: PropertyTable[string]): boolean {
  const { shape } = property;
  if (typeof shape === "string" || !("object" in shape)) return sameValue(actual, wanted, shape);
  const [have, want] = [(actual ?? {}) as Properties, wanted as Properties];
  return Object.entries(shape.object).every(
    ([key, inner]) => want[key] === undefined || covers(have[key], want[key], inner),
  );
}

export const loadBalancerService: Definition = child({
  properties: SERVICE,
  computed: ["destinationPort", "healthCheck", "http", "listenPort", "proxyprotocol"],
  rules: (inputs): CheckFailure[] => {
    const missing = ["listenPort", "destinationPort"].filter(
      (name) => inputs["protocol"] === "tcp" && inputs[name] === undefined,
    );
    return missing.map((property) => ({ property, reason: "must be given for protocol tcp" }));
  },
  id: (inputs) => `${scalar(inputs["loadBalancerId"])}__${listenPortOf(inputs)}`,
  make: (api, inputs) =>
    api.act(`/load_balancers/${scalar(inputs["loadBalancerId"])}/actions/add_service`, serviceBody(inputs)),
  read: async (api, id) => {
    const [balancer, listenPort] = parseServiceId(id);
    const service = (await getLoadBalancer(api, balancer))?.services.find((one) => one.listen_port === listenPort);
    return service === undefined ? undefined : serviceOutputs(balancer, service);
  },
  converge: async (api, id, inputs, actual) => {
    if (
      Object.entries(SERVICE).every(
        ([key, property]) => inputs[key] === undefined || covers(actual[key], inputs[key], property),
      )
    )
      return;
    await api.act(`/load_balancers/${parseServiceId(id)[0]}/actions/update_service`, serviceBody(inputs));
  },
  delete: async (api, id) => {
    const [balancer, listenPort] = parseServiceId(id);
    await api.actUnlessGone(`/load_balancers/${balancer}/actions/delete_service`, { listen_port: listenPort });
  },
});

const hash = (value: string): string => createHash("sha256").update(value).digest("hex");

const matches = (target: ApiTarget, inputs: Properties): boolean =>
  (target.server !== undefined && target.server.id === inputs["serverId"]) ||
  (target.label_selector !== undefined && target.label_selector.selector === inputs["labelSelector"]) ||
  (target.ip !== undefined && target.ip.ip === inputs["ip"]);

function targetBody({ type, serverId, labelSelector, ip }: Properties): object {
  return {
    type,
    ...(serverId === undefined ? {} : { server: { id: serverId } }),
    ...(labelSelector === undefined ? {} : { label_selector: { selector: labelSelector } }),
    ...(ip === undefined ? {} : { ip: { ip } }),
  };
}

function targetId({ loadBalancerId, serverId, labelSelector, ip }: Properties): string {
  if (serverId !== undefined) return `lb-srv-tgt-${scalar(serverId)}-${scalar(loadBalancerId)}`;
  if (labelSelector !== undefined)
    return `lb-label-selector-tgt-${hash(scalar(labelSelector))}-${scalar(loadBalancerId)}`;
  return `lb-ip-tgt-${hash(scalar(ip))}-${scalar(loadBalancerId)}`;
}

function targetOutputs(row: ApiLoadBalancer, target: ApiTarget): Properties {
  return {
    loadBalancerId: row.id,
    type: target.type,
    ...(target.server === undefined ? {} : { serverId: target.server.id }),
    ...(target.label_selector === undefined ? {} : { labelSelector: target.label_selector.selector }),
    ...(target.ip === undefined ? {} : { ip: target.ip.ip }),
    usePrivateIp: target.use_private_ip ?? false,
  };
}

export const loadBalancerTarget: Definition = child({
  properties: {
    loadBalancerId: integer(fixedNeeded),
    type: text({ required: true, oneOf: ["server", "label_selector", "ip"] }),
    serverId: integer(fixed),
    labelSelector: text(fixed),
    ip: text(fixed),
    usePrivateIp: flag(),
  },
  computed: ["usePrivateIp"],
  rules: exactlyOne("serverId", "labelSelector", "ip"),
  id: targetId,
  make: async (api, inputs) => {
    const { loadBalancerId, usePrivateIp } = inputs;
    const body = { ...targetBody(inputs), ...(usePrivateIp === undefined ? {} : { use_private_ip: usePrivateIp }) };
    try {
      await api.act(`/load_balancers/${scalar(loadBalancerId)}/actions/add_target`, body);
    } catch (error) {
      if (!hasCode(error, "target_already_defined")) throw error;
    }
  },
  read: async (api, _id, last) => {
    const row = await getLoadBalancer(api, scalar(last?.["loadBalancerId"]));
    const target = row?.targets.find((one) => matches(one, last ?? {}));
    return row === undefined || target === undefined ? undefined : targetOutputs(row, target);
  },
  // The API cannot change a target: it is taken away and added again.
  converge: async (api, _id, inputs, actual) => {
    if (inputs["usePrivateIp"] === undefined || inputs["usePrivateIp"] === actual["usePrivateIp"]) return;
    const path = `/load_balancers/${scalar(inputs["loadBalancerId"])}/actions`;
    await api.actUnlessGone(`${path}/remove_target`, targetBody(inputs));
    await api.act(`${path}/add_target`, { ...targetBody(inputs), use_private_ip: inputs["usePrivateIp"] });
  },
  delete: (api, _id, last) =>
    api.actUnlessGone(`/load_balancers/${scalar(last["loadBalancerId"])}/actions/remove_target`, targetBody(last)),
  importId: (id) => {
    const [balancer = "", type = "", ...rest] = id.split("__");
    const key = { server: "serverId", label_selector: "labelSelector", ip: "ip" }[type];
    if (key === undefined)
      throw new Error(
        `"${id}" is no id of a load balancer target: it must be <load balancer id>__server|label_selector|ip__<identifier>`,
      );
    const identifier = rest.join("__");
    const last: Properties = {
      loadBalancerId: Number(balancer),
      type,
      [key]: type === "server" ? Number(identifier) : identifier,
    };
    return { id: targetId(last), last };
  },
});

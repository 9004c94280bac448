import { createHash } from "node:crypto";
import { scalar } from "../../../bridge/check";
import type { CheckFailure, Properties, Value } from "../../../provider";
import { hasCode, type Api } from "../api";
import type { WithActions } from "../client";
import { child, exactlyOne, type Definition } from "../definition";
import { getLoadBalancer, type ApiLoadBalancer, type ApiService, type ApiTarget } from "./loadBalancer";

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
function listenPortOf(inputs: Properties): number {
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
    ...(http === undefined || service.protocol === "tcp"
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

const PROTOCOLS = ["http", "https", "tcp"];
const computed = { computed: true } as const;

export const loadBalancerService: Definition = child({
  rules: {
    protocol: { oneOf: PROTOCOLS },
    listenPort: { between: [1, 65535] },
    destinationPort: { between: [1, 65535] },
    "http.certificates": { ...computed, set: true },
    "http.cookieLifetime": computed,
    "http.cookieName": computed,
    "http.redirectHttp": computed,
    "http.stickySessions": computed,
    "http.timeoutIdle": { ...computed, between: [30, 300] },
    "healthCheck.protocol": { oneOf: PROTOCOLS },
    "healthCheck.port": { between: [1, 65535] },
    "healthCheck.http": computed,
  },
  validate: (inputs): CheckFailure[] => {
    const missing = ["listenPort", "destinationPort"].filter(
      (name) => inputs["protocol"] === "tcp" && inputs[name] === undefined,
    );
    return missing.map((property) => ({ property, reason: "must be given for protocol tcp" }));
  },
  id: (inputs) => `${scalar(inputs["loadBalancerId"])}__${listenPortOf(inputs)}`,
  make: async (api, inputs, made) => {
    // A service that is about to go may stand in the way.
    const path = `/load_balancers/${scalar(inputs["loadBalancerId"])}/actions/add_service`;
    const answer = await api.retry(["service_error"], () => api.send<WithActions>("POST", path, serviceBody(inputs)));
    made();
    await api.wait(answer);
  },
  read: async (api, id) => {
    const [balancer, listenPort] = parseServiceId(id);
    const service = (await getLoadBalancer(api, balancer))?.services.find((one) => one.listen_port === listenPort);
    return service === undefined ? undefined : serviceOutputs(balancer, service);
  },
  // The whole service is sent, whatever changes; also when nothing does.
  update: (api, id, { inputs }) =>
    api.act(`/load_balancers/${parseServiceId(id)[0]}/actions/update_service`, serviceBody(inputs)),
  delete: async (api, id) => {
    const [balancer, listenPort] = parseServiceId(id);
    const path = `/load_balancers/${balancer}/actions/delete_service`;
    await api.unlessGone(() => api.act(path, { listen_port: listenPort }));
  },
});

const hash = (value: string): string => createHash("sha256").update(value).digest("hex");
const isGiven = (value: Value | undefined): value is Value => value !== undefined && value !== null;

const matches = (target: ApiTarget, inputs: Properties): boolean =>
  (target.server !== undefined && target.server.id === inputs["serverId"]) ||
  (target.label_selector !== undefined && target.label_selector.selector === inputs["labelSelector"]) ||
  (target.ip !== undefined && target.ip.ip === inputs["ip"]);

function targetBody({ type, serverId, labelSelector, ip }: Properties): object {
  return {
    type,
    ...(isGiven(serverId) ? { server: { id: serverId } } : {}),
    ...(isGiven(labelSelector) ? { label_selector: { selector: labelSelector } } : {}),
    ...(isGiven(ip) ? { ip: { ip } } : {}),
  };
}

function targetId({ loadBalancerId, serverId, labelSelector, ip }: Properties): string {
  if (isGiven(serverId)) return `lb-srv-tgt-${scalar(serverId)}-${scalar(loadBalancerId)}`;
  if (isGiven(labelSelector)) return `lb-label-selector-tgt-${hash(scalar(labelSelector))}-${scalar(loadBalancerId)}`;
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

async function addTarget(api: Api, inputs: Properties): Promise<void> {
  const { loadBalancerId, usePrivateIp } = inputs;
  const balancer = scalar(loadBalancerId);
  if (usePrivateIp === true && isGiven(inputs["serverId"])) {
    const isAttached = async (): Promise<boolean> =>
      ((await getLoadBalancer(api, balancer))?.private_net.length ?? 0) > 0;
    if (!(await api.until(isAttached))) throw new Error(`load balancer ${balancer} is in no private network`);
  }
  const body = { ...targetBody(inputs), ...(usePrivateIp === undefined ? {} : { use_private_ip: usePrivateIp }) };
  try {
    await api.act(`/load_balancers/${balancer}/actions/add_target`, body);
  } catch (error) {
    if (!hasCode(error, "target_already_defined")) throw error;
  }
}

const removeTarget = (api: Api, last: Properties): Promise<void> => {
  const path = `/load_balancers/${scalar(last["loadBalancerId"])}/actions/remove_target`;
  return api.unlessGone(() => api.retry(["conflict", "locked"], () => api.act(path, targetBody(last))));
};

export const loadBalancerTarget: Definition = child({
  rules: { type: { oneOf: ["server", "label_selector", "ip"] } },
  validate: exactlyOne("serverId", "labelSelector", "ip"),
  id: targetId,
  make: addTarget,
  read: async (api, _id, last) => {
    const row = await getLoadBalancer(api, scalar(last["loadBalancerId"]));
    const target = row?.targets.find((one) => matches(one, last));
    return row === undefined || target === undefined ? undefined : targetOutputs(row, target);
  },
  // The API cannot change a target: it is taken away and added again.
  update: async (api, _id, { inputs }) => {
    await removeTarget(api, inputs);
    await addTarget(api, inputs);
  },
  delete: (api, _id, last) => removeTarget(api, last),
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

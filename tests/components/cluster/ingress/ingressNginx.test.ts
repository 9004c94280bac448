import {
  CLUSTER_RULES,
  configMapData,
  CONTROLLER_ARGS,
  controllerOptions,
  NAMESPACE_RULES,
} from "../../../../components/cluster/ingress/ingressNginxConfig";
import { controllerDaemonSet, controllerService } from "../../../../components/cluster/ingress/ingressNginxObjects";

const SETTINGS = { trustedProxies: ["10.0.0.5", "10.0.0.6"], outerIdleSeconds: 300 };

test("the controller's configuration: client addresses from the two load balancers only, keep-alive longer than theirs", () => {
  expect(configMapData(controllerOptions(SETTINGS))).toMatchSnapshot();
  expect(configMapData(controllerOptions(SETTINGS))).toMatchObject({
    "use-forwarded-headers": "true",
    "proxy-real-ip-cidr": "10.0.0.5/32,10.0.0.6/32",
    "keep-alive": "315",
    "worker-shutdown-timeout": "240s",
  });
});

test("without trusted proxies anybody could forge an address: refused", () => {
  expect(() => controllerOptions({ ...SETTINGS, trustedProxies: [] })).toThrow("0.0.0.0/0");
});

test("a controller on each node, tainted ones and servers included, pinned, without a surge", () => {
  const daemonSet = controllerDaemonSet();
  expect(daemonSet).toMatchSnapshot();
  expect(daemonSet.spec.template.spec.tolerations).toEqual([{ operator: "Exists", effect: "NoSchedule" }]);
  expect(daemonSet.spec.template.spec.containers[0]?.image).toMatch(/:v1\.15\.1@sha256:[0-9a-f]{64}$/);
  expect(CONTROLLER_ARGS.join(" ")).not.toContain("publish-service");
});

test("the lease that it elects with is the one that its Role may change", () => {
  const election = CONTROLLER_ARGS.find((argument) => argument.startsWith("--election-id="))?.split("=")[1];
  const leases = NAMESPACE_RULES.filter(({ resources }) => resources.includes("leases"));
  expect(leases.flatMap(({ resourceNames }) => resourceNames ?? [])).toEqual([election]);
  expect(leases.some(({ verbs, resourceNames }) => verbs.includes("create") && resourceNames === undefined)).toBe(true);
});

test("no right to write anything but status, events and its lease", () => {
  const writes = [...CLUSTER_RULES, ...NAMESPACE_RULES].filter(({ verbs }) =>
    verbs.some((verb) => !["get", "list", "watch"].includes(verb)),
  );
  expect([...new Set(writes.flatMap(({ resources }) => resources))].sort()).toEqual([
    "events",
    "ingresses/status",
    "leases",
  ]);
  expect(JSON.stringify([...CLUSTER_RULES, ...NAMESPACE_RULES])).not.toContain("*");
});

test("the NodePort keeps the load balancer's address and selects the controller", () => {
  const service = controllerService(31695);
  expect(service.spec).toMatchObject({ type: "NodePort", externalTrafficPolicy: "Local" });
  expect(service.spec.ports).toEqual([expect.objectContaining({ nodePort: 31695, targetPort: "http" })]);
  expect(controllerDaemonSet().spec.template.metadata.labels).toMatchObject(service.spec.selector);
});

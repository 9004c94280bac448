import { z } from "zod";
import { limitExceeded, notFound, refused } from "../http/apiError";
import type { Router } from "../http/router";
import { requireRow, type CloudContext } from "../model/context";
import type { LoadBalancerRow, ResourceRef } from "../model/rows";
import { id, idOrName, parseBody } from "../rules/body";
import { changedService, checkServices, newService, serviceBody } from "../rules/services";
import { addTarget, requireTargetRoom, sameTarget, targetBody, toTarget } from "../rules/targets";
import {
  algorithmBody,
  attached,
  certificateMistake,
  requireLoadBalancerType,
  typeOf,
  withDnsPtr,
} from "./loadBalancers";
import { actionAnswer, actionOn } from "./resource";

const MAX_ATTACHED_NETWORKS = 1;

/** POST /load_balancers/{id}/actions/*. They take effect in the order of the requests, and lock nothing. */
export function loadBalancerActionRoutes(router: Router, cloud: CloudContext): void {
  const on = (
    command: string,
    next: (row: LoadBalancerRow, body: unknown) => LoadBalancerRow,
    locks: (row: LoadBalancerRow) => readonly ResourceRef[] = () => [],
  ): void => {
    router.post(`/load_balancers/:id/actions/${command}`, ({ params, body }) => {
      const row = requireRow(cloud, "load_balancer", params["id"] ?? "");
      const changed = cloud.store.put("load_balancer", next(row, body));
      return actionAnswer(cloud.actions.start(actionOn("load_balancer", row.id, command, { locks: locks(changed) })));
    });
  };
  serviceActions(cloud, on);
  on("add_target", (row, body) => addTarget(cloud, row, typeOf(row), toTarget(parseBody(targetBody, body))));
  on("remove_target", (row, body) => {
    const wish = parseBody(targetBody, body);
    const targets =
      wish.type === "ip" ? row.targets : row.targets.filter((target) => !sameTarget(target, toTarget(wish)));
    // The real provider recognises this refusal by code and words.
    if (targets.length === row.targets.length) throw refused("load_balancer_target_not_found", "target not found");
    return { ...row, targets };
  });
  const attach = (row: LoadBalancerRow, body: unknown): LoadBalancerRow => {
    const wish = parseBody(z.object({ network: id, ip: z.string().optional(), ip_range: z.string().optional() }), body);
    if (row.privateNet.length >= MAX_ATTACHED_NETWORKS)
      throw refused("load_balancer_already_attached", `load balancer ${row.id} is already attached to a network`);
    if (cloud.weather.networksAreBusy) cloud.actions.requireCalm("network", wish.network);
    return attached(cloud, row, { network: wish.network, ip: wish.ip, ipRange: wish.ip_range });
  };
  on("attach_to_network", attach, (row) =>
    cloud.weather.networksAreBusy ? row.privateNet.map(({ network }) => ({ id: network, type: "network" })) : [],
  );
  on("detach_from_network", (row, body) => {
    const wish = parseBody(z.object({ network: id }), body);
    if (!row.privateNet.some((net) => net.network === wish.network)) throw notFound("network attachment", wish.network);
    return { ...row, privateNet: [], targets: row.targets.filter((target) => !target.use_private_ip) };
  });
  on("enable_public_interface", (row) => ({ ...row, publicEnabled: true }));
  on("disable_public_interface", (row) => {
    if (row.targets.some((target) => !target.use_private_ip))
      throw refused("targets_without_use_private_ip", "some targets do not use their private address");
    return { ...row, publicEnabled: false };
  });
  on("change_algorithm", (row, body) => ({ ...row, algorithm: parseBody(algorithmBody, body).type }));
  on("change_type", (row, body) => {
    const type = requireLoadBalancerType(
      parseBody(z.object({ load_balancer_type: idOrName }), body).load_balancer_type,
    );
    if (row.services.length > type.max_services)
      throw refused(
        "invalid_load_balancer_type",
        `${row.services.length} services do not fit a ${type.name} (${type.max_services})`,
      );
    checkServices(row.services, type, certificateMistake(cloud));
    requireTargetRoom(cloud, row, type);
    return { ...row, type: type.name };
  });
  on("change_dns_ptr", (row, body) => {
    const wish = parseBody(z.object({ ip: z.string(), dns_ptr: z.string().nullable() }), body);
    return withDnsPtr(row, wish.ip, wish.dns_ptr);
  });
}

function serviceActions(
  cloud: CloudContext,
  on: (command: string, next: (row: LoadBalancerRow, body: unknown) => LoadBalancerRow) => void,
): void {
  on("add_service", (row, body) => {
    const type = typeOf(row);
    if (row.services.length >= type.max_services) throw limitExceeded(`services of a ${type.name}`, type.max_services);
    const services = [...row.services, newService(parseBody(serviceBody, body))];
    checkServices(services, type, certificateMistake(cloud));
    return { ...row, services };
  });
  on("update_service", (row, body) => {
    const wish = parseBody(serviceBody, body);
    const before = row.services.find((service) => service.listen_port === wish.listen_port);
    if (before === undefined) throw notFound("service with listen_port", wish.listen_port ?? "");
    const services = row.services.map((service) => (service === before ? changedService(before, wish) : service));
    checkServices(services, typeOf(row), certificateMistake(cloud));
    return { ...row, services };
  });
  on("delete_service", (row, body) => {
    const wish = parseBody(z.object({ listen_port: z.int() }), body);
    const services = row.services.filter((service) => service.listen_port !== wish.listen_port);
    if (services.length === row.services.length) throw notFound("service with listen_port", wish.listen_port);
    return { ...row, services };
  });
}

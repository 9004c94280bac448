import { ApiError, invalidField, notFound } from "../http/apiError";
import { filterRows, paginate, sortRows, type Filters } from "../http/listing";
import type { Router } from "../http/router";
import { renderAction } from "../model/actions";
import {
  IMAGES,
  LOAD_BALANCER_TYPES,
  LOCATIONS,
  renderImage,
  renderLoadBalancerType,
  renderServerType,
  SERVER_TYPES,
} from "../model/catalog";
import { hasCapacity, type CloudContext } from "../model/context";
import { price, pricesOf, VAT_PERCENT } from "../model/prices";
import { listActions } from "./resource";

/** What Hetzner offers, which nobody can change; and the actions of all resources together. */
export function catalogueRoutes(router: Router, cloud: CloudContext): void {
  const { prices } = cloud.settings;
  const offer = <T extends { readonly id: number; readonly name: string }>(
    kind: string,
    plural: string,
    rows: readonly T[],
    render: (row: T) => object,
    filters: Filters<T> = {},
  ): void => {
    router.get(`/${plural}`, ({ query }) => {
      const page = paginate(sortRows(filterRows(rows, query, filters), query, ["id", "name"]), query);
      return { status: 200, body: { [plural]: page.items.map(render), meta: page.meta } };
    });
    router.get(`/${plural}/:id`, ({ params }) => {
      const row = rows.find((candidate) => String(candidate.id) === params["id"]);
      if (row === undefined) throw notFound(kind, params["id"] ?? "");
      return { status: 200, body: { [kind]: render(row) } };
    });
  };
  offer("location", "locations", LOCATIONS, (row) => row);
  offer("server_type", "server_types", SERVER_TYPES, (row) =>
    renderServerType(row, prices, (place) => hasCapacity(cloud, row.name, place)),
  );
  offer("load_balancer_type", "load_balancer_types", LOAD_BALANCER_TYPES, (row) => renderLoadBalancerType(row, prices));
  for (const path of ["/datacenters", "/datacenters/:id"])
    router.get(path, () => {
      throw new ApiError(410, "deprecated", "datacenters are gone, use locations");
    });
  offer("image", "images", IMAGES, renderImage, {
    type: (_row, values) => values.includes("system"),
    status: (_row, values) => values.includes("available"),
    architecture: (row, values) => values.includes(row.architecture),
    bound_to: () => false,
  });
  // Nothing of these is emulated; clients that list everything need the empty answer.
  for (const plural of ["floating_ips", "isos"]) {
    router.get(`/${plural}`, ({ query }) => ({ status: 200, body: { [plural]: [], meta: paginate([], query).meta } }));
  }
  router.get("/actions", ({ query }) => {
    if (query["id"] === undefined) throw invalidField("id", "at least one id of an action is needed");
    return listActions(cloud.store.list("action"), query);
  });
  router.get("/actions/:id", ({ params }) => {
    const row = cloud.store.get("action", Number(params["id"]));
    if (row === undefined) throw notFound("action", params["id"] ?? "");
    return { status: 200, body: { action: renderAction(row) } };
  });
  router.get("/pricing", () => ({ status: 200, body: { pricing: pricing(cloud) } }));
}

function pricing(cloud: CloudContext): object {
  const { prices } = cloud.settings;
  const everywhere = LOCATIONS.map((place) => place.name);
  const addresses = (type: string, net: number): object => ({
    type,
    prices: everywhere.map((location) => ({ location, price_hourly: price(net / 624), price_monthly: price(net) })),
  });
  return {
    currency: "EUR",
    vat_rate: VAT_PERCENT.toFixed(6),
    primary_ips: [addresses("ipv4", prices.ipv4), addresses("ipv6", 0)],
    floating_ips: [],
    image: { price_per_gb_month: price(prices.snapshotPerGb) },
    volume: { price_per_gb_month: price(prices.volumePerGb) },
    server_backup: { percentage: prices.backupPercent.toFixed(10) },
    server_types: SERVER_TYPES.map((type) => ({
      id: type.id,
      name: type.name,
      prices: pricesOf(prices.servers[type.name], type.locations),
    })),
    load_balancer_types: LOAD_BALANCER_TYPES.map((type) => ({
      id: type.id,
      name: type.name,
      prices: pricesOf(prices.loadBalancers[type.name], everywhere),
    })),
    floating_ip: { price_monthly: price(0) },
  };
}

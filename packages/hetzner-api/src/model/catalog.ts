import { pricesOf, type PriceTable } from "./prices";

/** Locations of Hetzner Cloud, mid 2026. */
export interface Location {
  readonly id: number;
  readonly name: string;
  readonly description: string;
  readonly country: string;
  readonly city: string;
  readonly latitude: number;
  readonly longitude: number;
  readonly network_zone: string;
}

const location = (
  id: number,
  name: string,
  description: string,
  country: string,
  city: string,
  [latitude, longitude]: readonly [number, number],
  network_zone: string,
): Location => ({ id, name, description, country, city, latitude, longitude, network_zone });

export const LOCATIONS: readonly Location[] = [
  location(1, "fsn1", "Falkenstein DC Park 1", "DE", "Falkenstein", [50.47612, 12.370071], "eu-central"),
  location(2, "nbg1", "Nuremberg DC Park 1", "DE", "Nuremberg", [49.452102, 11.076665], "eu-central"),
  location(3, "hel1", "Helsinki DC Park 1", "FI", "Helsinki", [60.169855, 24.938379], "eu-central"),
  location(4, "ash", "Ashburn, VA", "US", "Ashburn, VA", [39.045821, -77.487073], "us-east"),
  location(5, "hil", "Hillsboro, OR", "US", "Hillsboro, OR", [45.54222, -122.951924], "us-west"),
  location(6, "sin", "Singapore", "SG", "Singapore", [1.283333, 103.833333], "ap-southeast"),
];

export const NETWORK_ZONES: readonly string[] = [...new Set(LOCATIONS.map((place) => place.network_zone))];

export interface ServerType {
  readonly id: number;
  readonly name: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly diskGb: number;
  readonly cpu: "shared" | "dedicated";
  readonly architecture: "x86" | "arm";
  readonly category: string;
  readonly locations: readonly string[];
}

const EU = ["fsn1", "nbg1", "hel1"];
const ALL = LOCATIONS.map((place) => place.name);

type Size = readonly [id: number, name: string, cores: number, memoryGb: number, diskGb: number];
const family = (
  common: Pick<ServerType, "cpu" | "architecture" | "category" | "locations">,
  sizes: readonly Size[],
): ServerType[] =>
  sizes.map(([id, name, cores, memoryGb, diskGb]) => ({ id, name, cores, memoryGb, diskGb, ...common }));

/** The types that can be ordered in mid 2026. */
export const SERVER_TYPES: readonly ServerType[] = [
  ...family({ cpu: "shared", architecture: "arm", category: "Cost-Optimized", locations: EU }, [
    [45, "cax11", 2, 4, 40],
    [93, "cax21", 4, 8, 80],
    [94, "cax31", 8, 16, 160],
    [95, "cax41", 16, 32, 320],
  ]),
  ...family({ cpu: "dedicated", architecture: "x86", category: "General Purpose", locations: ALL }, [
    [96, "ccx13", 2, 8, 80],
    [97, "ccx23", 4, 16, 160],
    [98, "ccx33", 8, 32, 240],
    [99, "ccx43", 16, 64, 360],
    [100, "ccx53", 32, 128, 600],
    [101, "ccx63", 48, 192, 960],
  ]),
  ...family({ cpu: "shared", architecture: "x86", category: "Regular Performance", locations: [...EU, "sin"] }, [
    [108, "cpx12", 1, 2, 40],
    [109, "cpx22", 2, 4, 80],
    [110, "cpx32", 4, 8, 160],
    [111, "cpx42", 8, 16, 320],
    [112, "cpx52", 12, 24, 480],
    [113, "cpx62", 16, 32, 640],
  ]),
  ...family({ cpu: "shared", architecture: "x86", category: "Cost-Optimized", locations: EU }, [
    [114, "cx23", 2, 4, 40],
    [115, "cx33", 4, 8, 80],
    [116, "cx43", 8, 16, 160],
    [117, "cx53", 16, 32, 320],
  ]),
];

export interface LoadBalancerType {
  readonly id: number;
  readonly name: string;
  readonly max_connections: number;
  readonly max_services: number;
  readonly max_targets: number;
  readonly max_assigned_certificates: number;
}

const loadBalancerType = (
  id: number,
  name: string,
  [max_connections, max_services, max_targets, max_assigned_certificates]: readonly [number, number, number, number],
): LoadBalancerType => ({ id, name, max_connections, max_services, max_targets, max_assigned_certificates });

export const LOAD_BALANCER_TYPES: readonly LoadBalancerType[] = [
  loadBalancerType(1, "lb11", [10_000, 5, 25, 10]),
  loadBalancerType(2, "lb21", [20_000, 15, 75, 25]),
  loadBalancerType(3, "lb31", [40_000, 30, 150, 50]),
];

export interface Image {
  readonly id: number;
  readonly name: string;
  readonly description: string;
  readonly flavor: "ubuntu" | "debian" | "rocky" | "alma" | "fedora";
  readonly version: string;
  readonly architecture: "x86" | "arm";
  readonly diskGb: number;
}

const systemImage = (id: number, flavor: Image["flavor"], version: string, description: string): Image[] =>
  (["x86", "arm"] as const).map((architecture, index) => ({
    id: id + index,
    name: `${flavor}-${version}`,
    description,
    flavor,
    version,
    architecture,
    diskGb: 5,
  }));

export const IMAGES: readonly Image[] = [
  ...systemImage(67794396, "ubuntu", "22.04", "Ubuntu 22.04"),
  ...systemImage(114690387, "debian", "12", "Debian 12"),
  ...systemImage(161547269, "ubuntu", "24.04", "Ubuntu 24.04"),
  ...systemImage(310557660, "debian", "13", "Debian 13"),
  ...systemImage(45780018, "rocky", "9", "Rocky Linux 9"),
  ...systemImage(45780020, "alma", "9", "AlmaLinux 9"),
];

export function findServerType(idOrName: string): ServerType | undefined {
  return SERVER_TYPES.find((type) => type.name === idOrName.toLowerCase() || String(type.id) === idOrName);
}

export function findLocation(idOrName: string): Location | undefined {
  return LOCATIONS.find((place) => place.name === idOrName || String(place.id) === idOrName);
}

/** The location of a row, which was checked when the row was made. */
export function locationOf(row: { readonly location: string }): Location {
  return findLocation(row.location) as Location;
}

export function findLoadBalancerType(idOrName: string): LoadBalancerType | undefined {
  return LOAD_BALANCER_TYPES.find((type) => type.name === idOrName || String(type.id) === idOrName);
}

/** As the API shows a server type; `availableIn` names the locations that still have capacity. */
export function renderServerType(
  type: ServerType,
  prices: PriceTable,
  available: (location: string) => boolean,
): object {
  return {
    id: type.id,
    name: type.name,
    description: type.name.toUpperCase(),
    cores: type.cores,
    memory: type.memoryGb,
    disk: type.diskGb,
    deprecated: false,
    prices: pricesOf(prices.servers[type.name], type.locations),
    storage_type: "local",
    cpu_type: type.cpu,
    category: type.category,
    architecture: type.architecture,
    deprecation: null,
    locations: LOCATIONS.filter((place) => type.locations.includes(place.name)).map((place) => ({
      id: place.id,
      name: place.name,
      deprecation: null,
      recommended: true,
      available: available(place.name),
    })),
  };
}

export function renderLoadBalancerType(type: LoadBalancerType, prices: PriceTable): object {
  return {
    ...type,
    description: type.name.toUpperCase(),
    deprecated: null,
    deprecation: null,
    prices: pricesOf(prices.loadBalancers[type.name], ALL),
  };
}

export function renderImage(image: Image): object {
  return {
    id: image.id,
    type: "system",
    status: "available",
    name: image.name,
    description: image.description,
    image_size: null,
    disk_size: image.diskGb,
    created: "2026-01-15T12:00:00Z",
    created_from: null,
    bound_to: null,
    os_flavor: image.flavor,
    os_version: image.version,
    rapid_deploy: true,
    protection: { delete: false },
    deprecated: null,
    deleted: null,
    labels: {},
    architecture: image.architecture,
  };
}

/** The `datacenter` object that the API description still requires in answers; requests must use `location`. */
export function renderDatacenter(place: Location): object {
  const supported = SERVER_TYPES.filter((type) => type.locations.includes(place.name)).map((type) => type.id);
  return {
    id: place.id + 100,
    name: `${place.name}-dc1`,
    description: `${place.city} 1 virtual DC 1`,
    location: place,
    server_types: { supported, available: supported, available_for_migration: supported },
  };
}

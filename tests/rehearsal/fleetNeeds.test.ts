import { OS_IMAGE_NAMES } from "../../components/machines/osImage";
import { fleetNeeds } from "../../rehearsal/fleetNeeds";
import { environment as local } from "../../stacks/local";

test("packages come from the plan; software that no Debian package has stays simulated", () => {
  const needs = fleetNeeds(local);
  expect(needs.packages).toEqual(expect.arrayContaining(["patroni", "haproxy", "rabbitmq-server", "ufw"]));
  expect(needs.packages).not.toContain("proxysql");
  expect([...needs.simulated.keys()].sort()).toEqual(["k3sAgents", "k3sServers", "minio", "qdrant"]);
});

test("real machines are of the stack's Debian; where it has Ubuntu, Debian 12 stands in", () => {
  const suites = OS_IMAGE_NAMES.map((image) => [image, fleetNeeds({ ...local, image }).suite]);
  expect(Object.fromEntries(suites)).toEqual({
    "ubuntu-22.04": "bookworm",
    "ubuntu-24.04": "bookworm",
    "debian-12": "bookworm",
    "debian-13": "trixie",
  });
  const thirteen = fleetNeeds({ ...local, image: "debian-13", postgres: { version: 17, dcs: "etcd" } });
  expect(thirteen.packages).toContain("postgresql-17");
  expect([...thirteen.simulated.keys()].sort()).toEqual(["k3sAgents", "k3sServers", "minio", "qdrant"]);
});

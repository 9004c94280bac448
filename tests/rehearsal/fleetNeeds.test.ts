import { fleetNeeds } from "../../rehearsal/fleetNeeds";
import { environment as local } from "../../stacks/local";

test("packages come from the plan; software that no Debian package has stays simulated", () => {
  const needs = fleetNeeds(local);
  expect(needs.packages).toEqual(expect.arrayContaining(["patroni", "haproxy", "rabbitmq-server", "ufw"]));
  expect(needs.packages).not.toContain("proxysql");
  expect([...needs.simulated.keys()].sort()).toEqual(["k3sAgents", "k3sServers", "minio", "qdrant"]);
});

import { writeFileSync } from "node:fs";
import { stringify } from "yaml";
import { networksScript } from "../../../../components/cluster/k3s/k3sNetworks";
import { reassign } from "../../../support/shellHeader";
import { StubbedHost } from "../../../support/stubbedHost";

// The guard itself, run by bash on a file.
let host: StubbedHost;
beforeEach(() => void (host = new StubbedHost()));
afterEach(() => host.dispose());

function guard(podCidr: string, serviceCidr: string) {
  const script = networksScript({ name: "k3s-master-01" }, { podCidr, serviceCidr });
  const { status, error } = host.run(reassign(script, { CONFIG: host.path("config.yaml") }));
  return { status, error };
}

test("a new server, and one whose cluster stays as it is, are let through", () => {
  expect(guard("10.42.0.0/16", "10.43.0.0/16")).toEqual({ status: 0, error: "" });
  writeFileSync(
    host.path("config.yaml"),
    stringify({ "cluster-cidr": "10.42.0.0/16", "service-cidr": "10.43.0.0/16" }),
  );
  expect(guard("10.42.0.0/16", "10.43.0.0/16")).toEqual({ status: 0, error: "" });
});

test("other addresses for pods or Services stop the run", () => {
  writeFileSync(
    host.path("config.yaml"),
    stringify({ "cluster-cidr": "10.42.0.0/16", "service-cidr": "10.43.0.0/16" }),
  );
  const pods = guard("10.52.0.0/16", "10.43.0.0/16");
  expect(pods.status).toBe(1);
  expect(pods.error).toMatch(
    /^k3s-master-01 is of a cluster with cluster-cidr 10\.42\.0\.0\/16 .*leave network\.podCidr/,
  );
  expect(guard("10.42.0.0/16", "10.53.0.0/16").error).toContain("leave network.serviceCidr");
});

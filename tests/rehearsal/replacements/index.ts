import * as hcloud from "@pulumi/hcloud";
import * as pulumi from "@pulumi/pulumi";
import { DeployKey } from "../../../components/machines/deployKey";
import { LoadBalancer } from "../../../components/network/loadBalancer";
import { PrivateNetwork } from "../../../components/network/privateNetwork";

/** What is only reached through a replacement, each changeable by itself. */
const config = new pulumi.Config();
const labels = {};
const otherKey = config.get("publicKey");
const network = new PrivateNetwork("net", {
  networkCidr: "10.0.0.0/16",
  subnetCidr: "10.0.0.0/16",
  networkZone: "eu-central",
  natGateway: config.get("gateway") ?? "10.0.0.9",
  labels,
  protect: false,
});
// As when the program's own key is made anew.
pulumi.runtime.registerStackTransformation(({ type, props, opts }) =>
  type === "hcloud:index/sshKey:SshKey" && otherKey !== undefined
    ? { props: { ...(props as object), publicKey: otherKey }, opts }
    : undefined,
);
const deployKey = new DeployKey("deploy", { labels, rotation: 0 });
const server = new hcloud.Server(
  "server",
  {
    name: "server",
    serverType: "cx23",
    image: "debian-12",
    location: "fsn1",
    sshKeys: [deployKey.sshKeyName],
    publicNets: [{ ipv4Enabled: false, ipv6Enabled: false }],
    networks: [{ networkId: network.networkId, ip: "10.0.0.11", aliasIps: [] }],
  },
  { dependsOn: [network.subnet, deployKey.sshKey], ignoreChanges: ["userData", "sshKeys", "image"] },
);
new LoadBalancer("lb", {
  address: config.get("balancer") ?? "10.0.0.10",
  type: "lb11",
  location: "fsn1",
  public: false,
  listeners: [],
  targets: new Map([["server", server]]),
  network,
  labels,
  protect: false,
});

import type * as hcloud from "@pulumi/hcloud";
import type * as pulumi from "@pulumi/pulumi";

/** The way in to machines without a public address: a machine that has one, and passes SSH on. */
export interface Way {
  readonly publicIp: hcloud.PrimaryIp | undefined;
  /** Its SSH host key, as it was on first contact. */
  readonly hostKey: pulumi.Output<string>;
  /** Done once it lets others through. */
  readonly applied: pulumi.Resource;
}

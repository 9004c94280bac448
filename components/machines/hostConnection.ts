import type { types } from "@pulumi/command";
import type * as hcloud from "@pulumi/hcloud";
import type * as pulumi from "@pulumi/pulumi";
import type { HostPlan } from "./hostPlan";
import type { MachineContext } from "./machineContext";
import type { ShellConnection, ShellEndpoint } from "./remoteShell";

/**
 * How often a machine that has just been made may fail to answer. The pauses grow to 5 s: four minutes where it refuses
 * (it boots), and where nothing answers FIRST_CONTACT_TIMEOUT ends it sooner.
 */
const FIRST_CONTACT_ATTEMPTS = 60;
export const FIRST_CONTACT_TIMEOUT = "5m";
/**
 * The same for a machine that has answered before: long enough for a reboot, and no longer, for whoever waits wants
 * to know. 21 s where it refuses; under two minutes where nothing answers (the bastion gives up a connection
 * after 7 s: see sshHardening); 2.5 minutes where the bastion itself is silent.
 */
const CONTACT_ATTEMPTS = 12;
/** For one attempt to reach the bastion. The way from it to the others has no such limit (docs/reference/pulumi.md, remote.Command). */
const DIAL_TIMEOUT_SECONDS = 10;

export interface HostConnectionArgs {
  readonly plan: HostPlan;
  readonly machines: MachineContext;
  /** Of the host itself, where it is public. */
  readonly publicIp: hcloud.PrimaryIp | undefined;
  /** Undefined: nobody has met the machine yet. */
  readonly hostKey: pulumi.Output<string> | undefined;
  /** That the machine itself takes. Default: the key in use, which the bastion on the way takes in any case. */
  readonly privateKey?: pulumi.Output<string>;
}

/** How the program reaches a machine: by itself, or through the bastion. */
export function hostConnection(args: HostConnectionArgs): types.input.remote.ConnectionArgs {
  const { plan, machines, publicIp, hostKey } = args;
  const { sshUser: user, deployKey, bastion, bastionSshPort } = machines;
  const common = {
    user,
    privateKey: args.privateKey ?? deployKey.privateKey,
    dialErrorLimit: hostKey === undefined ? FIRST_CONTACT_ATTEMPTS : CONTACT_ATTEMPTS,
    ...(hostKey === undefined ? {} : { hostKey }),
  };
  if (publicIp !== undefined)
    return { host: publicIp.ipAddress, port: bastionSshPort, perDialTimeout: DIAL_TIMEOUT_SECONDS, ...common };
  if (bastion?.publicIp === undefined) {
    throw new Error(`host ${plan.name} has no public address, and there is no bastion to reach it through`);
  }
  return {
    host: plan.address,
    port: 22,
    ...common,
    proxy: {
      host: bastion.publicIp.ipAddress,
      port: bastionSshPort,
      user,
      privateKey: deployKey.privateKey,
      hostKey: bastion.hostKey,
      perDialTimeout: DIAL_TIMEOUT_SECONDS,
      dialErrorLimit: CONTACT_ATTEMPTS,
    },
  };
}

/** The same for whoever dials from this process. @throws Error for a machine that nobody has met */
export function shellConnection(
  connection: pulumi.UnwrappedObject<types.input.remote.ConnectionArgs>,
): ShellConnection {
  const { proxy } = connection;
  return { ...endpoint(connection), ...(proxy === undefined ? {} : { proxy: endpoint(proxy) }) };
}

function endpoint(given: Partial<ShellEndpoint>): ShellEndpoint {
  const { host = "", port = 22, user = "", privateKey = "", hostKey } = given;
  if (hostKey === undefined) throw new Error(`${host}: its host key is not known`);
  return { host, port, user, privateKey, hostKey };
}

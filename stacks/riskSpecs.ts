import { z } from "zod";

/** An API gateway, a proxy of a customer's network: something with limits of its own in front of the load balancers. */
export interface GatewaySpec {
  readonly name: string;
  /** Public host that is reached through it. */
  readonly host: string;
  /** Beginning of the paths that pass through it: "/" for all. */
  readonly path: string;
  /** Seconds after which it gives up, whatever flows (Amazon API Gateway: 29). Default: never. */
  readonly totalSeconds?: number;
  /** Seconds of silence after which it gives up. Default: never. */
  readonly idleSeconds?: number;
}

/**
 * A risk that is known and taken, with its reason; the verifier prints it each time. Names are those of its findings,
 * "*" stands for any letters, but never for somebody outside of the estate: "the internet" must be named.
 */
export type AcceptedRisk =
  | { readonly kind: "exposure"; readonly from: string; readonly to: string; readonly reason: string }
  | { readonly kind: "singlePoint"; readonly of: string; readonly reason: string };

const reason = z.string().min(20, { error: "must say in a sentence why the risk is taken" });
const name = z.string().min(1);
const seconds = z.int().min(1).exactOptional();

export const gateways = z.array(
  z.strictObject({ name, host: name, path: z.string().startsWith("/"), totalSeconds: seconds, idleSeconds: seconds }),
);

export const acceptedRisks = z.array(
  z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("exposure"), from: name, to: name, reason }),
    z.strictObject({ kind: z.literal("singlePoint"), of: name, reason }),
  ]),
);

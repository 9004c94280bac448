import { z } from "zod";
import { HOST_ROLES } from "./roles";

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

const reason = z.string().min(20, { error: "must say in a sentence why the risk is taken" });
const name = z.string().min(1);
const seconds = z.int().min(1).exactOptional();

export const gateways = z.array(
  z.strictObject({ name, host: name, path: z.string().startsWith("/"), totalSeconds: seconds, idleSeconds: seconds }),
);

/** Parts of an estate that bring pods of which a risk is known. */
const RISK_PARTS = ["erpNext", "monitoring", "n8n", "vault"] as const;

// Of whom a risk speaks. Text is a name as the verifier's findings have it; "*" stands for any letters, but never for
// somebody outside of the estate: "the internet" must be named. The others hold in every estate, whatever it calls its
// machines, and where it has none of them there is no such risk.

/** The hosts of a role; as a single point, the only one. */
const role = z.strictObject({ role: z.enum(HOST_ROLES) });
/** One of the estate's own balancers: each port that is declared there; as a single point, where somebody comes through it. */
const balancer = z.strictObject({ balancer: z.enum(["data", "mariadb"]) });
/** Pods of a part. */
const pods = z.strictObject({ pods: name, of: z.enum(RISK_PARTS) });
/** The location, where all hosts are in one. */
const location = z.strictObject({ location: z.literal("only") });
const error = 'must be a name of the verifier\'s findings, such as "minio-01", or a role, a balancer or pods of a part';
const source = z.union([name, role], { error });
const destination = z.union([name, balancer, pods], { error });
const part = z.union([name, role, balancer, pods, location], { error });
export type RiskSubject = z.infer<typeof part>;

/** A risk that is known and taken, with its reason; the verifier prints it each time. */
const acceptedRisk = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("exposure"), from: source, to: destination, reason }),
  z.strictObject({ kind: z.literal("singlePoint"), of: part, reason }),
]);
export type AcceptedRisk = Readonly<z.infer<typeof acceptedRisk>>;
export const acceptedRisks = z.array(acceptedRisk);

import { z } from "zod";
import { HOST_ROLES } from "./roles";
import { sentence, text, type Immutable } from "./schemaParts";

const name = text((found) => found !== "", "a name of the verifier's findings", "minio-01");
const seconds = z.int().min(1);

/** API gateways, proxies of a customer's network: what has limits of its own in front of the load balancers. */
export const gateways = z.array(
  z.strictObject({
    name: z.string().min(1),
    /** Public host that is reached through it. */
    host: z.string().min(1),
    /** Beginning of the paths that pass through it: "/" for all. */
    path: text((path) => path.startsWith("/"), 'a path that begins with "/"', "/"),
    /** Seconds after which it gives up, whatever flows (Amazon API Gateway: 29). Default: never. */
    totalSeconds: seconds.exactOptional(),
    /** Seconds of silence after which it gives up. Default: never. */
    idleSeconds: seconds.exactOptional(),
  }),
);

/** Parts of an estate that bring pods of which a risk is known. */
const RISK_PARTS = ["erpNext", "ingressNginx", "monitoring", "n8n", "vault"] as const;

// Of whom a risk speaks. Text is a name as the verifier's findings have it; "*" stands for any letters, but never for
// somebody outside of the estate: "the internet" must be named. The others hold in every estate, whatever it calls its
// machines, and where it has none of them there is no such risk.

const role = z.strictObject({
  /** The hosts of a role; as a single point, the only one. */
  role: z.enum(HOST_ROLES),
});
const balancer = z.strictObject({
  /** One of the estate's own balancers: each port that is declared there; as a single point, where somebody comes through it. */
  balancer: z.enum(["data", "mariadb"]),
});
const pods = z.strictObject({
  /** Pods of a part. */
  pods: name,
  /** The part. */
  of: z.enum(RISK_PARTS),
});
const location = z.strictObject({
  /** The location, where all hosts are in one. */
  location: z.literal("only"),
});
const source = z.union([name, role, pods]);
const destination = z.union([name, balancer, pods]);
const part = z.union([name, role, balancer, pods, location]);
export type RiskSubject = Immutable<z.infer<typeof part>>;

/** Risks that are known and taken, with their reasons; the verifier prints them each time. */
export const acceptedRisks = z.array(
  z.discriminatedUnion("kind", [
    z.strictObject({
      /** Something can be reached though no flow says so. */
      kind: z.literal("exposure"),
      /** By whom. */
      from: source,
      /** What. */
      to: destination,
      /** Why that is taken. */
      reason: sentence,
    }),
    z.strictObject({
      /** The verifier cannot read it. */
      kind: z.literal("unread"),
      /** Its type and its logical name, as the finding has them; each by itself. */
      of: name,
      /** Why that is taken. */
      reason: sentence,
    }),
    z.strictObject({
      /** The loss of one is felt. */
      kind: z.literal("singlePoint"),
      /** Whose. */
      of: part,
      /** Why that is taken. */
      reason: sentence,
    }),
  ]),
);
export type AcceptedRisk = Immutable<z.infer<typeof acceptedRisks>>[number];

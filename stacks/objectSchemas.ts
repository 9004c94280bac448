import { z } from "zod";
import { label } from "./appSchemas";
import { route } from "./routeSchemas";
import { domain, port, text } from "./schemaParts";

/** Kubernetes objects as somebody else wrote them: of a chart, of a maker's manual (docs/applications.md). */
export const objects = z.strictObject({
  /** Unique among them. Part of the objects' logical names, and so an identity. */
  name: label(40, "redis-insight"),
  /** Of all that belong to one; no workload's own. */
  namespace: label(63, "tools"),
  /** As they would stand in a YAML file. Default: none. */
  manifests: z.array(z.unknown()).exactOptional(),
  /** Of the repository, with YAML files of such objects: what `helm template` prints. Default: none. */
  directory: text(
    (path) => /^[\w-][\w./-]*$/.test(path) && !path.split("/").includes(".."),
    "a directory of the repository",
    "stacks/objects/redis-insight",
  ).exactOptional(),
  /** Their pods that reach something, or are reached. Default: none, they are closed on every side. */
  pods: z
    .array(
      z.strictObject({
        /** Their label app.kubernetes.io/name, and the name of their Service. */
        name: label(63, "redis-insight"),
        /** Of the Service. Default: none, nobody asks them. */
        port: port.exactOptional(),
        /** What may be asked of that port from outside. Default: nothing. */
        expose: z
          .array(
            z.strictObject({
              /** Public host name. */
              host: domain,
              /** Default: ordinary requests below "/". */
              routes: z.array(route).min(1).exactOptional(),
            }),
          )
          .exactOptional(),
        /** Ports of the internet that they connect to. Default: none. */
        internet: z
          .array(
            z.strictObject({
              /** TCP. */
              port,
              /** Why, in a few words; it stands beside each rule. */
              purpose: z.string().min(3),
            }),
          )
          .exactOptional(),
      }),
    )
    .exactOptional(),
});

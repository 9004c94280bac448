import { z } from "zod";
import type { Router } from "../http/router";
import type { CloudContext } from "../model/context";
import { delegate } from "../model/delegation";
import { parseBody } from "../rules/body";

/** What others do in the world outside, told to the local cloud: no part of Hetzner's API. */
export function outsideRoutes(router: Router, cloud: CloudContext): void {
  // The registrar's.
  router.put("/_local/zones/:name/delegation", ({ params, body }) => {
    delegate(cloud.store, params["name"] ?? "", parseBody(z.object({ delegated: z.boolean() }), body).delegated);
    return { status: 204 };
  });
}

import { z } from "zod";
import { invalidField } from "../http/apiError";
import type { Router } from "../http/router";
import type { CloudContext } from "../model/context";
import { delegate } from "../model/delegation";
import { parseBody } from "../rules/body";
import { parseFault } from "../weather/faults";

/** What others do in the world outside, told to the local cloud: no part of Hetzner's API. */
export function outsideRoutes(router: Router, cloud: CloudContext): void {
  // The registrar's.
  router.put("/_local/zones/:name/delegation", ({ params, body }) => {
    delegate(cloud.store, params["name"] ?? "", parseBody(z.object({ delegated: z.boolean() }), body).delegated);
    return { status: 204 };
  });
  // The weather's: replaces what went wrong so far.
  router.put("/_local/weather", ({ body }) => {
    const { faults } = parseBody(z.object({ faults: z.array(z.string()) }), body);
    const read = faults.map(parseFault);
    const mistakes = read.flatMap((one) => ("mistake" in one ? [one.mistake] : []));
    if (mistakes.length > 0) throw invalidField("faults", ...mistakes);
    try {
      cloud.weather.set(read.filter((one) => "kind" in one));
    } catch (error) {
      throw invalidField("faults", (error as Error).message);
    }
    return { status: 204 };
  });
}

import { zonesOf } from "../estate";
import { LocalCloudError } from "../localCloudError";
import { DONE } from "./exitCodes";
import type { Options } from "./options";
import type { Progress } from "./progress";
import { openSession } from "./session";
import { tellCloud } from "./tellCloud";

/** Tells the local cloud what a registrar would do: the stack's zones are delegated to Hetzner's name servers. */
export async function delegateZone(options: Options, progress: Progress): Promise<number> {
  const zones = zonesOf(options.stack);
  if (zones === undefined)
    throw new LocalCloudError(`stacks/${options.stack}.ts is in error, so its zones are not known; "preview" says why`);
  const session = await openSession(options, (line) => progress.line(line));
  try {
    for (const zone of zones) {
      await tellCloud(session.env, `zones/${zone}/delegation`, { delegated: true });
      progress.line(`${zone} is delegated to the local cloud's name servers. The next up asks for its certificates.`);
    }
    return DONE;
  } finally {
    await session.close();
  }
}

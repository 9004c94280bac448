import type { DeclaredRoute } from "../../verifier/declaration";
import { counted, escaped } from "../markup";
import type { Route } from "../model";
import { beatsWithin, isStream, isTooShort, limitsOf, needsOf, ruler, timeText, weakestOf, type Limit } from "./ruler";

/** A route with its ruler of patience. */
export function routeDetails({ declared, paths, change }: Route): string {
  const { kind, audience, maxBodyMb, sentTo, authentication } = declared;
  const facts = [
    `for ${audience === undefined ? "everybody" : audience.join(", ")}`,
    ...(authentication === undefined ? [] : [authentication.kind === "basic" ? "with a password" : "with a login"]),
    ...(sentTo === undefined ? [`bodies of up to ${maxBodyMb} MiB`] : [`clients are sent to ${sentTo.to}`]),
  ];
  const head = `<p>${change === undefined ? "" : `<b class="${change}">${change}</b>: `}${escaped(kind)}, ${escaped(facts.join(", "))}</p>`;
  if (paths === undefined) return `${head}<p class="bad">Nothing serves it.</p>`;
  if (paths.length === 0) return head;
  return [
    head,
    `<h4>The ruler of patience</h4>`,
    ...paths.flatMap(({ condition, hops }) => [
      ...(condition === undefined ? [] : [`<p>With ${escaped(condition)}:</p>`]),
      `<p>${escaped(verdictOf(declared, weakestOf(limitsOf(hops))))}</p>`,
      ruler(declared, hops),
      `<table><thead><tr><th scope="col">hop</th><th scope="col">silence</th><th scope="col">in all</th></tr></thead><tbody>`,
      ...hops.map(
        ({ hop, rule, idle, total }) =>
          `<tr><th scope="row">${escaped(hop)}<span class="soft">${escaped(rule)}</span></th><td>${limitText(idle)}</td><td>${limitText(total)}</td></tr>`,
      ),
      "</tbody></table>",
    ]),
    `<h4>What it needs</h4><ul>${needsOf(declared)
      .map(({ what, seconds }) => `<li>${escaped(what)} <b>${timeText(seconds)}</b></li>`)
      .join("")}</ul>`,
  ].join("");
}

const limitText = (seconds: number): string => (seconds === Infinity ? "–" : timeText(seconds));

/** "ingress-nginx, reading gives up first, after 30 s of silence: 10 heartbeats fit into it." */
export function verdictOf(route: DeclaredRoute, weakest: Limit | undefined): string {
  if (weakest === undefined || weakest.seconds === Infinity) return "No hop has a limit.";
  const { hop, seconds, inAll } = weakest;
  const first = `${hop} gives up first, after ${timeText(seconds)} ${inAll ? "in all" : "of silence"}`;
  if (isTooShort(route, weakest)) return `${first}: too short for what this route needs.`;
  if (isStream(route)) return `${first}: ${counted(beatsWithin(route, seconds), "heartbeat")} before that.`;
  const longest = Math.max(...needsOf(route).map((need) => need.seconds));
  return longest === seconds ? `${first}: exactly what it needs.` : `${first}; it needs ${timeText(longest)}.`;
}

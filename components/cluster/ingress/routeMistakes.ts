import { shown, type Mistake } from "../../mistakes";
import { optionMistakes, PATH, PATH_ALLOWED, redirectMistakes } from "./optionMistakes";
import { isAnswered, routeLimits, type Route } from "./routes";

/**
 * Every mistake of one route; paths are within it. `outerIdleSeconds` is how long the load balancer in front waits
 * without a byte; whatever is meant to wait longer is cut there first.
 */
export function routeMistakes(route: Route, outerIdleSeconds: number): readonly Mistake[] {
  const mistakes: Mistake[] = [];
  if (!PATH.test(route.path)) {
    mistakes.push({
      path: "path",
      found: shown(route.path),
      allowed: PATH_ALLOWED,
      fix: 'use match "prefix" for a whole tree',
    });
  }
  const whole = (path: string, value: number | undefined): boolean => {
    if (value === undefined || (Number.isInteger(value) && value >= 1)) return true;
    mistakes.push({ path, found: String(value), allowed: "a whole number from 1", fix: "round it up" });
    return false;
  };
  if (isAnswered(route)) return [...mistakes, ...redirectMistakes(route)];
  mistakes.push(...optionMistakes(route));
  switch (route.kind) {
    case "http":
    case "upload":
      whole("maxBodyMb", route.maxBodyMb);
      if (whole("responseTimeoutSeconds", route.responseTimeoutSeconds)) {
        mistakes.push(...beyond("responseTimeoutSeconds", routeLimits(route).readSeconds, outerIdleSeconds));
      }
      return mistakes;
    case "websocket": {
      const sound = whole("heartbeatSeconds", route.heartbeatSeconds);
      if (!whole("idleTimeoutSeconds", route.idleTimeoutSeconds) || !sound) return mistakes;
      const idle = routeLimits(route).readSeconds;
      if (idle < 2 * route.heartbeatSeconds) {
        mistakes.push({
          path: "idleTimeoutSeconds",
          found: `${idle} with a heartbeat every ${route.heartbeatSeconds} s`,
          allowed: `at least ${2 * route.heartbeatSeconds}, so that one lost heartbeat cuts nothing`,
          fix: "raise it, or let the application send heartbeats more often",
        });
      }
      return [...mistakes, ...beyond("idleTimeoutSeconds", idle, outerIdleSeconds)];
    }
    case "sse": {
      const sound = whole("heartbeatSeconds", route.heartbeatSeconds);
      const soundFirst = whole("firstByteSeconds", route.firstByteSeconds);
      whole("maxBodyMb", route.maxBodyMb);
      if (!sound || !soundFirst) return mistakes;
      const path = 3 * route.heartbeatSeconds < 2 * route.firstByteSeconds ? "firstByteSeconds" : "heartbeatSeconds";
      return [...mistakes, ...beyond(path, routeLimits(route).readSeconds, outerIdleSeconds)];
    }
  }
}

/** The inner hop must give up first, so that its answer arrives instead of a cut connection. */
function beyond(path: string, seconds: number, outerIdleSeconds: number): readonly Mistake[] {
  if (seconds < outerIdleSeconds) return [];
  return [
    {
      path,
      found: `a silence of ${seconds} s`,
      allowed: `below ${outerIdleSeconds}, after which the load balancer in front closes the connection`,
      fix: "shorten it, or raise the balancer's idleTimeoutSeconds (Hetzner: at most 300)",
    },
  ];
}

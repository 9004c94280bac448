import { MAX_SSE_HEARTBEAT_SECONDS, routeLimits, type Route } from "./routes";

const PATH = /^\/[A-Za-z0-9._\-/]*$/;

/**
 * What is wrong with one route: value, what is allowed, and the fix. `outerIdleSeconds` is how long the load
 * balancer in front waits without a byte; whatever is meant to wait longer is cut there first.
 */
export function routeMistakes(route: Route, outerIdleSeconds: number): readonly string[] {
  const mistakes: string[] = [];
  if (!PATH.test(route.path)) {
    mistakes.push(
      `path "${route.path}"; allowed: "/" and then letters, digits, ".", "_", "-", "/"; use match "prefix" for a whole tree`,
    );
  }
  const whole = (name: string, value: number | undefined, least: number): boolean => {
    if (value === undefined || (Number.isInteger(value) && value >= least)) return true;
    mistakes.push(`${name} ${value}; allowed: a whole number from ${least}`);
    return false;
  };
  switch (route.kind) {
    case "http":
    case "upload":
      whole("maxBodyMb", route.maxBodyMb, 1);
      if (whole("responseTimeoutSeconds", route.responseTimeoutSeconds, 1)) {
        mistakes.push(...beyond("responseTimeoutSeconds", routeLimits(route).readSeconds, outerIdleSeconds));
      }
      return mistakes;
    case "websocket": {
      const sound = whole("heartbeatSeconds", route.heartbeatSeconds, 1);
      if (!whole("idleTimeoutSeconds", route.idleTimeoutSeconds, 1) || !sound) return mistakes;
      const idle = routeLimits(route).readSeconds;
      if (idle < 2 * route.heartbeatSeconds) {
        mistakes.push(
          `idleTimeoutSeconds ${idle} with a heartbeat every ${route.heartbeatSeconds} s; allowed: at least ${2 * route.heartbeatSeconds}, so that one lost heartbeat cuts nothing`,
        );
      }
      return [...mistakes, ...beyond("idleTimeoutSeconds", idle, outerIdleSeconds)];
    }
    case "sse": {
      const sound = whole("heartbeatSeconds", route.heartbeatSeconds, 1);
      const soundFirst = whole("firstByteSeconds", route.firstByteSeconds, 1);
      whole("maxBodyMb", route.maxBodyMb, 1);
      if (!sound || !soundFirst) return mistakes;
      if (route.heartbeatSeconds > MAX_SSE_HEARTBEAT_SECONDS) {
        mistakes.push(
          `heartbeatSeconds ${route.heartbeatSeconds}; allowed: at most ${MAX_SSE_HEARTBEAT_SECONDS}; let the application send a comment line more often`,
        );
      }
      return [
        ...mistakes,
        ...beyond(
          "the silence that firstByteSeconds and heartbeatSeconds ask for,",
          routeLimits(route).readSeconds,
          outerIdleSeconds,
        ),
      ];
    }
  }
}

/** The inner hop must give up first, so that its answer arrives instead of a cut connection. */
function beyond(name: string, seconds: number, outerIdleSeconds: number): readonly string[] {
  if (seconds < outerIdleSeconds) return [];
  return [
    `${name} ${seconds} s; allowed: below ${outerIdleSeconds}, after which the load balancer in front closes the connection; shorten it, or raise the balancer's idleTimeoutSeconds (Hetzner: at most 300)`,
  ];
}

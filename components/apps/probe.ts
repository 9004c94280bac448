import type { ProbeManifest, ProbeTarget } from "./podManifests";
import type { Mistake } from "../mistakes";

/** How the kubelet asks a container how it is. */
export type ProbeCheck =
  /** GET `path` on a named port answers 200-399. `tls`: over HTTPS, whose certificate the kubelet does not check. Default false. */
  | { readonly kind: "http"; readonly path: string; readonly port: string; readonly tls?: boolean }
  /** The named port accepts a connection. */
  | { readonly kind: "tcp"; readonly port: string }
  /** The command exits with 0. Runs as the container's user, without a shell. */
  | { readonly kind: "exec"; readonly command: readonly string[] };

export interface Probe {
  readonly check: ProbeCheck;
  /** Seconds between two checks. */
  readonly periodSeconds: number;
  /** Seconds until a check has failed; at most the period, so that checks do not pile up. */
  readonly timeoutSeconds: number;
  /** Failures in a row until it counts. */
  readonly failureThreshold: number;
}

/**
 * startup: has it come up (the others wait for it); readiness: may it get requests; liveness: must it be
 * restarted. A liveness check must not depend on other services: restarting does not repair those.
 */
export interface Probes {
  readonly startup: Probe;
  readonly readiness: Probe;
  readonly liveness: Probe;
}

/** How Kubernetes learns how a process is. exit: nothing can be asked of it; it ends when it is unwell, and is started again. */
export type Health = Probes | "exit";

/** Seconds that a container may take to come up before it is restarted; 0 where nothing tells whether it is up. */
export function startupLimitSeconds(health: Health): number {
  return health === "exit" ? 0 : health.startup.periodSeconds * health.startup.failureThreshold;
}

/** One or two checks with the usual periods: up within `startupSeconds`, then every 10 s. */
export function usualProbes(ready: ProbeCheck, alive: ProbeCheck, startupSeconds = 60): Probes {
  return {
    startup: { check: alive, periodSeconds: 5, timeoutSeconds: 5, failureThreshold: Math.ceil(startupSeconds / 5) },
    readiness: { check: ready, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3 },
    liveness: { check: alive, periodSeconds: 15, timeoutSeconds: 10, failureThreshold: 4 },
  };
}

/** Two checks on one path, with the usual periods: up within `startupSeconds` (default 60), then every 10 s. */
export function httpProbes(args: {
  readonly port: string;
  readonly readinessPath: string;
  /** Default: readinessPath. */
  readonly livenessPath?: string;
  /** Default 60. */
  readonly startupSeconds?: number;
}): Probes {
  const http = (path: string): ProbeCheck => ({ kind: "http", path, port: args.port });
  return usualProbes(http(args.readinessPath), http(args.livenessPath ?? args.readinessPath), args.startupSeconds);
}

export function renderProbe(probe: Probe): ProbeManifest {
  const { periodSeconds, timeoutSeconds, failureThreshold, check } = probe;
  return { ...renderCheck(check), periodSeconds, timeoutSeconds, failureThreshold };
}

function renderCheck(check: ProbeCheck): ProbeTarget {
  switch (check.kind) {
    case "http":
      return { httpGet: { path: check.path, port: check.port, scheme: (check.tls ?? false) ? "HTTPS" : "HTTP" } };
    case "tcp":
      return { tcpSocket: { port: check.port } };
    case "exec":
      return { exec: { command: [...check.command] } };
  }
}

/** `ports` are the names that the container's ports have. */
export function probeMistakes(
  path: string,
  probes: Partial<Probes> | "exit",
  ports: readonly string[],
): readonly Mistake[] {
  if (probes === "exit") {
    if (ports.length === 0) return [];
    const allowed = "an http, tcp or exec check: its Service must know which pods can take requests";
    return [{ path, found: '"exit" with ports', allowed, fix: "say how to tell, or take the ports away" }];
  }
  return (["startup", "readiness", "liveness"] as const).flatMap((kind) => {
    const probe = probes[kind];
    const at = `${path}.${kind}`;
    if (probe === undefined) {
      return [
        {
          path: at,
          found: "nothing",
          allowed: "an http, tcp or exec check",
          fix: `say how to tell that the container is ${MEANING[kind]}`,
        },
      ];
    }
    return [...timingMistakes(at, probe), ...checkMistakes(at, probe.check, ports)];
  });
}

const MEANING = { startup: "up", readiness: "able to take requests", liveness: "alive" } as const;

function timingMistakes(path: string, probe: Probe): readonly Mistake[] {
  const mistakes: Mistake[] = [];
  for (const field of ["periodSeconds", "timeoutSeconds", "failureThreshold"] as const) {
    const value = probe[field];
    if (!Number.isInteger(value) || value < 1) {
      mistakes.push({
        path: `${path}.${field}`,
        found: String(value),
        allowed: "a whole number from 1",
        fix: "set it to at least 1",
      });
    }
  }
  if (probe.timeoutSeconds > probe.periodSeconds) {
    mistakes.push({
      path: `${path}.timeoutSeconds`,
      found: String(probe.timeoutSeconds),
      allowed: `up to the period, ${probe.periodSeconds} s`,
      fix: "lower the timeout or raise the period",
    });
  }
  return mistakes;
}

function checkMistakes(path: string, check: ProbeCheck, ports: readonly string[]): readonly Mistake[] {
  if (check.kind === "exec") {
    const fix = "name the program to run";
    return check.command.length === 0 ? [{ path: `${path}.command`, found: "[]", allowed: "a command", fix }] : [];
  }
  const mistakes: Mistake[] = [];
  if (!ports.includes(check.port)) {
    const allowed =
      ports.length === 0 ? "none: the container has no ports" : `one of the container's ports: ${ports.join(", ")}`;
    mistakes.push({
      path: `${path}.port`,
      found: `"${check.port}"`,
      allowed,
      fix: "probe a port that the container has, or add the port",
    });
  }
  if (check.kind === "http" && !check.path.startsWith("/")) {
    mistakes.push({
      path: `${path}.path`,
      found: `"${check.path}"`,
      allowed: 'a path that begins with "/"',
      fix: `write "/${check.path}"`,
    });
  }
  return mistakes;
}

import type { AppSpec } from "./environment";
import { PLACEHOLDER } from "./placeholder";

// KeyBuzz' own applications are the same in each stack, but for where they are found and how many there are.

interface Found {
  /** Public. */
  readonly host: string;
}

interface ApiArgs extends Found {
  readonly min: number;
  readonly max: number;
  /** "pooled" where PgBouncer pools transactions: connections of many small pods share few of PostgreSQL's. */
  readonly databaseVia: "leader" | "pooled";
}

/** As many pods, between these bounds, as keep their processors at 70 %. */
export function keybuzzApi({ host, min, max, databaseVia }: ApiArgs): AppSpec {
  return {
    name: "keybuzz-api",
    namespace: "keybuzz",
    ...PLACEHOLDER,
    needs: {
      postgres: { database: "keybuzz", owner: "kb_app", via: databaseVia, connections: 5 },
      redis: { index: 1 },
      rabbitmq: { vhost: "keybuzz" },
      bucket: { name: "platform" },
      vectors: {},
      llm: {},
    },
    processes: [
      {
        kind: "web",
        port: 80,
        health: { kind: "http", path: "/" },
        scale: { min, max, cpuPercent: 70 },
        resources: { cpu: { request: "250m", limit: "1" }, memory: { request: "256Mi", limit: "1Gi" } },
        placement: { avoid: ["ai", "monitoring"], strict: true },
        expose: [{ host, routes: [{ kind: "http", path: "/", maxBodyMb: 50 }] }],
      },
    ],
  };
}

/** A static site, which talks to the API from the browser only. */
export function keybuzzFront({ host, replicas }: Found & { readonly replicas: number }): AppSpec {
  return {
    name: "keybuzz-front",
    namespace: "keybuzz",
    ...PLACEHOLDER,
    processes: [
      {
        kind: "web",
        port: 80,
        health: { kind: "http", path: "/" },
        scale: replicas,
        longestRequestSeconds: 30,
        resources: { cpu: { request: "50m", limit: "500m" }, memory: { request: "64Mi", limit: "256Mi" } },
        expose: [{ host, routes: [{ kind: "http", path: "/", maxBodyMb: 50 }] }],
      },
    ],
  };
}

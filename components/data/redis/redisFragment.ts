import type { HostConfigPart } from "../../machines/hostConfig";
import { OS_IMAGES } from "../../machines/osImage";
import { redisRepository, type ServiceImage } from "../serviceImage";
import {
  REDIS_FILES,
  REDIS_PORT,
  SENTINEL_PORT,
  redisConfig,
  redisPasswords,
  redisRoleScript,
  redisSeedScript,
  sentinelUpdateScript,
  type RedisConfigArgs,
} from "./redisConfig";
import { REDIS_OLDEST } from "./redisAccounts";
import { acceptScript } from "./redisPasswords";

/** Redis and Sentinel on one member, from the distribution's own packages where those are new enough. */
export function redisFragment(args: RedisConfigArgs, image: ServiceImage): HostConfigPart {
  const { series, from } = OS_IMAGES[image].redis;
  // The makers' archive has every series at once.
  const version = from === "makers" ? { version: `6:${series}.*` } : {};
  const server = `/usr/bin/redis-server ${REDIS_FILES.state} --include ${REDIS_FILES.settings} --supervised systemd --daemonize no`;
  const sentinel = `/usr/bin/redis-sentinel ${REDIS_FILES.sentinelState} --supervised systemd --daemonize no`;
  const owner = { owner: "redis", group: "redis", mode: "0640" };
  return {
    ...(from === "makers" ? { aptRepositories: [redisRepository(image)] } : {}),
    packages: ["redis-server", "redis-sentinel", "redis-tools"].map((name) => ({ name, ...version })),
    sysctl: [
      { key: "vm.overcommit_memory", value: 1 },
      { key: "net.ipv4.ip_nonlocal_bind", value: 1 },
    ],
    files: [
      { path: REDIS_FILES.settings, content: redisConfig(args), ...owner },
      { path: REDIS_FILES.passwords, content: redisPasswords(args), ...owner, secret: true },
      { path: REDIS_FILES.role, content: redisRoleScript(args), mode: "0755", validate: "bash -n %s" },
      { path: REDIS_FILES.seed, content: redisSeedScript(args), mode: "0700", secret: true, validate: "bash -n %s" },
    ],
    steps: [
      {
        id: "redis-seed",
        when: { kind: "unless", command: `test -e ${REDIS_FILES.state} && test -e ${REDIS_FILES.sentinelState}` },
        run: [REDIS_FILES.seed],
        secret: true,
      },
      {
        id: "redis-password",
        when: { kind: "changed", paths: [REDIS_FILES.passwords] },
        after: ["redis-server.service"],
        run: [acceptScript(args.password, args.accounts)],
        secret: true,
      },
      {
        id: "sentinel-update",
        when: { kind: "changed", paths: [REDIS_FILES.seed] },
        after: ["redis-sentinel.service"],
        run: [sentinelUpdateScript(args)],
        secret: true,
      },
    ],
    units: [
      {
        name: "redis-server.service",
        dropIns: { keybuzz: `[Service]\nExecStartPre=+${REDIS_FILES.role}\nExecStart=\nExecStart=${server}\n` },
        enabled: true,
        state: "running",
        restartOn: [REDIS_FILES.settings],
        restart: "inTurn",
        after: ["redis-seed"],
      },
      {
        name: "redis-sentinel.service",
        dropIns: { keybuzz: `[Service]\nExecStart=\nExecStart=${sentinel}\n` },
        enabled: true,
        state: "running",
        restart: "inTurn",
        after: ["redis-server.service"],
      },
    ],
    checks: [
      {
        id: "redis-version",
        command: `test "$(redis-server --version | sed -n 's/.* v=\\([0-9]*\\)[.].*/\\1/p')" -ge ${REDIS_OLDEST}`,
        remedy: `Redis ${REDIS_OLDEST} is the first whose accounts know channels and subcommands: see apt-cache policy redis-server`,
      },
      ...[
        { id: "redis-answers", port: REDIS_PORT },
        { id: "sentinel-answers", port: SENTINEL_PORT },
      ].map(({ id, port }) => ({
        id,
        command: `timeout 3 bash -c '</dev/tcp/${args.host.address}/${port}'`,
        attempts: 15,
        remedy: "journalctl -u redis-server -u redis-sentinel shows why it does not listen",
      })),
    ],
  };
}

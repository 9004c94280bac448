import type { HostConfigPart } from "./hostConfig";
import { OS_IMAGES, type OsImage } from "./osImage";

const DAEMON_CONFIG = "/etc/docker/daemon.json";

/**
 * Docker, from Docker's own repository or the distribution's. A published port goes past UFW, so by default it is
 * bound to loopback; a container that others must reach uses the host's network, where UFW filters it.
 */
export function dockerEngine(source: "dockerCe" | "distribution", image: OsImage): HostConfigPart {
  const { distribution, codename } = OS_IMAGES[image];
  return {
    ...(source === "distribution"
      ? { packages: [{ name: "docker.io" }] }
      : {
          aptRepositories: [
            {
              name: "docker",
              uri: `https://download.docker.com/linux/${distribution}`,
              suites: [codename],
              components: ["stable"],
              key: {
                kind: "url",
                url: `https://download.docker.com/linux/${distribution}/gpg`,
                // docs.docker.com/engine/install: "Docker Release (CE deb)".
                fingerprint: "9DC858229FC7DD38854AE2D88D81803C0EBFCD88",
              },
            },
          ],
          packages: [{ name: "docker-ce" }, { name: "docker-ce-cli" }, { name: "containerd.io" }],
        }),
    files: [
      {
        path: DAEMON_CONFIG,
        content: `${JSON.stringify({ ip: "127.0.0.1", "live-restore": true, "log-driver": "journald" }, null, 2)}\n`,
        validate: "dockerd --validate --config-file %s",
      },
    ],
    units: [{ name: "docker.service", enabled: true, state: "running", restartOn: [DAEMON_CONFIG] }],
  };
}

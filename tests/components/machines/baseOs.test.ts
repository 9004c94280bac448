import { execFileSync } from "node:child_process";
import { baseOs, type BaseOsArgs } from "../../../components/machines/baseOs";
import type { HostConfig } from "../../../components/machines/hostConfig";
import { hostFirewall } from "../../../components/machines/hostFirewall";
import { mergeHostConfigs } from "../../../components/machines/mergeHostConfigs";
import { natRoutes } from "../../../components/machines/natGateway";
import { parseScript } from "../../../components/machines/parseScript";
import { renderScript } from "../../../components/machines/render";
import { iniMistake } from "@standin/machines/simulated/fileChecks";
import { syntaxError } from "./support/fakeHost";

const ARGS: BaseOsArgs = {
  hostname: "db-01",
  address: "10.0.0.120",
  image: "debian-12",
  peers: [
    { name: "db-02", address: "10.0.0.121" },
    { name: "db-01", address: "10.0.0.120" },
  ],
  sshUser: "keybuzz",
  sshKeys: "ssh-ed25519 AAAAprogram",
  operators: [{ name: "alice", publicKeys: ["ssh-ed25519 AAAAalice1", "ssh-ed25519 AAAAalice2 laptop"] }],
  networkCidr: "10.0.0.0/16",
  kind: "private",
  gateway: "10.0.0.1",
};
const config = (args: Partial<BaseOsArgs> = {}): HostConfig => {
  const merged = { ...ARGS, ...args };
  const routed = merged.kind === "bastion" ? natRoutes(merged.networkCidr) : [];
  const firewall = hostFirewall([{ from: "10.0.0.9", port: 22, protocol: "tcp", reason: "ssh" }], { routed });
  return mergeHostConfigs(merged.hostname, [...baseOs(merged), { module: "firewall", config: firewall }]);
};
const file = (of: HostConfig, path: string): string =>
  of.files.find((one) => one.path === path)?.content ?? `no ${path}`;
const SSHD = "/etc/ssh/sshd_config.d/10-keybuzz.conf";

describe("baseOs", () => {
  test.each(["ubuntu-22.04", "ubuntu-24.04", "debian-12"] as const)(
    "of %s becomes a valid script for every kind of host",
    (image) => {
      for (const kind of ["bastion", "private"] as const) {
        for (const docker of [undefined, "dockerCe", "distribution"] as const) {
          const { script } = renderScript(config({ image, kind, ...(docker === undefined ? {} : { docker }) }));
          expect(syntaxError(script)).toBe("");
          const units = parseScript(script).files.filter(({ path }) => path.startsWith("/etc/systemd/"));
          expect(units.map(({ content }) => iniMistake(content)).filter((mistake) => mistake !== undefined)).toEqual(
            [],
          );
        }
      }
    },
  );

  test("lets only keys in, and only the bastion pass connections on, to SSH alone", () => {
    const own = file(config(), SSHD);
    for (const line of [
      "PermitRootLogin no",
      "PasswordAuthentication no",
      "AllowUsers alice keybuzz",
      "AuthorizedKeysFile /etc/ssh/authorized_keys.d/%u",
      "AllowTcpForwarding no",
    ])
      expect(own).toContain(`${line}\n`);
    const bastion = file(config({ kind: "bastion" }), SSHD);
    expect(bastion).toContain("AllowTcpForwarding local\nPermitOpen *:22\n");
    expect(config().files.find(({ path }) => path === SSHD)?.validate).toContain("sshd -t -f %s");
  });

  test("has the keys of the program and of each operator in files of root's, before sshd asks for them", () => {
    const own = config();
    const program = "# Written by the infrastructure program.\nssh-ed25519 AAAAprogram\n";
    expect(file(own, "/etc/ssh/authorized_keys.d/keybuzz")).toBe(program);
    expect(file(own, "/etc/ssh/authorized_keys.d/alice")).toMatch(/ AAAAalice1\nssh-ed25519 AAAAalice2 laptop\n$/);
    const validated = parseScript(renderScript(own).script).files.filter(({ validate }) => validate !== undefined);
    const order = validated.map(({ path }) => path).filter((path) => path.startsWith("/etc/ssh/"));
    expect(order.at(-1)).toBe(SSHD);
    expect(order).toHaveLength(3);
    for (const { owner, mode } of validated.filter(({ path }) => path.includes("/authorized_keys.d/")))
      expect([owner, mode]).toEqual(["root", "644"]);
    expect(() => config({ sshKeys: " " })).toThrow("account keybuzz would have no key");
  });

  test("has an account for each operator, with sudo, and none for anybody else", () => {
    const own = config();
    expect(own.users).toContainEqual(expect.objectContaining({ name: "alice", groups: ["keybuzz-operators"] }));
    expect(file(own, "/etc/sudoers.d/60-keybuzz-operators")).toContain("%keybuzz-operators ALL=(ALL:ALL) NOPASSWD:ALL");
    const left = config({ operators: [] });
    expect(left.users.map(({ name }) => name)).not.toContain("alice");
    expect(file(left, SSHD)).toContain("AllowUsers keybuzz\n");
    const gone = left.steps.find(({ id }) => id === "operators-gone");
    expect(gone?.run.join("")).toContain("wanted=()");
    expect(gone?.after).toEqual(["sshd-reload"]);
  });

  test("makes the bastion the way out, and gives it to all others", () => {
    const bastion = config({ kind: "bastion" });
    expect(file(bastion, "/etc/keybuzz/nat.nft")).toContain("ip saddr 10.0.0.0/16 ip daddr != 10.0.0.0/16 masquerade");
    expect(bastion.sysctl).toContainEqual({ key: "net.ipv4.ip_forward", value: 1 });
    expect(file(bastion, "/etc/ufw/user.rules")).toContain("-A ufw-user-forward -s 10.0.0.0/16 -j ACCEPT");
    expect(file(bastion, "/usr/local/sbin/keybuzz-private-route")).toBe("no /usr/local/sbin/keybuzz-private-route");
    expect(file(config(), "/usr/local/sbin/keybuzz-private-route")).toContain("gateway='10.0.0.1'");
    expect(syntaxError(file(config(), "/usr/local/sbin/keybuzz-private-route"))).toBe("");
    expect(file(config(), "/etc/keybuzz/nat.nft")).toBe("no /etc/keybuzz/nat.nft");
  });

  test("mends the way out where somebody took it away: before packages, or where it starts", () => {
    const steps = (of: HostConfig): readonly string[] => {
      const { script } = renderScript(of);
      return script.match(/^kb_(step '(default-route|nat-loaded)'|install_packages$)/gm) ?? [];
    };
    expect(steps(config())).toEqual(["kb_step 'default-route'", "kb_install_packages"]);
    expect(steps(config({ kind: "bastion" }))).toEqual(["kb_install_packages", "kb_step 'nat-loaded'"]);
  });

  test("has time, security updates, journal limits, names and no swap", () => {
    const own = config({ keepVersionOf: ["postgresql-.*"] });
    expect(own.packages.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["chrony", "unattended-upgrades", "ufw"]),
    );
    expect(file(own, "/etc/apt/apt.conf.d/20auto-upgrades")).toContain('Unattended-Upgrade "1"');
    expect(file(own, "/etc/apt/apt.conf.d/52keybuzz-unattended-upgrades")).toContain('"postgresql-.*";');
    // Read as Perl, as needrestart does.
    const asked = `%nrconf = (restart => "a"); eval join("", <STDIN>); print $nrconf{restart}`;
    expect(
      execFileSync("perl", ["-e", asked], { input: file(own, "/etc/needrestart/conf.d/keybuzz.conf") }).toString(),
    ).toBe("l");
    expect(file(own, "/etc/systemd/journald.conf.d/keybuzz.conf")).toContain("SystemMaxUse=1G");
    expect(file(own, "/etc/hosts").split("\n").slice(0, 3)).toEqual([
      "127.0.0.1 localhost",
      "10.0.0.120 db-01",
      "10.0.0.121 db-02",
    ]);
    expect(own.steps.map(({ id }) => id)).toEqual(
      expect.arrayContaining(["swap-off", "swap-not-mounted", "sshd-reload", "hostname"]),
    );
  });

  test("has Docker only where it is asked for, from the repository of the image's own release", () => {
    expect(config().packages.some(({ name }) => name.startsWith("docker"))).toBe(false);
    expect(config({ docker: "dockerCe", image: "ubuntu-22.04" }).aptRepositories).toMatchObject([
      { uri: "https://download.docker.com/linux/ubuntu", suites: ["jammy"] },
    ]);
    expect(JSON.parse(file(config({ docker: "distribution" }), "/etc/docker/daemon.json"))).toMatchObject({
      ip: "127.0.0.1",
    });
  });
});

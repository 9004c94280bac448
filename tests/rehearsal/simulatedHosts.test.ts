import { createHash, generateKeyPairSync } from "node:crypto";
import type { Authorities, KubernetesNode } from "@standin/kubernetes-api";
import type { FileSpec, HostConfigPart } from "../../components/machines/hostConfig";
import { mergeHostConfigs } from "../../components/machines/mergeHostConfigs";
import { packScript } from "../../components/machines/packScript";
import { renderScript } from "../../components/machines/render";
import { HOST_SCRIPTS } from "../../rehearsal/estate";
import { k3sRole } from "../../rehearsal/k3sRole";
import { PROVIDERS } from "../../rehearsal/providers";
import { BASTION, DATABASE, run as runWith, TestFleet } from "../packages/machines/support/simulatedFleet";

// Processes and handshakes take their time where others use the processor, too.
jest.setTimeout(60_000);

const KEY = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({
  type: "pkcs8",
  format: "pem",
}) as string;
const APPLY = "sudo timeout 1800 bash -s # 0123456789abcdef";
const run = (connection: Parameters<typeof runWith>[0], command: string, stdin?: string): Promise<string> =>
  runWith(connection, command, stdin, PROVIDERS["command"]);
const script = (config: HostConfigPart, host = "db-01"): string =>
  renderScript(mergeHostConfigs(host, [{ module: "test", config }])).script;

let fleet: TestFleet;
const nodes: (readonly KubernetesNode[])[] = [];
const SERVER_AUTHORITY = "server authority of the test";
/** Whose the cluster's API is. */
let authority = SERVER_AUTHORITY;
beforeEach(async () => {
  nodes.length = 0;
  authority = SERVER_AUTHORITY;
  const k3s = {
    kubeconfig: () => "kubeconfig of the test",
    authorities: () => ({
      serverCertificate: authority,
      client: { certificate: "client authority of the test", privateKey: KEY },
    }),
    adopt: ({ server }: Authorities) => {
      authority = server.certificate;
      return Promise.resolve();
    },
    onNodes: (list: readonly KubernetesNode[]) => void nodes.push(list),
  };
  fleet = await new TestFleet(() => ({ scripts: HOST_SCRIPTS, roles: [k3sRole(k3s)] })).start();
});
afterEach(() => fleet.close());

describe("a host script of the estate", () => {
  const files: readonly FileSpec[] = [
    { path: "/etc/app/config.yaml", content: "a: 1\n" },
    { path: "/etc/app/password", content: "s3cret-value", secret: true },
  ];
  const units = [
    {
      name: "app.service",
      content: "[Service]\nExecStart=/bin/true\n",
      enabled: true,
      state: "running",
      reloadOn: ["/etc/app/"],
    },
  ] as const;

  test("is understood by a simulated machine, and reported as on a real one", async () => {
    const text = script({ files, units, packages: [{ name: "app" }] });
    expect(await run(fleet.toDatabase(), APPLY, text)).toBe(
      "keybuzz: host db-01: 6 change(s) to a new machine, listed in its /var/lib/keybuzz/log/changes",
    );
    expect(fleet.machines.history("db-01").at(-1)?.output.split("\n")).toEqual([
      "keybuzz: host db-01: packages installed: app",
      "keybuzz: host db-01: file /etc/app/config.yaml written",
      "keybuzz: host db-01: file /etc/app/password written",
      "keybuzz: host db-01: file /etc/systemd/system/app.service written",
      "keybuzz: host db-01: unit app.service enabled",
      "keybuzz: host db-01: unit app.service started",
      "keybuzz: host db-01: 6 change(s)",
    ]);
    expect(await run(fleet.toDatabase(), APPLY, text)).toBe("keybuzz: host db-01: no change");
    const changed = script({ files: [{ path: "/etc/app/config.yaml", content: "a: 2\n" }], units });
    expect(await run(fleet.toDatabase(), APPLY, changed)).toContain("unit app.service reloaded");
    expect(fleet.machines.read("db-01", "/etc/app/password")).toBeUndefined();
  });

  test("that was cut off or changed is refused", async () => {
    const text = script({ files });
    await expect(run(fleet.toDatabase(), APPLY, text.slice(0, -30))).rejects.toThrow(/step syntax/);
    await expect(run(fleet.toDatabase(), APPLY, text.replace("\nkb_end\n", "\nrm -rf /\n"))).rejects.toThrow(
      /keybuzz: host db-01: step syntax: parseScript: .*; remedy: /,
    );
  });
});

describe("a packed script", () => {
  const task = (end: string): string => packScript(`${"echo one line of many\n".repeat(100)}${end}`);

  test("is judged by what is in it, a task as well as a host script", async () => {
    await run(fleet.toDatabase(), APPLY, packScript(script({ packages: [{ name: "app" }] })));
    expect(fleet.machines.history("db-01").at(-1)?.hash).toMatch(/^[0-9a-f]{64}$/);
    expect(await run(fleet.toDatabase(), "sudo timeout 600 bash -s", task("true\n"))).toContain("task accepted");
    await expect(run(fleet.toDatabase(), "sudo timeout 600 bash -s", task("if\n"))).rejects.toThrow(
      /step syntax: bash: /,
    );
  });

  test("that is damaged is refused", async () => {
    const text = task("true\n");
    const damaged = text.replace(/^[A-Za-z0-9+/]{40}/m, (line) => [...line].reverse().join(""));
    expect(damaged).not.toBe(text);
    await expect(run(fleet.toDatabase(), "sudo timeout 600 bash -s", damaged)).rejects.toThrow(/step syntax: /);
  });
});

describe("apt", () => {
  const SOURCE = "/etc/apt/sources.list.d/keybuzz-tool.sources";
  const text = script({
    aptRepositories: [
      {
        name: "tool",
        uri: "https://packages.example.org/debian",
        suites: ["bookworm"],
        components: ["main"],
        key: { kind: "url", url: "https://packages.example.org/key.asc", fingerprint: "0".repeat(40) },
      },
    ],
    packages: [{ name: "tool" }],
  });
  const source = new RegExp(`^kb_file '${SOURCE}'.*<<'KB_DATA'\n[^]*?\nKB_DATA\n`, "m").exec(text)?.[0] ?? "no source";
  /** The source stands before its key, and nothing puts it aside. */
  const early = text
    .replace(source, "")
    .replace(/^kb_apt_aside .*\n/m, "")
    .replace("\nkb_drop\n", () => `\nkb_drop\n${source}`);

  test("is told of a key before it fetches the lists", async () => {
    await expect(run(fleet.toDatabase(), APPLY, text)).resolves.toContain("to a new machine");
    expect(fleet.machines.read("db-01", SOURCE)).toContain("Signed-By: /etc/apt/keyrings/keybuzz-tool.asc\n");
  });

  test("refuses the lists where a source is there before its key; the right script gets past what that left", async () => {
    await expect(run(fleet.toDatabase(), APPLY, early)).rejects.toThrow(
      /host db-01: step packages: cannot update the package lists: E: .*tool\.sources.*NO_PUBKEY; remedy: /,
    );
    expect(fleet.machines.read("db-01", SOURCE)).toContain("Signed-By");
    await expect(run(fleet.toDatabase(), APPLY, text.replace(/^kb_apt_aside .*\n/m, ""))).rejects.toThrow(/NO_PUBKEY/);
    await expect(run(fleet.toDatabase(), APPLY, text)).resolves.toContain("to a new machine");
  });

  test("reaches nothing before the network's default route leads to a machine that passes on", async () => {
    const routes: { destination: string; gateway: string }[] = [];
    fleet.machines.follow(() => ({ networks: [{ id: 7, routes }] }));
    const install = (): Promise<string> => run(fleet.toDatabase(), APPLY, text);
    await expect(install()).rejects.toThrow(
      /cannot update the package lists: network 7 has no default route; remedy: /,
    );
    routes.push({ destination: "0.0.0.0/0", gateway: "10.0.0.9" });
    await expect(install()).rejects.toThrow(/bastion-01, where the default route leads, passes nothing on/);
    const gateway = script({ sysctl: [{ key: "net.ipv4.ip_forward", value: 1 }] }, "bastion-01");
    await run(fleet.toBastion(), APPLY, gateway);
    await expect(install()).resolves.toContain("to a new machine");
    // Where nothing is missing, nothing is fetched.
    routes.pop();
    await expect(install()).resolves.toContain("no change");
  });
});

describe("a K3s machine", () => {
  const k3s = (unit: string, text: string, release = "v1.35.4+k3s1"): HostConfigPart => ({
    files: [
      { path: "/etc/rancher/k3s/config.yaml", content: text },
      { path: "/etc/rancher/k3s/release", content: `${release}\n` },
    ],
    units: [{ name: unit, content: "[Service]\nExecStart=/usr/local/bin/k3s\n", enabled: true, state: "running" }],
  });
  const config =
    "node-name: db-01\nnode-ip: 10.0.0.120\nnode-label: [keybuzz.io/duty=ai]\nnode-taint: ['keybuzz.io/duty=ai:NoSchedule']\n";

  test("as a server registers its node, and has kubeconfig and authorities for root alone", async () => {
    await run(fleet.toDatabase(), APPLY, script(k3s("k3s.service", config)));
    expect(nodes.at(-1)).toEqual([
      {
        name: "db-01",
        address: "10.0.0.120",
        role: "server",
        labels: { "keybuzz.io/duty": "ai" },
        taints: [{ key: "keybuzz.io/duty", value: "ai", effect: "NoSchedule" }],
      },
    ]);
    expect(await run(fleet.toDatabase(), "sudo cat /etc/rancher/k3s/k3s.yaml")).toBe("kubeconfig of the test");
    await expect(run(fleet.toDatabase(), "cat /etc/rancher/k3s/k3s.yaml")).rejects.toThrow(/Permission denied/);
    const tls = "/var/lib/rancher/k3s/server/tls";
    expect(await run(fleet.toDatabase(), `sudo cat ${tls}/server-ca.crt`)).toBe("server authority of the test");
    expect(await run(fleet.toDatabase(), `sudo cat ${tls}/client-ca.crt`)).toBe("client authority of the test");
    expect(await run(fleet.toDatabase(), `sudo cat ${tls}/client-ca.key`)).toMatch(/^-----BEGIN EC PRIVATE KEY-----/);
    await expect(run(fleet.toDatabase(), `cat ${tls}/client-ca.key`)).rejects.toThrow(/Permission denied/);
    expect(await run(fleet.toDatabase(), APPLY, script(k3s("k3s.service", config)))).toBe(
      "keybuzz: host db-01: no change",
    );
  });

  test("as an agent hands out nothing, and is gone with its machine", async () => {
    await run(fleet.toDatabase(), APPLY, script(k3s("k3s-agent.service", config)));
    expect(nodes.at(-1)).toMatchObject([{ role: "agent" }]);
    expect(fleet.machines.read("db-01", "/etc/rancher/k3s/k3s.yaml")).toBeUndefined();
    await fleet.machines.delete(DATABASE.id);
    expect(nodes.at(-1)).toEqual([]);
  });

  test("with a configuration that K3s would not read fails", async () => {
    await expect(run(fleet.toDatabase(), APPLY, script(k3s("k3s.service", "- a list\n")))).rejects.toThrow(
      /is not a mapping/,
    );
    await expect(
      run(fleet.toDatabase(), APPLY, script(k3s("k3s.service", "node-taint: ['a=b:Never']\n"))),
    ).rejects.toThrow(/allowed: NoSchedule/);
  });

  test("takes the next minor version; does not go back, and skips none", async () => {
    const apply = (release: string): Promise<string> =>
      run(fleet.toDatabase(), APPLY, script(k3s("k3s.service", config, release)));
    await apply("v1.35.4+k3s1");
    await apply("v1.36.0+k3s1");
    await expect(apply("v1.35.4+k3s1")).rejects.toThrow(/v1\.36\.0\+k3s1 does not go back to v1\.35\.4\+k3s1/);
    await expect(apply("v1.38.0+k3s1")).rejects.toThrow(/without the minor versions between/);
    await fleet.restart([BASTION, DATABASE]);
  });

  describe("and its token", () => {
    const long = (certificate: string): string =>
      `K10${createHash("sha256").update(certificate).digest("hex")}::server:secret\n`;
    const with_ = (unit: string, token: string, more: readonly FileSpec[] = []): string => {
      const part = k3s(unit, config);
      const path = unit === "k3s.service" ? "/etc/rancher/k3s/token" : "/etc/rancher/k3s/agent-token";
      const files = [...(part.files ?? []), { path, content: token, secret: true }, ...more];
      return script({ ...part, files });
    };
    const brought = (certificate: string): readonly FileSpec[] =>
      ["server-ca", "client-ca"].flatMap((name) => [
        { path: `/etc/rancher/k3s/authority/${name}.crt`, content: certificate },
        { path: `/etc/rancher/k3s/authority/${name}.key`, content: KEY },
      ]);

    test("the first server makes the cluster with the authority that it is brought; later ones of it are nothing to it", async () => {
      await run(fleet.toDatabase(), APPLY, with_("k3s.service", long("ours"), brought("ours")));
      expect(authority).toBe("ours");
      await run(fleet.toDatabase(), APPLY, with_("k3s.service", long("ours"), brought("another")));
      expect(authority).toBe("ours");
    });

    test.each(["k3s.service", "k3s-agent.service"])(
      "%s that joins a cluster of another authority is refused",
      async (unit) => {
        const refused = /token CA hash does not match the Cluster CA certificate hash: [0-9a-f]{64} != [0-9a-f]{64}/;
        await expect(run(fleet.toDatabase(), APPLY, with_(unit, long("another")))).rejects.toThrow(refused);
        expect(nodes).toEqual([]);
        await run(fleet.toDatabase(), APPLY, with_(unit, long(SERVER_AUTHORITY)));
        expect(nodes.at(-1)).toHaveLength(1);
      },
    );

    test("an agent's is held against the cluster at each start, a server's with a member of its own is not; a short one never", async () => {
      await run(fleet.toDatabase(), APPLY, with_("k3s-agent.service", "short\n"));
      await expect(run(fleet.toDatabase(), APPLY, with_("k3s-agent.service", long("another")))).rejects.toThrow(
        /token CA hash does not match/,
      );
      await expect(run(fleet.toDatabase(), APPLY, with_("k3s-agent.service", "K10abc::node:secret\n"))).rejects.toThrow(
        /invalid token CA hash length/,
      );
      await run(fleet.toDatabase(), APPLY, with_("k3s.service", long(SERVER_AUTHORITY)));
      await run(fleet.toDatabase(), APPLY, with_("k3s.service", long("another")));
    });
  });

  test("is there again after a restart of the local cloud", async () => {
    await run(fleet.toDatabase(), APPLY, script(k3s("k3s-agent.service", config)));
    nodes.length = 0;
    await fleet.restart([BASTION, DATABASE]);
    expect(nodes.at(-1)).toMatchObject([{ name: "db-01" }]);
  });
});

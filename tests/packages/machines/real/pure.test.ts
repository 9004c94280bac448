import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo, type Server } from "node:net";
import { networkInterfaces, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Balancer } from "@standin/machines/real/balancer";
import { cloudView } from "@standin/machines/real/cloudView";
import { gatewayOf } from "@standin/machines/real/fleetNetwork";
import { macOf } from "@standin/machines/real/guestFiles";
import { archiveOf } from "@standin/machines/real/goldenImage";
import { allowInstances } from "@standin/machines/real/inotify";
import { Limiter } from "@standin/machines/real/limiter";
import { answerTo } from "@standin/machines/real/nameServer";
import { fileOf } from "@standin/machines/real/origin";
import { imageRecipe } from "@standin/machines/real/recipe";
import type { BalancerService } from "@standin/machines/real/wardenProtocol";

describe("an image", () => {
  const hash = (...packages: string[]): string => imageRecipe({ packages }).hash;

  test("is named by its recipe, whatever the order of packages", () => {
    expect(hash("redis", "ufw")).toBe(hash("ufw", "redis", "ufw"));
    expect(hash("redis")).not.toBe(hash("ufw"));
  });

  test("is of the release that is asked for, with the units that are new in it", () => {
    expect(imageRecipe({ packages: [] }).hash).toBe(imageRecipe({ suite: "bookworm", packages: [] }).hash);
    const { script } = imageRecipe({ suite: "trixie", packages: [] });
    expect(script).toContain("systemd-sysv trixie ");
    expect(script).not.toContain("bookworm");
    expect(script).toContain("'enable cloud-init-main.service'");
  });

  test("comes from an archive of Debian that this machine knows, if only for another release", () => {
    const known = "http://one.test/debian/ bookworm main\nhttp://one.test/debian/ bookworm-updates main\n";
    expect(archiveOf("bookworm", known)).toBe("http://one.test/debian/");
    expect(archiveOf("trixie", known)).toBe("http://one.test/debian/");
    expect(archiveOf("trixie", `${known}http://two.test/debian/ trixie main\n`)).toBe("http://two.test/debian/");
    expect(archiveOf("trixie", "http://ubuntu.test/ noble main\n")).toBeUndefined();
  });

  test("has files before its packages, and forgets what no two machines may share", () => {
    const content = `-- 100 % of "it's" a\\b\n`;
    const { script } = imageRecipe({
      packages: [],
      files: [{ path: "/etc/app/app.conf", content }],
      forget: { files: ["/var/lib/app/.key"], folders: ["/var/lib/app/*"] },
    });
    const lines = script.split("\n");
    const made = lines.findIndex((line) => line.endsWith('>"$target/etc/app/app.conf"'));
    expect(lines[made - 1]).toBe('mkdir -p "$target/etc/app"');
    expect(made).toBeLessThan(lines.indexOf("apt_get update"));
    const target = mkdtempSync(join(tmpdir(), "standin-image-"));
    try {
      execFileSync("bash", ["-euc", `target=$0\n${lines.slice(made - 1, made + 1).join("\n")}`, target]);
      expect(readFileSync(join(target, "etc/app/app.conf"), "utf8")).toBe(content);
    } finally {
      rmSync(target, { recursive: true });
    }
    expect(script).toContain('rm -f "$target"/etc/ssh/ssh_host_* "$target"/var/lib/app/.key ');
    expect(script).toContain('rm -rf "$target"/var/lib/app/*\n');
    expect(execFileSync("bash", ["-n"], { input: script }).toString()).toBe("");
  });

  test("with a package or a path that is something else to the shell is refused", () => {
    expect(() => imageRecipe({ packages: ["redis; reboot"] })).toThrow(/"redis; reboot" is no package/);
    const forget = (path: string) => (): unknown =>
      imageRecipe({ packages: [], forget: { files: [], folders: [path] } });
    for (const path of ["/a b", "/$(id)", "../x", "/a/../../x", "/", ""])
      expect(forget(path)).toThrow(/is no absolute path/);
  });
});

test("a network's gateway is its first address, and a machine's MAC says which it is", () => {
  expect(gatewayOf("10.1.0.0/16")).toBe("10.1.0.1");
  expect(macOf(10_000_049, "private")).toBe("86:00:00:98:96:b1");
  expect(macOf(10_000_049, "public")).not.toBe(macOf(10_000_049, "private"));
});

test("the name server repeats the question and says that there is no such name", () => {
  const question = Buffer.from("0667746573740378797a0000010001", "hex").subarray(1);
  const query = Buffer.concat([
    Buffer.from("abcd01000001000000000001", "hex"),
    Buffer.from("04746573740000010001", "hex"),
    Buffer.from("00"),
  ]);
  const answer = answerTo(query);
  expect(answer?.toString("hex")).toBe("abcd8183000100000000000004746573740000010001");
  expect(answerTo(Buffer.concat([Buffer.from("abcd81830001000000000000", "hex"), question]))).toBeUndefined();
  expect(answerTo(query.subarray(0, 16))).toBeUndefined();
});

test("the name server knows the names of what there is of the internet, by their address alone", () => {
  const ask = (type: string): string | undefined =>
    answerTo(
      Buffer.from(`abcd0100000100000000000003415054047465737400${type}0001`, "hex"),
      new Map([["apt.test", "192.0.2.254"]]),
    )?.toString("hex");
  expect(ask("0001")).toBe("abcd8180000100010000000003415054047465737400000100" + "01c00c000100010000003c0004c00002fe");
  // An IPv6 address: the name is there, and has none.
  expect(ask("001c")).toBe("abcd8180000100000000000003415054047465737400001c0001");
});

test("a web server gives what is in its host's folder, and nothing beside it", () => {
  expect(fileOf("/web", "apt.test", "/dists/a%2Bb/InRelease?x")).toBe("/web/apt.test/dists/a+b/InRelease");
  expect(fileOf("/web", "apt.test", "/../../etc/passwd")).toBe("/web/apt.test/etc/passwd");
  for (const [host, url] of [
    ["../x", "/"],
    ["..", "/a"],
    [undefined, "/a"],
    ["apt.test", "/%zz"],
    ["apt.test", "a"],
  ])
    expect(fileOf("/web", host, url)).toBeUndefined();
});

test("more systems at once than Linux allows for by itself", () => {
  const path = join(mkdtempSync(join(tmpdir(), "standin-inotify-")), "limit");
  const allowed = (before: string): string => {
    writeFileSync(path, before);
    allowInstances(path);
    return readFileSync(path, "utf8");
  };
  try {
    expect(allowed("128\n")).toBe("1024\n");
    expect(allowed("8192\n")).toBe("8192\n");
    expect(() => allowInstances("/proc/no/such/limit")).not.toThrow();
  } finally {
    rmSync(dirname(path), { recursive: true });
  }
});

test("no more than the limit runs at once, and all run in the end, also after a failure", async () => {
  const limiter = new Limiter(2);
  let running = 0;
  let most = 0;
  const work = async (): Promise<void> => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setTimeout(resolve, 5));
    running -= 1;
    if (most === 2) throw new Error("one of them");
  };
  const ended = await Promise.allSettled(Array.from({ length: 7 }, () => limiter.run(work)));
  expect(ended).toHaveLength(7);
  expect(most).toBe(2);
});

test("the API's load balancers: TCP services with targets that have a private address", () => {
  const service = {
    protocol: "tcp",
    listen_port: 5432,
    destination_port: 5432,
    health_check: {
      protocol: "http",
      port: 8404,
      interval: 3,
      timeout: 2,
      retries: 2,
      http: { path: "/up", status_codes: ["200"], tls: false },
    },
  };
  const target = (id: number) => ({ server: { id }, use_private_ip: true });
  const view = cloudView(
    {
      networks: [{ routes: [{ destination: "0.0.0.0/0", gateway: "10.0.0.9" }] }],
      load_balancers: [
        {
          private_net: [{ ip: "10.0.0.10" }],
          algorithm: { type: "least_connections" },
          services: [service, { ...service, protocol: "https", listen_port: 443 }],
          targets: [target(1), { targets: [target(2), target(3)] }, { server: { id: 4 }, use_private_ip: false }],
        },
        { private_net: [], algorithm: { type: "round_robin" }, services: [service], targets: [] },
      ],
    },
    (id) => (id === 3 ? undefined : `10.0.0.${100 + id}`),
  );
  expect([...view.routes]).toEqual([["0.0.0.0/0", "10.0.0.9"]]);
  expect(view.balancers).toHaveLength(1);
  expect(view.balancers[0]).toMatchObject({
    address: "10.0.0.10",
    port: 5432,
    targets: [
      { server: 1, address: "10.0.0.101" },
      { server: 2, address: "10.0.0.102" },
    ],
    check: { kind: "http", path: "/up", retries: 2 },
  });
});

describe("a load balancer's service", () => {
  const servers: Server[] = [];
  afterEach(() => servers.splice(0).forEach((server) => server.close()));

  /** A daemon that greets with its name. */
  async function daemon(name: string, address: string, port = 0): Promise<number> {
    const server = createServer((socket) => socket.on("error", () => undefined).end(name));
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(port, address, resolve));
    return (server.address() as AddressInfo).port;
  }

  test("passes on to healthy targets only, and goes on when one dies", async () => {
    expect(networkInterfaces()["lo"]).toBeDefined();
    const targetPort = await daemon("first", "127.0.0.2");
    await daemon("second", "127.0.0.3", targetPort);
    const probe = createServer();
    await new Promise<void>((resolve) => probe.listen(0, "127.0.0.4", resolve));
    const { port } = probe.address() as AddressInfo;
    await new Promise((resolve) => probe.close(resolve));
    const service: BalancerService = {
      address: "127.0.0.4",
      port,
      targetPort,
      targets: [
        { server: 1, address: "127.0.0.2" },
        { server: 2, address: "127.0.0.3" },
      ],
      algorithm: "round_robin",
      check: {
        kind: "tcp",
        port: targetPort,
        intervalSeconds: 0.05,
        timeoutSeconds: 1,
        retries: 2,
        path: "/",
        statuses: [],
        tls: false,
      },
    };
    const health = new Map<number, boolean>();
    const balancer = new Balancer(
      service,
      (server, healthy) => health.set(server, healthy),
      (message) => {
        throw new Error(message);
      },
    );
    const ask = async (): Promise<string> => {
      const { connect } = await import("node:net");
      return new Promise((resolve) => {
        let text = "";
        const socket = connect(port, "127.0.0.4");
        socket.on("data", (data) => (text += data.toString())).on("error", () => undefined);
        socket.on("close", () => resolve(text));
      });
    };
    try {
      const deadline = Date.now() + 5000;
      while (health.size < 2 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
      expect(new Set([await ask(), await ask()])).toEqual(new Set(["first", "second"]));
      servers.shift()?.close();
      // The check has not noticed yet: the connection that fails goes to the other.
      expect([await ask(), await ask()]).toEqual(["second", "second"]);
      while (health.get(1) === true && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
      expect(health).toEqual(
        new Map([
          [1, false],
          [2, true],
        ]),
      );
    } finally {
      balancer.close();
    }
  });
});

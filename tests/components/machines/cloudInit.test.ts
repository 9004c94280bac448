import { parse } from "yaml";
import { cloudInit, USER_DATA_LIMIT_BYTES, type CloudInitArgs } from "../../../components/machines/cloudInit";
import { syntaxError } from "./support/fakeHost";

const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE4c4V2mC2L8Qy4VwQ2l9b1nJmZ0kq3cO8N7xw0GJxyz deploy";
const ARGS: CloudInitArgs = {
  hostname: "db-01",
  sshUser: "keybuzz",
  authorizedKeys: [KEY],
  networkCidr: "10.0.0.0/16",
};
interface CloudConfig {
  readonly users: readonly {
    readonly name: string;
    readonly sudo: string;
    readonly lock_passwd: boolean;
    readonly ssh_authorized_keys: readonly string[];
  }[];
  readonly bootcmd: readonly (readonly string[])[];
  readonly runcmd: readonly (readonly string[])[];
  readonly write_files?: readonly { readonly path: string; readonly permissions: string; readonly content: string }[];
  readonly [key: string]: unknown;
}
const config = (args: Partial<CloudInitArgs> = {}): CloudConfig =>
  parse(cloudInit({ ...ARGS, ...args })) as CloudConfig;

describe("cloudInit", () => {
  test("makes the account with its keys, lets in no password and no root", () => {
    expect(cloudInit(ARGS)).toMatch(/^#cloud-config\n/);
    expect(config()).toMatchObject({
      hostname: "db-01",
      ssh_pwauth: false,
      disable_root: true,
      manage_etc_hosts: false,
      locale: "C.UTF-8",
    });
    expect(config({ authorizedKeys: [KEY, KEY, `${KEY}2\n`] }).users).toEqual([
      expect.objectContaining({
        name: "keybuzz",
        sudo: "ALL=(ALL) NOPASSWD:ALL",
        lock_passwd: true,
        ssh_authorized_keys: [KEY, `${KEY}2`],
      }),
    ]);
  });

  test("gives a machine without a public interface its way out, and only that", () => {
    const own = config({ gateway: "10.0.0.1" });
    const script = own.write_files?.find(({ path }) => path === "/usr/local/sbin/keybuzz-private-route");
    expect(script).toMatchObject({ permissions: "0755" });
    expect(script?.content).toContain("gateway='10.0.0.1'");
    expect(syntaxError(script?.content ?? "(")).toBe("");
    expect(own.runcmd).toContainEqual(["systemctl", "enable", "--now", "keybuzz-private-route.service"]);
    expect(config().write_files).toBeUndefined();
    expect(config().runcmd).toEqual([]);
  });

  test("shuts all but SSH until the host's configuration has been applied", () => {
    const [shell, flag, command = ""] = config({ gateway: "10.0.0.1" }).bootcmd[0] ?? [];
    expect([shell, flag]).toEqual(["sh", "-c"]);
    expect(syntaxError(command)).toBe("");
    expect(command).toMatch(/^\[ -e \/var\/lib\/keybuzz\/state \] \|\|/);
    expect(command).toContain("policy drop;");
    expect(command).toContain("ip saddr 10.0.0.0/16 tcp dport 22 accept;");
    expect(config().bootcmd[0]?.[2]).toContain("\ntcp dport 22 accept;");
  });

  test("lists every mistake at once, never shows a key, and keeps Hetzner's limit", () => {
    const attempt = (): string =>
      cloudInit({
        hostname: "Bad_Name",
        sshUser: "root",
        authorizedKeys: ["-----BEGIN OPENSSH PRIVATE KEY-----"],
        networkCidr: "10.0.0.0",
        gateway: "x",
      });
    expect(attempt).toThrow(/hostname: .*\n.*sshUser: .*\n.*authorizedKeys\[0\]: .*\n.*networkCidr: .*\n.*gateway: /);
    expect(attempt).not.toThrow(/PRIVATE KEY/);
    expect(() => cloudInit({ ...ARGS, authorizedKeys: [] })).toThrow(/found none/);
    const many = Array.from({ length: 400 }, (_unused, index) => `${KEY}${index}`);
    expect(() => cloudInit({ ...ARGS, authorizedKeys: many })).toThrow(new RegExp(`allowed: ${USER_DATA_LIMIT_BYTES}`));
    expect(Buffer.byteLength(cloudInit({ ...ARGS, gateway: "10.0.0.1" }))).toBeLessThan(8 * 1024);
  });
});

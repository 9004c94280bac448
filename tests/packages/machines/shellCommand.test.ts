import { parseCommand } from "@standin/machines/simulated/shellCommand";

const KEY_PATH = "/etc/ssh/ssh_host_ed25519_key.pub";

describe("what a simulated machine understands", () => {
  test.each([
    ["sudo timeout 600 bash -s # 0123456789abcdef", [{ kind: "script" }]],
    ["sudo cat /etc/app/app.yaml", [{ kind: "cat", path: "/etc/app/app.yaml" }]],
    [`sudo cat ${KEY_PATH}`, [{ kind: "cat", path: KEY_PATH }]],
    [
      "sudo timeout 1200 /usr/local/sbin/app-retire worker-05",
      [{ kind: "installed", path: "/usr/local/sbin/app-retire" }],
    ],
    [
      `sudo timeout 300 cloud-init status --wait && cat ${KEY_PATH}`,
      [{ kind: "cloudInitStatus" }, { kind: "cat", path: KEY_PATH }],
    ],
  ])("%s", (line, commands) => {
    expect(parseCommand(line)).toEqual(commands);
  });

  test.each([
    "/usr/local/bin/app status",
    "/usr/local/sbin/app-retire $(hostname)",
    "/usr/local/sbin/app-retire 'a worker'; reboot",
    "/usr/local/sbin/../bin/app",
    "reboot",
    "cat /etc/x; rm -rf /",
    "cat /a /b",
    "bash -c true",
    "cat $(id)",
    "true || reboot",
    "cat ../x",
    "",
  ])("and what it refuses rather than guesses: %s", (line) => {
    expect(parseCommand(line)).toBeUndefined();
  });
});

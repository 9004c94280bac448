import { parseCommand } from "@standin/machines/simulated/shellCommand";

describe("what a simulated machine understands", () => {
  test.each([
    ["sudo timeout 600 bash -s # 0123456789abcdef", [{ kind: "script" }]],
    ["sudo cat /etc/rancher/k3s/k3s.yaml", [{ kind: "cat", path: "/etc/rancher/k3s/k3s.yaml" }]],
    [
      "sudo timeout 1200 /usr/local/sbin/k3s-retire-node k3s-worker-05",
      [{ kind: "installed", path: "/usr/local/sbin/k3s-retire-node" }],
    ],
  ])("%s", (line, commands) => {
    expect(parseCommand(line)).toEqual(commands);
  });

  test.each([
    "/usr/local/bin/k3s kubectl get nodes",
    "/usr/local/sbin/k3s-retire-node $(hostname)",
    "/usr/local/sbin/k3s-retire-node 'k3s worker'; reboot",
    "/usr/local/sbin/../bin/k3s",
    "reboot",
  ])("and what it refuses rather than guesses: %s", (line) => {
    expect(parseCommand(line)).toBeUndefined();
  });
});

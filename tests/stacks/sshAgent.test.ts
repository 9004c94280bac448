import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sshAgentMistakes } from "../../stacks/sshAgent";

const dir = mkdtempSync(join(tmpdir(), "keybuzz-agent-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

test("no agent, or one that answers, is nobody's mistake", async () => {
  expect(await sshAgentMistakes(undefined)).toEqual([]);
  expect(await sshAgentMistakes("")).toEqual([]);
  const socket = join(dir, "agent");
  const agent = createServer((client) => client.on("error", () => undefined));
  await new Promise<void>((resolve) => void agent.listen(socket, resolve));
  expect(await sshAgentMistakes(socket)).toEqual([]);
  await new Promise((resolve) => void agent.close(resolve));
});

test.each([
  ["that is gone", (): string => join(dir, "gone"), "ENOENT"],
  [
    "that nobody listens at",
    (): string => {
      const path = join(dir, "left");
      writeFileSync(path, "");
      return path;
    },
    "ECONNREFUSED",
  ],
])("a socket %s is told in one line with what to do", async (_name, socket, why) => {
  const path = socket();
  expect(await sshAgentMistakes(path)).toEqual([
    {
      path: "SSH_AUTH_SOCK",
      found: `${path}, where no agent answers (${why})`,
      allowed: expect.stringContaining("or nothing") as string,
      fix: "unset SSH_AUTH_SOCK",
    },
  ]);
});

import { EventEmitter } from "node:events";
import { PassThrough } from "node:stream";
import type { Client } from "ssh2";
import { exec } from "@standin/pulumi-engine/providers/command/remoteCommand";

/** A connection whose channels say nothing of their own accord. */
class QuietClient extends EventEmitter {
  readonly channel = Object.assign(new PassThrough(), { stderr: new PassThrough() });

  /** @param opens does the host answer the request for a channel? */
  constructor(private readonly opens: boolean) {
    super();
    // As openSession's: it stays for as long as the connection does.
    this.on("error", () => undefined);
  }

  exec(_command: string, answer: (error: undefined, channel: unknown) => void): this {
    if (this.opens) setImmediate(() => answer(undefined, this.channel));
    return this;
  }
}

describe("a command whose connection breaks", () => {
  test.each([
    ["while it runs", true],
    ["before its channel is open", false],
  ])("%s is cut off then, though its channel never closes", async (_when, opens) => {
    const client = new QuietClient(opens);
    const running = exec(client as unknown as Client, "bash -s", "echo half");
    await new Promise((resolve) => setTimeout(resolve, 20));
    client.emit("error", new Error("Keepalive timeout"));
    expect(await running).toEqual({ stdout: opens ? "echo half" : "", stderr: "", exitCode: undefined });
  });
});

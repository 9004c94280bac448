import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server } from "node:net";
import { openDoor } from "@standin/machines/door";

const listen = (server: Server): Promise<number> =>
  new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port)));

test("a door leads on whom it admits at that moment, says nothing to others, and closes with its connections", async () => {
  const inner = createServer((socket) => void socket.on("error", () => undefined).end("hello"));
  const to = await listen(inner);
  const free = createServer();
  const port = await listen(free);
  await new Promise((resolve) => free.close(resolve));
  let admitted = "127.0.0.2";
  const door = await openDoor({ port, admits: (source) => source === admitted, to: () => to });
  const heard = (localAddress: string): Promise<string> =>
    new Promise((resolve) => {
      const socket = connect({ host: "127.0.0.1", port, localAddress });
      socket.setTimeout(500, () => (resolve("nothing"), socket.destroy()));
      socket.once("data", (data) => resolve(data.toString()));
      socket.once("close", () => resolve("closed"));
    });
  try {
    expect([await heard("127.0.0.1"), await heard("127.0.0.2")]).toEqual(["nothing", "hello"]);
    admitted = "127.0.0.1";
    expect([await heard("127.0.0.1"), await heard("127.0.0.2")]).toEqual(["hello", "nothing"]);
    await expect(openDoor({ port, admits: () => true, to: () => to })).rejects.toThrow("EADDRINUSE");
    const waiting = connect({ host: "127.0.0.1", port, localAddress: "127.0.0.2" });
    await once(waiting, "connect");
    const closed = once(waiting, "close");
    waiting.on("error", () => undefined);
    await door.close();
    await closed;
  } finally {
    await door.close();
    await new Promise((resolve) => inner.close(resolve));
  }
});

import { isAnswered, routeLimits } from "../../../components/cluster/ingress/routes";
import { planOf, prod } from "./prodWorkloads";

describe("the streaming application", () => {
  const routes = prod()
    .exposed.filter(({ host }) => host === "chat.keybuzz.io")
    .flatMap(({ backend, routes: own }) => own.map((route) => ({ backend, route })));

  it("streams answers, keeps sockets open, and answers the rest, all on port 8001", () => {
    expect(routes.map(({ backend, route }) => [backend.port, route.kind, route.path])).toEqual([
      [8001, "sse", "/api/chat/stream"],
      [8001, "websocket", "/api/ws"],
      [8001, "http", "/"],
    ]);
  });

  it("passes its stream on unbuffered, and waits for more than one heartbeat", () => {
    const [stream, socket] = routes.map(({ route }) => (isAnswered(route) ? undefined : routeLimits(route)));
    expect(stream).toMatchObject({ streamsAnswer: true, readSeconds: 45 });
    expect(socket?.readSeconds).toBe(90);
  });
});

describe("connectors", () => {
  it("have each its own Redis database", () => {
    const database = (name: string) => /\/(\d+)$/.exec(planOf(name).secret.entries.REDIS_URL ?? "")?.[1];
    expect([database("shop-connector"), database("chat-backend")]).toEqual(["5", "6"]);
  });
});

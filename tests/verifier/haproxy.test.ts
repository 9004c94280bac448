import { backendNames, parseHaproxy } from "../../verifier/read/haproxy";

const CONFIG = `
global
    maxconn 8192
    user haproxy
defaults
    mode tcp
    timeout connect 5s
    timeout client 1m
    timeout server 90000   # milliseconds where no unit is said
frontend postgres
    bind 10.0.0.11:5432
    bind *:15432
    timeout client 2h
    default_backend postgres-leader
backend postgres-leader
    option httpchk
    http-check send meth GET uri /primary
    http-check expect status 200
    default-server inter 1s on-marked-down shutdown-sessions port 8008 check-ssl verify none
    server db-1 10.0.0.120:5432 check
    server db-2 10.0.0.121:5432
listen redis
    bind :6379
    option tcp-check
    tcp-check expect string role:master
    server redis-1 10.0.0.123:6379 check
frontend health
    mode http
    bind 10.0.0.11:8404
    http-request return status 200 if { path /health/redis } { nbsrv(redis) gt 0 }
    http-request return status 503
`;

const config = parseHaproxy(CONFIG);
const section = (name: string): (typeof config.sections)[number] => {
  const found = config.sections.find((one) => one.name === name);
  if (found === undefined) throw new Error(name);
  return found;
};

test("every line is read", () => {
  expect(config.problems).toEqual([]);
  expect(config.sections.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
    "frontend postgres",
    "backend postgres-leader",
    "listen redis",
    "frontend health",
  ]);
});

test("limits: a section's own before the defaults, in seconds", () => {
  expect(section("postgres").timeouts).toEqual({ connect: 5, client: 7200, server: 90 });
  expect(section("postgres-leader").timeouts).toEqual({ connect: 5, client: 60, server: 90 });
});

test("binds, and where a frontend leads", () => {
  expect(section("postgres").binds).toEqual([
    { address: "10.0.0.11", port: 5432 },
    { address: "*", port: 15432 },
  ]);
  expect(section("redis").binds).toEqual([{ address: "*", port: 6379 }]);
  expect(section("postgres").defaultBackend).toBe("postgres-leader");
});

test("servers take what default-server says, but check only where they say so", () => {
  expect(section("postgres-leader").servers).toEqual([
    {
      name: "db-1",
      address: "10.0.0.120",
      port: 5432,
      checked: true,
      checkPort: 8008,
      checkTls: true,
      backup: false,
      noticedAfterSeconds: 6,
    },
    {
      name: "db-2",
      address: "10.0.0.121",
      port: 5432,
      checked: false,
      checkPort: 8008,
      checkTls: true,
      backup: false,
      noticedAfterSeconds: Infinity,
    },
  ]);
});

test("what is asked by a check", () => {
  expect(section("postgres-leader").check).toEqual({
    kind: "http",
    path: "/primary",
    statuses: ["200"],
    expects: [],
    markedDownCloses: true,
  });
  expect(section("redis").check).toMatchObject({ kind: "redis", expects: ["role:master"] });
});

test("a backend that others vote for", () => {
  const [frontend] = parseHaproxy(
    "frontend x\n    use_backend x.a if { nbsrv(x.a.named) ge 2 }\n    default_backend y\n",
  ).sections;
  expect(frontend?.choices).toEqual([{ backend: "x.a", voters: "x.a.named", votes: 2 }]);
  expect(frontend === undefined ? [] : backendNames(frontend)).toEqual(["x.a", "y"]);
});

test("answers of the health frontend: to whom, and while what is alive", () => {
  expect(section("health").answers).toEqual([
    { status: "200", paths: ["/health/redis"], alive: "redis" },
    { status: "503", paths: [], alive: undefined },
  ]);
});

test.each([
  "use_backend other if { src 10.0.0.0/8 }",
  "use_backend other if { nbsrv(voters) gt 1 }",
  "acl internal src 10.0.0.0/8",
  "bind unix@/run/haproxy.sock",
  "server db-1 db-1.internal:5432 check",
  "timeout client forever",
  "http-request deny",
])("%s is reported as unread", (line) => {
  expect(parseHaproxy(`listen x\n    ${line}\n`).problems).toEqual([line]);
});

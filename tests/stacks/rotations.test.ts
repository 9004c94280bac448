import { configTexts } from "../../components/machines/hostPlan";
import { alternatingAccount } from "../../components/secrets/account";
import { loadEnvironment } from "../../stacks/loadEnvironment";
import { planEstate, type EstatePlan } from "../../stacks/plan";
import { given } from "../support/shellHeader";

const plan = (rotations: Readonly<Record<string, number>>): EstatePlan =>
  planEstate(
    { ...loadEnvironment("local"), rotations },
    {
      operatorCidrs: ["203.0.113.7/32"],
      operators: [],
      bastionSshPort: 22,
      bastionKubernetesPort: 6443,
      consentToDelete: [],
    },
  );
const chatwoot = ({ apps }: EstatePlan): string =>
  configTexts(apps.find(({ app }) => app.name === "chatwoot")?.app).join("\n");

describe("an account takes turns", () => {
  it("between two names, with the other one to retire", () => {
    expect(
      [0, 1, 2, 3].map((n) => alternatingAccount("shop", n, "x")).map(({ user, retired }) => [user, retired]),
    ).toEqual([
      ["shop", undefined],
      ["shop_b", "shop"],
      ["shop", "shop_b"],
      ["shop_b", "shop"],
    ]);
  });
});

describe("rotations of an environment", () => {
  it("none: nothing says anything of them, and nothing is retired", () => {
    const { services, secrets } = plan({});
    expect(secrets.filter((spec) => "rotation" in spec)).toEqual([]);
    expect([
      services.postgres?.retireScript(),
      services.redis?.retireScript(),
      services.redis?.clusterJob(),
      services.rabbitmq?.retireScript(),
    ]).toEqual([undefined, undefined, undefined, undefined]);
  });

  it("PostgreSQL: consumers have the second login, which is a member of the owner; the owner's login retires", () => {
    const rotated = plan({ "postgres/chatwoot": 1 });
    const { postgres } = rotated.services;
    expect(chatwoot(plan({}))).not.toContain("chatwoot_b");
    expect(chatwoot(rotated)).toContain("chatwoot_b");
    const script = postgres?.clusterJob().script ?? "";
    expect(given(script, "roles")).toContain("chatwoot");
    expect(given(script, "seconds")).toEqual(["chatwoot_b chatwoot"]);
    const passwords = given(script, "passwords").filter((line) => line.startsWith("chatwoot"));
    expect(passwords).toEqual(["chatwoot_b dbname=chatwoot <<secret:postgres/chatwoot>>"]);
    expect(given(postgres?.retireScript() ?? "", "roles")).toEqual(["chatwoot"]);
    const again = plan({ "postgres/chatwoot": 2 }).services.postgres;
    const later = again?.clusterJob().script ?? "";
    expect(given(later, "passwords")).toContain("chatwoot dbname=chatwoot <<secret:postgres/chatwoot>>");
    expect(given(later, "seconds")).toEqual([]);
    expect(given(again?.retireScript() ?? "", "roles")).toEqual(["chatwoot_b"]);
  });

  it("Redis: no daemon restarts for it", () => {
    const { services, hosts } = plan({ "redis/default": 1 });
    const host = hosts.find(({ group }) => group === "redis");
    const holding = host?.config.files.filter(({ content }) => content.includes("<<secret:redis/default>>"));
    const restarting = host?.config.units.flatMap(({ restartOn = [] }) => restartOn);
    expect(holding?.map(({ path }) => path).filter((path) => restarting?.includes(path))).toEqual([]);
    expect(holding).toHaveLength(2);
    expect(given(services.redis?.clusterJob()?.script ?? "", "act")).toEqual(["use"]);
    expect(given(services.redis?.retireScript() ?? "", "act")).toEqual(["retire"]);
  });

  it("Redis: a consumer's account, and nobody else's", () => {
    const { services, hosts } = plan({ "redis/chatwoot": 1 });
    expect(services.redis?.clusterJob()).toBeUndefined();
    expect(given(services.redis?.retireScript() ?? "", "accounts")).toEqual([
      "chatwoot resetpass ><<secret:redis/chatwoot>>",
    ]);
    const step = hosts.find(({ group }) => group === "redis")?.config.steps.find(({ id }) => id === "redis-password");
    expect(given(step?.run.join("\n") ?? "", "accounts").map((account) => account.split(" ")[0])).toContain("chatwoot");
  });

  it("RabbitMQ and MinIO: another user in the same place, and the one before goes", () => {
    const { services } = plan({ "rabbitmq/keybuzz": 1, "minio/keybuzz-chatwoot": 1 });
    const vhost = services.rabbitmq?.vhosts.find(({ name }) => name === "keybuzz");
    expect(vhost).toMatchObject({ user: "keybuzz_b", retired: "keybuzz" });
    expect(given(services.rabbitmq?.clusterJob().script ?? "", "vhosts")).toEqual([
      "keybuzz keybuzz_b <<secret:rabbitmq/keybuzz>>",
    ]);
    expect(given(services.rabbitmq?.retireScript() ?? "", "users")).toEqual(["keybuzz"]);
    const bucket = services.objectStore?.buckets.find(({ name }) => name === "keybuzz-chatwoot");
    expect(bucket).toMatchObject({ accessKey: "keybuzz-chatwoot_b", retired: "keybuzz-chatwoot" });
    expect(given(services.objectStore?.clusterJob()?.script ?? "", "buckets")).toContain(
      "keybuzz-chatwoot enable keybuzz-chatwoot_b <<secret:minio/keybuzz-chatwoot>>",
    );
    expect(given(services.objectStore?.retireScript() ?? "", "access_keys")).toEqual(["keybuzz-chatwoot"]);
  });

  it("a certificate: another key, and whoever only trusts its authority sees nothing of it", () => {
    const { secrets } = plan({ "postgres/db-master-01": 1 });
    expect(
      secrets.filter((spec) => spec.kind === "certificate" && spec.certificate.rotation === 1).map(({ id }) => id),
    ).toEqual(["postgres/db-master-01.cert", "postgres/db-master-01.key"]);
  });

  it("whatever cannot be rotated so is refused, with what can", () => {
    expect(() => plan({ "postgres/chatwot": 1, "litellm/salt-key": 1, "redis/default": 1 })).toThrow(
      /2 mistakes:\n {2}rotations\["postgres\/chatwot"\]: found an id that nothing has; allowed: .*postgres\/chatwoot, .*; fix: write "postgres\/chatwoot", or remove it\n {2}rotations\["litellm\/salt-key"\]: found a secret that cannot be rotated so/,
    );
  });
});

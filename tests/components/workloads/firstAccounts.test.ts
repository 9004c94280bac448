import { spawn } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { renderApp } from "../../../components/apps/renderApp";
import { interpret, itWith, type Ended } from "./interpreted";
import { planOf, prod } from "./prodWorkloads";

const PASSWORD = "Kb1!of-a-test";
const scriptOf = (name: string): string => planOf(name).firstAccount?.command.at(-1) ?? "";

describe("n8n's owner", () => {
  /** What the script sends to an n8n that answers so, and how it ends. */
  async function claim(status: number, answer: unknown): Promise<Ended & { readonly asked: readonly unknown[] }> {
    const asked: unknown[] = [];
    const server = createServer((request, response) => {
      let body = "";
      request.on("data", (part: Buffer) => (body += part.toString()));
      request.on("end", () => {
        asked.push(`${request.method} ${request.url}`, JSON.parse(body));
        response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(answer));
      });
    });
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const child = spawn(process.execPath, ["--input-type=module", "--eval", scriptOf("n8n")], {
      env: { N8N_URL: url, OWNER_EMAIL: "admin@keybuzz.io", OWNER_PASSWORD: PASSWORD },
    });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (part: Buffer) => (said += part.toString()));
    const ended = await new Promise<number | null>((resolve) => child.on("close", resolve));
    server.close();
    return { status: ended, said, asked };
  }

  test("is made as n8n's own page makes one, where nobody is", async () => {
    const { status, said, asked } = await claim(200, { data: { id: "1" } });
    expect({ status, said }).toEqual({ status: 0, said: "n8n's owner is admin@keybuzz.io\n" });
    expect(asked).toEqual([
      "POST /rest/owner/setup",
      { email: "admin@keybuzz.io", firstName: "KeyBuzz", lastName: "Owner", password: PASSWORD },
    ]);
  });

  test("stays who it is, and the Job says so", async () => {
    const { status, said } = await claim(400, { code: 400, message: "Instance owner already setup" });
    expect({ status, said }).toEqual({ status: 0, said: "n8n has an owner already: nothing was changed\n" });
  });

  test.each([
    [400, "Password must be 8 to 64 characters long."],
    [503, "Database is not ready!"],
  ])("is not taken for made where n8n answers %i", async (code, message) => {
    const { status, said } = await claim(code, { code, message });
    expect(status).toBe(1);
    expect(said).toContain(message);
    expect(said).not.toContain(PASSWORD);
  });

  test("is made over the cluster's own network, by pods that reach nothing else", () => {
    const flows = prod().flows();
    expect(flows.filter((flow) => flow.startsWith("n8n/n8n-first-account "))).toEqual([
      "n8n/n8n-first-account -> n8n/main",
    ]);
    expect(planOf("n8n").firstAccount?.env.N8N_URL).toBe("http://n8n-main.n8n.svc.cluster.local:5678");
  });
});

describe("Chatwoot's super admin", () => {
  /** Chatwoot's own classes, as much as the script asks of them. */
  const stand = (users: boolean, open: boolean) => `
    class User; def self.exists? = ${users}; end
    module Redis; module Alfred
      CHATWOOT_INSTALLATION_ONBOARDING = "CHATWOOT_INSTALLATION_ONBOARDING"
      def self.delete(key) = (puts "deleted #{key}"; ${open ? 1 : 0})
    end; end
    class AccountBuilder
      def initialize(**given) = @given = given
      def perform = puts("made " + @given.except(:user_password).inspect)
    end
  `;
  const run = (users: boolean, open: boolean): Ended =>
    interpret("ruby", `${stand(users, open)}\n${scriptOf("chatwoot")}`, {
      env: { OWNER_EMAIL: "admin@keybuzz.io", OWNER_PASSWORD: PASSWORD },
    });

  itWith("ruby")("is made where there are no users, and the first visitor's page is closed", () => {
    const { status, said } = run(false, true);
    expect(status).toBe(0);
    expect(said).toMatch(/^made \{.*:email=>"admin@keybuzz.io", :super_admin=>true, :confirmed=>true\}$/m);
    expect(said).toContain("deleted CHATWOOT_INSTALLATION_ONBOARDING");
    expect(said).toContain("Chatwoot's super admin is admin@keybuzz.io");
    expect(said).not.toContain(PASSWORD);
  });

  itWith("ruby")("is left alone where there are users, and the Job says so", () => {
    expect(run(true, false)).toEqual({
      status: 0,
      said: "Chatwoot has users already: none was changed\ndeleted CHATWOOT_INSTALLATION_ONBOARDING\n",
    });
    expect(run(true, true).said).toContain("the first visitor's page was open, and is closed");
  });
});

describe.each(["n8n", "chatwoot"])("%s' first account", (name) => {
  const plan = planOf(name);
  const { firstAccount, secrets, processes } = renderApp(plan);

  test("has a generated password that both applications take, in a Secret of its Job alone", () => {
    expect(plan.firstAccount?.secret.entries).toEqual({ OWNER_PASSWORD: `Kb1!<<secret:${name}/owner>>` });
    expect(plan.administrator?.password).toBe(`Kb1!<<secret:${name}/owner>>`);
    expect(secrets.map(({ metadata }) => metadata.name)).toContain(`${name}-first-account-secrets`);
    expect(JSON.stringify(firstAccount)).not.toContain("<<secret");
    expect(JSON.stringify(processes)).not.toContain(`${name}-first-account`);
    expect(plan.administrator?.user).toBe("admin@keybuzz.io");
  });

  test("is made by a Job that says what it is for, and runs again with a new version", () => {
    expect(firstAccount?.metadata.annotations?.["keybuzz.io/first-account"]).toBe(name);
    const next = renderApp({ ...plan, image: "example/next:2" }).firstAccount?.metadata.name;
    expect(next).not.toBe(firstAccount?.metadata.name);
  });
});

test("whoever has an administrator made for it has his login in the stack's output", () => {
  const { plans } = prod();
  const users = Object.values(plans).flatMap(({ name, administrator }) =>
    administrator === undefined ? [] : [`${name}: ${administrator.user}`],
  );
  expect(users.sort()).toEqual([
    "chatwoot: admin@keybuzz.io",
    "erpnext: Administrator",
    "n8n: admin@keybuzz.io",
    "superset: admin",
  ]);
});

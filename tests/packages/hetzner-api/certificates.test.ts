import { generateKeyPairSync } from "node:crypto";
import { certificatePair } from "./support/certificatePair";
import { TestCloud } from "./support/testCloud";

// Held against Hetzner's description in each exchange; the code and words of the failure were recorded through the
// real provider, the limits of uploads are Hetzner's changelog of October 2026.
const cloud = new TestCloud();
beforeAll(async () => {
  await cloud.start();
  await cloud.post("/zones", { name: "example.org", mode: "primary" });
});
afterAll(() => cloud.dispose());

interface Certificate {
  readonly status: { readonly issuance: string; readonly error: unknown };
  readonly certificate: string | null;
}
const read = async (id: number): Promise<Certificate> =>
  (await cloud.get(`/certificates/${id}`)).body.certificate as unknown as Certificate;
const delegation = async (): Promise<unknown> => {
  const { body } = await cloud.get("/zones/example.org");
  return (body.zone as unknown as { readonly authoritative_nameservers: object }).authoritative_nameservers;
};

test("a managed certificate fails until its zone is delegated, and stays failed until it is retried", async () => {
  expect(await delegation()).toMatchObject({ delegated: [], delegation_status: "invalid" });
  const wish = { name: "managed", type: "managed", domain_names: ["www.example.org"] };
  const { body } = await cloud.call("POST", "/certificates", wish);
  const { id } = body.certificate;
  expect(await cloud.finished(body.action.id)).toMatchObject({
    status: "error",
    error: {
      code: "certificate_could_not_verify_domain_delegated_to_zone",
      message: "Could not verify domain was delegated to DNS zone",
    },
  });
  expect(await read(id)).toMatchObject({ certificate: null, status: { issuance: "failed", error: {} } });

  const { load_balancer: balancer } = await cloud.post("/load_balancers", {
    name: "lb",
    load_balancer_type: "lb11",
    network_zone: "eu-central",
  });
  const service = { protocol: "https", http: { certificates: [id] } };
  const path = `/load_balancers/${balancer.id}/actions/add_service`;
  expect(await cloud.refusal("POST", path, service)).toBe("422 invalid_input");

  const told = await fetch(`${cloud.endpoint}/_local/zones/example.org/delegation`, {
    method: "PUT",
    headers: { authorization: `Bearer ${cloud.token}`, "content-type": "application/json" },
    body: JSON.stringify({ delegated: true }),
  });
  expect(told.status).toBe(204);
  expect(await delegation()).toMatchObject({ delegation_status: "valid" });
  expect((await read(id)).status.issuance).toBe("failed");
  await cloud.post(`/certificates/${id}/actions/retry`);
  expect(await read(id)).toMatchObject({ status: { issuance: "completed", error: null } });
  await cloud.post(path, service);
});

test("an uploaded chain has 5 certificates at most, a private key 5 kB", async () => {
  const { certificate, privateKey } = await certificatePair();
  const upload = (chain: number, key: string) =>
    cloud.call("POST", "/certificates", {
      name: `chain-${chain}`,
      certificate: chain === 0 ? certificate + "#".repeat(30 * 1024) : certificate.trimEnd().concat("\n").repeat(chain),
      private_key: key,
    });
  expect((await upload(5, privateKey)).status).toBe(201);
  expect((await upload(6, privateKey)).body.error.details?.fields).toMatchObject([{ name: "certificate" }]);
  expect((await upload(0, privateKey)).body.error.details?.fields).toMatchObject([{ name: "certificate" }]);
  const padded = `${privateKey}${"\n".repeat(5 * 1024)}`;
  expect((await upload(1, padded)).body.error.details?.fields).toMatchObject([{ name: "private_key" }]);
  const other = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
  const foreign = other.export({ type: "pkcs8", format: "pem" }).toString();
  expect((await upload(2, foreign)).body.error.details?.fields).toMatchObject([{ name: "private_key" }]);
});

import { LocalCloudError } from "../localCloudError";

/**
 * Tells the local cloud what happens in the world around it.
 *
 * @param what below /_local: "weather", "zones/keybuzz.io/delegation"
 * @throws LocalCloudError with what it says against it
 */
export async function tellCloud(env: Readonly<Record<string, string>>, what: string, body: object): Promise<void> {
  const { HCLOUD_ENDPOINT: endpoint = "", HCLOUD_TOKEN: token = "" } = env;
  const response = await fetch(`${endpoint}/_local/${what}`, {
    method: "PUT",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (response.ok) return;
  const { error } = (await response.json()) as { readonly error: { readonly message: string } };
  throw new LocalCloudError(`the local cloud refuses ${what} (${response.status}): ${error.message}`);
}

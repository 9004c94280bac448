import { z } from "zod";
import { MistakesError, refuse } from "../components/mistakes";

/** With what Hetzner is asked. */
export interface ApiAccess {
  readonly endpoint: string;
  readonly token: string;
  /** How often one question is asked at most. Default 3. */
  readonly tries?: number;
}

export const HETZNER_ENDPOINT = "https://api.hetzner.cloud/v1";

/** Nobody answers: a preview can do without, an update cannot. */
export class HetznerUnreachableError extends MistakesError {}

const TIMEOUT_MS = 20_000;
/** Milliseconds before the second try; the third waits twice as long. */
const PAUSE_MS = 1_000;

/** Undefined: there is no such thing. */
export async function ask({ endpoint, token, tries = 3 }: ApiAccess, path: string): Promise<unknown> {
  let why = "";
  for (let attempt = 1; attempt <= tries; attempt++) {
    if (attempt > 1) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * (attempt - 1)));
    try {
      const response = await fetch(`${endpoint}${path}`, {
        headers: { authorization: `Bearer ${token}` },
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      if (response.ok) return await response.json();
      if (response.status === 404) return undefined;
      why = `it answers ${response.status} to GET ${path}`;
      if (response.status === 401)
        refuse("the Hetzner project", [
          {
            path: "hcloud:token",
            found: "a token that is refused",
            allowed: `one that ${endpoint} takes`,
            fix: "pulumi config set --secret hcloud:token",
          },
        ]);
      if (response.status !== 429 && response.status < 500) break;
    } catch (error) {
      if (error instanceof MistakesError) throw error;
      why = error instanceof Error ? `${error.message}${causeOf(error)}` : String(error);
    }
  }
  throw new HetznerUnreachableError("the Hetzner project", [
    {
      path: endpoint,
      found: `no answer: ${why}`,
      allowed: "answers on what there is in the project",
      fix: "try again; nothing was changed",
    },
  ]);
}

/** Gives Hetzner an order, once: whoever gives it looks afterwards what became of it. @throws Error when it is refused */
export async function order({ endpoint, token }: ApiAccess, path: string): Promise<void> {
  const response = await fetch(`${endpoint}${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: "{}",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!response.ok) throw new Error(`Hetzner answers ${response.status} to POST ${path}: ${await response.text()}`);
}

const causeOf = ({ cause }: Error): string => (cause instanceof Error ? ` (${cause.message})` : "");

const page = z.object({ meta: z.object({ pagination: z.object({ next_page: z.number().nullable() }) }) });
/** Hetzner gives no more at once. */
const PER_PAGE = 50;

/**
 * All of one kind that there are, page by page.
 *
 * @param key path and key of the answer: "load_balancers"
 * @param filter further parameters
 */
export async function askAll<Schema extends z.ZodType>(
  access: ApiAccess,
  key: string,
  schema: Schema,
  filter: Readonly<Record<string, string>> = {},
): Promise<readonly z.infer<Schema>[]> {
  const found: z.infer<Schema>[] = [];
  for (let next: number | null = 1; next !== null;) {
    const query = new URLSearchParams({ ...filter, per_page: String(PER_PAGE), page: String(next) });
    const answer = await ask(access, `/${key}?${query.toString()}`);
    found.push(...z.array(schema).parse((answer as Readonly<Record<string, unknown>> | undefined)?.[key]));
    next = page.parse(answer).meta.pagination.next_page;
  }
  return found;
}

interface Request {
  readonly method: string;
  /** Without the endpoint. */
  readonly path: string;
  readonly body: string;
}

/** A certificate whose domains could not be checked, as the API answers it: made, and its action failed. */
const UNDELEGATED = {
  code: "certificate_could_not_verify_domain_delegated_to_zone",
  message: "Could not verify domain was delegated to DNS zone",
};
const NOTHING = { certificate: null, fingerprint: null, not_valid_before: null, not_valid_after: null };

const json = (status: number, body: unknown): Response =>
  new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json" } });
const error = (status: number, code: string, message: string): Response =>
  json(status, { error: { code, message, details: null } });

/** What stood between the plugins and the cloud while they were recorded: it refused what the case was about. */
export class Refusals {
  case = "";
  private readonly conflicts = new Map<string, number>();

  /** Takes the place of fetch. */
  around(real: typeof fetch): typeof fetch {
    return async (url, init) => {
      const request: Request = {
        method: init?.method ?? "GET",
        path: new URL(url).pathname.replace(/^\/v1/, ""),
        body: typeof init?.body === "string" ? init.body : "",
      };
      return this.refused(request) ?? this.changed(request, await real(url, init));
    };
  }

  private refused({ path }: Request): Response | undefined {
    if (this.case.startsWith("12-") && path.endsWith("/actions/change_type"))
      return error(412, "resource_unavailable", "server type is not available in this location");
    if (this.case.startsWith("27-") && path.endsWith("/actions/attach_to_network")) {
      const before = this.conflicts.get(path) ?? 0;
      this.conflicts.set(path, before + 1);
      if (before < 2) return error(409, "conflict", "the network was changed by another request");
    }
    return undefined;
  }

  private async changed({ method, path, body }: Request, response: Response): Promise<Response> {
    if (!this.case.startsWith("26") || !path.startsWith("/certificates") || response.status >= 204) return response;
    const answer = (await response.json()) as { certificate: { type: string }; action: object | null };
    if (answer.certificate.type !== "managed") return json(response.status, answer);
    const certificate = { ...answer.certificate, ...NOTHING };
    const isMade = method === "POST" && body.includes("domain_names");
    return json(response.status, {
      ...answer,
      certificate,
      ...(isMade ? { action: { ...answer.action, status: "error", error: UNDELEGATED } } : {}),
    });
  }
}

import { X509Certificate } from "node:crypto";
import type { TLSSocket } from "node:tls";
import { ApiError } from "./wire/apiError";

/** Whom a request comes from. */
export interface User {
  readonly name: string;
  readonly groups: readonly string[];
}

interface Client {
  readonly user: User;
  readonly from: Date;
  readonly to: Date;
}

const CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
const ALL = "system:authenticated";

/**
 * By client certificates, as kube-apiserver does: signed by the client authority, for clients, within its time. Its
 * common name is the user, each organisation a group (kubernetes.io, authentication, X.509).
 */
export class Authentication {
  #authorities: readonly X509Certificate[] = [];
  /** A connection's certificate stays the same; only its time goes by. */
  readonly #clients = new WeakMap<TLSSocket, Client>();

  constructor(private readonly now: () => Date) {}

  /** Whose clients are believed from now on. PEM. */
  believe(authorities: readonly string[]): void {
    this.#authorities = authorities.map((authority) => new X509Certificate(authority));
  }

  /** @throws ApiError 401, with which the API says no more than that. */
  user(socket: TLSSocket): User {
    const client = this.#clients.get(socket) ?? this.#meet(socket);
    const now = this.now();
    if (client === undefined || now < client.from || now > client.to)
      throw new ApiError(401, "Unauthorized", "Unauthorized");
    return client.user;
  }

  /** Undefined: nobody whom the authority knows. */
  #meet(socket: TLSSocket): Client | undefined {
    const certificate = socket.getPeerX509Certificate();
    if (certificate === undefined || !this.#vouchesFor(certificate)) return undefined;
    const { CN: name, O: organisations } = certificate.toLegacyObject().subject as { CN?: Names; O?: Names };
    if (typeof name !== "string") return undefined;
    const user = { name, groups: [...listed(organisations), ALL] };
    const client = { user, from: certificate.validFromDate, to: certificate.validToDate };
    this.#clients.set(socket, client);
    return client;
  }

  #vouchesFor(certificate: X509Certificate): boolean {
    return (
      this.#authorities.some((one) => certificate.checkIssued(one) && certificate.verify(one.publicKey)) &&
      (certificate.keyUsage ?? []).includes(CLIENT_AUTH)
    );
  }
}

type Names = string | readonly string[];

const listed = (names: Names | undefined): readonly string[] =>
  names === undefined ? [] : typeof names === "string" ? [names] : names;

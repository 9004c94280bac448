import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Origin } from "@standin/machines/real";
import type { AptRepository, HostConfig } from "../../../../components/machines/hostConfig";
import type { HostPlan } from "../../../../components/machines/hostPlan";
import type { CertificateSpec } from "../../../../components/secrets/secretRef";
import { SecretMaker } from "../secrets";
import { AptArchive, SigningKeys } from "./aptArchive";
import { packNew, repack } from "./repack";

/** Behind the version of each package that is a maker's. */
export const MAKERS = "+makers1";

/** Debian's packages that makers' archives have, too, under the same names: MariaDB's, and PGDG's. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  pgdg: ["postgresql-17", "postgresql-client-17", "patroni", "pgbouncer"],
  mariadb: [
    "mariadb-server", "mariadb-server-core", "mariadb-client", "mariadb-client-core", "mariadb-backup", "galera-4",
  ],
  proxysql: [],
}; // prettier-ignore

const UNIT = [
  "[Unit]",
  "Description=Stands in for ProxySQL",
  // As the makers' own.
  "[Service]",
  "Type=forking",
  "PIDFile=/var/lib/proxysql/proxysql.pid",
  "ExecStart=/usr/bin/proxysql --idle-threads -c /etc/proxysql.cnf",
  "[Install]",
  "WantedBy=multi-user.target",
  "",
].join("\n");

/** The archives that an estate's hosts install from, on the rehearsal's own network: their places, keys and packages. */
export class ForeignArchives {
  readonly archives = new Map<string, AptArchive>();
  readonly keys: SigningKeys;
  /** Fingerprint of each archive's key, by its name. */
  readonly pinned = new Map<string, string>();
  readonly origin: Origin;
  /** PEM of what signed the web servers' certificate. */
  readonly authority: string;

  private constructor(
    private readonly dir: string,
    private readonly repositories: ReadonlyMap<string, AptRepository>,
    hosts: readonly string[],
    texts: { readonly ca: string },
  ) {
    this.keys = new SigningKeys(join(dir, "gnupg"));
    this.origin = {
      folder: join(dir, "web"),
      hosts,
      certificate: join(dir, "tls.crt"),
      key: join(dir, "tls.key"),
    };
    this.authority = texts.ca;
  }

  /** @param root the image whose packages they have. */
  static async open(hosts: readonly HostPlan[], root: string): Promise<ForeignArchives> {
    const dir = mkdtempSync(join(tmpdir(), "archives-"));
    const repositories = new Map(
      hosts.flatMap(({ config }) => config.aptRepositories).map((one) => [one.name, one] as const),
    );
    const urls = [...repositories.values()].flatMap(({ uri, key }) => [uri, ...(key.kind === "url" ? [key.url] : [])]);
    const names = [...new Set(urls.map((url) => new URL(url).hostname))];
    const certificate: CertificateSpec = {
      id: "web",
      authority: "Rehearsed internet",
      commonName: "archives",
      dnsNames: names,
      ipAddresses: [],
    };
    const part = (one: "ca" | "key" | "cert") => ({ kind: "certificate", id: one, part: one, certificate }) as const;
    const texts = await new SecretMaker().values([part("ca"), part("key"), part("cert")]);
    writeFileSync(join(dir, "tls.crt"), texts.get("cert") ?? "");
    writeFileSync(join(dir, "tls.key"), texts.get("key") ?? "", { mode: 0o600 });
    const made = new ForeignArchives(dir, repositories, names, { ca: texts.get("ca") ?? "" });
    for (const [name, repository] of repositories) made.#make(name, repository, root);
    return made;
  }

  /** Names of the packages that a host's configuration takes from them. */
  packagesOf({ aptRepositories }: HostConfig): readonly string[] {
    return aptRepositories.flatMap(({ name }) => PACKAGES[name] ?? []);
  }

  /** The host with the keys that were made here pinned in place of the makers'. */
  withKeys(host: HostPlan): HostPlan {
    const aptRepositories = host.config.aptRepositories.map((one) =>
      one.key.kind === "url" ? { ...one, key: { ...one.key, fingerprint: this.pinned.get(one.name) ?? "" } } : one,
    );
    return { ...host, config: { ...host.config, aptRepositories } };
  }

  archive(name: string): AptArchive {
    const found = this.archives.get(name);
    if (found === undefined)
      throw new Error(`no host installs from ${name}, but from ${[...this.repositories.keys()].join(", ")}`);
    return found;
  }

  close(): void {
    this.keys.close();
    rmSync(this.dir, { recursive: true, force: true });
  }

  #make(name: string, repository: AptRepository, root: string): void {
    const into = join(this.dir, "packages", name);
    mkdirSync(into, { recursive: true });
    const debs = (PACKAGES[name] ?? []).map((one) => repack({ root, name: one, versionSuffix: MAKERS, into }));
    if (name === "proxysql") debs.push(standInProxysql(into));
    const archive = new AptArchive({ folder: this.origin.folder, repository, keys: this.keys, debs });
    const key = this.keys.make(name);
    archive.publish(key);
    archive.showKeys(key);
    this.archives.set(name, archive);
    this.pinned.set(name, key);
  }
}

function standInProxysql(into: string): string {
  return packNew({
    name: "proxysql",
    version: `2.7.3${MAKERS}`,
    depends: "python3",
    description: "stands in for ProxySQL: listens, and answers nothing",
    files: [
      { path: "/usr/bin/proxysql", content: readFileSync(join(__dirname, "standInProxysql.py"), "utf8"), mode: 0o755 },
      { path: "/usr/lib/systemd/system/proxysql.service", content: UNIT },
    ],
    // As the makers' package does.
    postinst:
      "getent passwd proxysql >/dev/null || useradd --system --user-group --home-dir /var/lib/proxysql --create-home --shell /bin/false proxysql",
    into,
  });
}

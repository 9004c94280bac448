import type { AptRepository } from "../machines/hostConfig";

/** Images that every service of the data tier can be installed on. */
export type ServiceImage = "ubuntu-22.04" | "ubuntu-24.04" | "debian-12";

/** Release names in apt's archives. */
const CODENAMES: Readonly<Record<ServiceImage, string>> = {
  "ubuntu-22.04": "jammy",
  "ubuntu-24.04": "noble",
  "debian-12": "bookworm",
};

/** PostgreSQL's own archive (PGDG): PostgreSQL, Patroni and PgBouncer in their current releases. */
export function pgdgRepository(image: ServiceImage): AptRepository {
  return {
    name: "pgdg",
    uri: "https://apt.postgresql.org/pub/repos/apt",
    suites: [`${CODENAMES[image]}-pgdg`],
    components: ["main"],
    key: {
      kind: "url",
      url: "https://www.postgresql.org/media/keys/ACCC4CF8.asc",
      fingerprint: "B97B0AFCAA1A47F044F244A07FCC7D46ACCC4CF8",
    },
  };
}

/** MariaDB's own archive, for the images whose distribution has another release series than 10.11. */
export function mariadbRepository(image: ServiceImage): AptRepository {
  const distribution = image === "debian-12" ? "debian" : "ubuntu";
  return {
    name: "mariadb",
    uri: `https://deb.mariadb.org/10.11/${distribution}`,
    suites: [CODENAMES[image]],
    components: ["main"],
    key: {
      kind: "url",
      url: "https://mariadb.org/mariadb_release_signing_key.asc",
      fingerprint: "177F4010FE56CA3336300305F1656F24C74CD1D8",
    },
  };
}

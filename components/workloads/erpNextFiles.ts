import { join } from "node:path";
import { shellScript } from "../machines/shellScript";
import type { MariadbAccess, RedisAccess } from "./services";

export const BENCH = "/home/frappe/frappe-bench";
/** Python of the bench's own environment, with everything that Frappe needs. */
const PYTHON = `${BENCH}/env/bin/python`;
const DIRECTORY = "/home/frappe/keybuzz";

export const SITE_SCRIPT = `${DIRECTORY}/site.sh`;
export const WORKER_CHECK = `${DIRECTORY}/worker_alive.py`;
const STATE_CHECK = `${DIRECTORY}/site_state.py`;

export interface SiteSettings {
  /** Public host name; the site is named like it. */
  readonly host: string;
  readonly database: MariadbAccess;
  readonly cache: RedisAccess;
  readonly queue: RedisAccess;
  /** 43 letters and digits; base64 of 32 bytes with the "=" that ends it. */
  readonly encryptionKey: string;
  readonly administratorPassword: string;
  readonly socketPort: number;
}

/**
 * Frappe's configuration, in the places where it looks for it (frappeframework.com, site_config.json). It is never
 * written by ERPNext itself: what changes, changes here.
 */
export function erpNextFiles(settings: SiteSettings): Readonly<Record<string, string>> {
  const { host, database, cache, queue } = settings;
  const common = {
    db_host: database.address.host,
    db_port: database.address.port,
    redis_cache: cache.url,
    redis_queue: queue.url,
    redis_socketio: queue.url,
    socketio_port: settings.socketPort,
    default_site: host,
  };
  const site = {
    db_type: "mariadb",
    db_name: database.database,
    db_password: database.password,
    encryption_key: `${settings.encryptionKey}=`,
    admin_password: settings.administratorPassword,
    host_name: `https://${host}`,
  };
  return {
    [`${BENCH}/sites/common_site_config.json`]: json(common),
    [`${siteDirectory(host)}/site_config.json`]: json(site),
    [SITE_SCRIPT]: siteScript(settings),
    [STATE_CHECK]: siteState(host),
    [WORKER_CHECK]: WORKER_ALIVE,
  };
}

/** The only part of the bench that is not of the image. */
export function siteDirectory(host: string): string {
  return `${BENCH}/sites/${host}`;
}

const json = (value: object): string => `${JSON.stringify(value, undefined, 2)}\n`;

/** Installs the site into an empty database, or brings its tables to the image's version. May be repeated. */
function siteScript({ host, database }: SiteSettings): string {
  return shellScript(join(__dirname, "erpNextSite.sh"), {
    bench: BENCH,
    python: PYTHON,
    state_check: STATE_CHECK,
    host,
    db_host: database.address.host,
    db_port: database.address.port,
    db_name: database.database,
  });
}

/**
 * "installed" once Frappe says so itself; "empty" while it does not, since nothing of ERPNext runs before that: an
 * installation that was cut off is begun anew.
 */
function siteState(host: string): string {
  return `import json
import pymysql

config = {}
for path in ("common_site_config.json", "${host}/site_config.json"):
    with open("${BENCH}/sites/" + path) as file:
        config.update(json.load(file))
connection = pymysql.connect(
    host=config["db_host"], port=config["db_port"],
    user=config["db_name"], password=config["db_password"], database=config["db_name"],
)
with connection.cursor() as cursor:
    state = "empty"
    if cursor.execute("SHOW TABLES LIKE 'tabDefaultValue'"):
        cursor.execute("SELECT defvalue FROM tabDefaultValue WHERE defkey = 'installed_apps'")
        if any("erpnext" in (row[0] or "") for row in cursor.fetchall()):
            state = "installed"
print(state)
`;
}

/** Idle workers of RQ report every seven minutes, busy ones every half. A Redis that is away is no fault of theirs. */
const WORKER_ALIVE = `import datetime
import json
import socket
import sys

import redis
from rq import Worker

with open("${BENCH}/sites/common_site_config.json") as file:
    connection = redis.from_url(json.load(file)["redis_queue"])
try:
    mine = [w for w in Worker.all(connection=connection) if w.hostname == socket.gethostname()]
except redis.exceptions.RedisError:
    sys.exit(0)
now = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
seen = [w.last_heartbeat.replace(tzinfo=None) for w in mine if w.last_heartbeat]
sys.exit(0 if any((now - at).total_seconds() < 900 for at in seen) else 1)
`;

/** The worker's own check, as a probe runs it. */
export const WORKER_CHECK_COMMAND = [PYTHON, WORKER_CHECK] as const;

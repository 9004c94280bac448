/**
 * Fails where the database lacks a table of the schema that the image carries. LiteLLM's migration ends well without
 * having made any: where Prisma cannot run or its engines cannot be had, it says so and goes on (litellm#34325; read in
 * litellm 1.83.3, proxy/proxy_cli.py and proxy/prisma_migration.py). It asks with the client that the proxy itself will
 * use; `name` is cast, since that client reads no columns of that type.
 */
export const LITELLM_TABLES = `import asyncio
import os
import re

import litellm_proxy_extras
from prisma import Prisma

SCHEMA = os.path.join(os.path.dirname(litellm_proxy_extras.__file__), "schema.prisma")


def expected():
    with open(SCHEMA, encoding="utf-8") as schema:
        models = re.findall(r"^model (\\w+) \\{(.*?)^\\}", schema.read(), re.M | re.S)
    named = {model: re.search(r'@@map\\("([^"]+)"\\)', body) for model, body in models}
    return {name if mapped is None else mapped.group(1) for name, mapped in named.items()}


async def present():
    database = Prisma()
    await database.connect()
    try:
        rows = await database.query_raw(
            "SELECT tablename::text AS name FROM pg_catalog.pg_tables WHERE schemaname = current_schema()"
        )
    finally:
        await database.disconnect()
    return {row["name"] for row in rows}


wanted = expected()
if not wanted:
    raise SystemExit(f"{SCHEMA} names no table: what the database must have is not known")
missing = sorted(wanted - asyncio.run(present()))
if missing:
    raise SystemExit(f"the migration ended, but {len(missing)} tables are missing: {', '.join(missing)}")
print(f"all {len(wanted)} tables are there")
`;

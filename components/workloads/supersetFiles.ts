/**
 * superset_config.py: every value comes from the environment, so that it holds no secret.
 * (superset.apache.org, Configuring Superset: SQLALCHEMY_DATABASE_URI, CELERY_CONFIG, caches, proxies.)
 */
export const SUPERSET_CONFIG = `import os

SECRET_KEY = os.environ["SUPERSET_SECRET_KEY"]
SQLALCHEMY_DATABASE_URI = os.environ["DATABASE_URL"]

# TLS ends in front: trust the forwarded scheme and host.
ENABLE_PROXY_FIX = True
SESSION_COOKIE_SECURE = True
WTF_CSRF_ENABLED = True
SQLLAB_ASYNC_TIME_LIMIT_SEC = 1800


def _cache(prefix, seconds):
    return {
        "CACHE_TYPE": "RedisCache",
        "CACHE_REDIS_URL": os.environ["CACHE_REDIS_URL"],
        "CACHE_KEY_PREFIX": prefix,
        "CACHE_DEFAULT_TIMEOUT": seconds,
    }


CACHE_CONFIG = _cache("superset_metadata_", 300)
DATA_CACHE_CONFIG = _cache("superset_data_", 300)
FILTER_STATE_CACHE_CONFIG = _cache("superset_filter_", 86400)
EXPLORE_FORM_DATA_CACHE_CONFIG = _cache("superset_explore_", 86400)


class CeleryConfig:
    broker_url = os.environ["CELERY_BROKER_URL"]
    result_backend = os.environ["CELERY_BROKER_URL"]
    imports = ("superset.sql_lab", "superset.tasks.scheduler")
    task_acks_late = True
    worker_prefetch_multiplier = 1
    broker_connection_retry_on_startup = True


CELERY_CONFIG = CeleryConfig
`;

/** Makes the first administrator once. By Python rather than by command line, where the password would be readable. */
export const SUPERSET_INIT = `import os

from superset.app import create_app

with create_app().app_context() as context:
    manager = context.app.appbuilder.sm
    if manager.find_user(username="admin") is None:
        added = manager.add_user(
            username="admin",
            first_name="KeyBuzz",
            last_name="Administrator",
            email=os.environ["SUPERSET_ADMIN_EMAIL"],
            role=manager.find_role("Admin"),
            password=os.environ["SUPERSET_ADMIN_PASSWORD"],
        )
        if not added:
            raise SystemExit("the administrator could not be added; see the messages above")
`;

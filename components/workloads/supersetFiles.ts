/**
 * superset_config.py: every value comes from the environment, so that it holds no secret.
 * (superset.apache.org, Configuring Superset: SQLALCHEMY_DATABASE_URI, CELERY_CONFIG, caches, proxies.)
 *
 * A CELERY_CONFIG of one's own takes the place of Superset's whole class, its schedule and tasks with it: they stand
 * here as in superset/config.py of 4.1.4. Answers of asynchronous queries go through RESULTS_BACKEND, which Superset
 * asks for as an object of cachelib (docs, Async Queries via Celery).
 */
export const SUPERSET_CONFIG = `import os

from cachelib.redis import RedisCache
from celery.schedules import crontab
from redis import Redis

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
RESULTS_BACKEND = RedisCache(
    host=Redis.from_url(os.environ["CACHE_REDIS_URL"]),
    default_timeout=86400,
    key_prefix="superset_results_",
)


class CeleryConfig:
    broker_url = os.environ["CELERY_BROKER_URL"]
    result_backend = os.environ["CELERY_BROKER_URL"]
    imports = (
        "superset.sql_lab",
        "superset.tasks.scheduler",
        "superset.tasks.thumbnails",
        "superset.tasks.cache",
    )
    task_acks_late = True
    task_annotations = {"sql_lab.get_sql_results": {"rate_limit": "100/s"}}
    worker_prefetch_multiplier = 1
    broker_connection_retry_on_startup = True
    # Redis lets Superset touch nothing else.
    broker_transport_options = {"global_keyprefix": "superset:"}
    result_backend_transport_options = {"global_keyprefix": "superset:"}
    beat_schedule = {
        "reports.scheduler": {
            "task": "reports.scheduler",
            "schedule": crontab(minute="*", hour="*"),
            "options": {"expires": 604800},
        },
        "reports.prune_log": {
            "task": "reports.prune_log",
            "schedule": crontab(minute=0, hour=0),
        },
    }


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

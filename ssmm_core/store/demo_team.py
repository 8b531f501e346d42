"""The sample team of the demonstration: eight apps and a shared namespace. Every value is obviously made up."""

from __future__ import annotations

import json

from ssmm_core.classify import classify
from ssmm_core.names import join, parameter_key
from ssmm_core.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Final

    from ssmm_core.models import ParameterType

ROOT: Final = "/demo-team"


class Entry(Record):
    """One parameter to put; several with one name are its versions, in order."""

    name: str
    value: str
    type: ParameterType
    tags: Mapping[str, str]


PEM: Final = "\n".join(
    ["-----BEGIN PRIVATE KEY-----", *(f"made-up-line-{number:02}-of-a-key-that-opens-nothing-at-all-0000000000" for number in range(1, 9)),
     "-----END PRIVATE KEY-----", ""]
)  # fmt: skip

# Duplicate value: the same made-up token stands in four apps, as hand-copied secrets do.
_COPIED: Final = "made-up-slack-token-0000-copied-by-hand"

_COMMON: Final = {
    "LOG_LEVEL": "info",
    "DB_HOST": "db.demo.internal",
    "DB_PORT": "5432",
    "DB_USER": "made-up-user",
    "SESSION_SECRET": "made-up-session-secret-{app}",
    "HTTP_PORT": "80{number}0",
    "SERVICE_NAME": "{app}",
    "HEALTH_PATH": "/healthz",
    "METRICS_ENDPOINT": "http://metrics.demo.internal:9100/{app}",
}
"""What every app has of its own; `{app}` and `{number}` are filled in."""

_APPS: Final[Mapping[str, Mapping[str, str]]] = {
    "billing-api": {
        "DATABASE_URL": "postgres://made-up:not-a-password@db.demo.internal/billing",
        "PAYMENT_API_KEY": "made-up-payment-key-0000000000000001",
        "PAYMENT_WEBHOOK_SECRET": "made-up-webhook-secret-0000000001",
        "SIGNING_KEY": PEM,
        "TAX_RATES": json.dumps({"DE": 19, "AT": 20, "CH": 8.1, "note": 'made-up "rates", $0'}),
        "SENTRY_DSN": "https://made-up@errors.demo.internal/7",
        "INVOICE_DIR": "/var/lib/billing/invoices",
    },
    "billing-worker": {
        "DATABASE_URL": "postgres://made-up:not-a-password@db.demo.internal/billing",
        "PAYMENT_API_KEY": "made-up-payment-key-0000000000000001",
        "QUEUE_NAME": "billing-jobs",
        "SLACK_TOKEN": _COPIED,
        "RETRY_LIMIT": "5",
    },
    "web": {
        "PUBLIC_HOST": "www.demo.example",
        "CSRF_SECRET": "made-up-csrf-secret-00000000000001",
        "CDN_ENDPOINT": "https://cdn.demo.example",
        "OAUTH_CLIENT_SECRET": "made-up-oauth-secret-000000000001",
        "SENTRY_DSN": "https://made-up@errors.demo.internal/8",
        "FEATURE_FLAGS": json.dumps({"new-checkout": True, "dark-mode": False}),
    },
    "auth": {
        "DATABASE_URL": "postgres://made-up:not-a-password@db.demo.internal/auth",
        "JWT_SIGNING_KEY": "made-up-jwt-key-000000000000000000001",
        "OAUTH_CLIENT_SECRET": "made-up-oauth-secret-000000000001",
        "PASSWORD_PEPPER": "made-up-pepper-0000000000000000001",
        "LDAP_HOST": "ldap.demo.internal",
        "SMTP_PASSWORD": "made-up-smtp-password-of-auth",
    },
    "mailer": {
        "SMTP_HOST": "mail.demo.internal",
        "SMTP_PORT": "587",
        "SMTP_PASSWORD": "made-up-smtp-password-of-mailer",
        "SLACK_TOKEN": _COPIED,
        "TEMPLATE_DIR": "~/templates",
    },
    "reports": {
        "DATABASE_URL": "postgres://made-up-readonly:not-a-password@db.demo.internal/billing",
        "BUCKET_NAME": "demo-team-reports",
        "BUCKET_REGION": "eu-central-1",
        "SLACK_TOKEN": _COPIED,
        "SLACK_CHANNEL": "C0MADEUP01",
    },
    "search": {
        "INDEX_ENDPOINT": "https://search.demo.internal",
        "INDEX_PASSWORD": "made-up-index-password-00000001",
        "SYNONYMS_PATH": "/etc/search/synonyms.txt",
        "EMBEDDING_API_KEY": "made-up-embedding-key-000000000001",
    },
    "support-bot": {
        "SLACK_TOKEN": _COPIED,
        "SLACK_CHANNEL": "C0MADEUP02",
        "EMBEDDING_API_KEY": "made-up-embedding-key-000000000001",
        "GREETING": "Grüß Gott! Say 'help' to begin.",
    },
}

_SHARED: Final = {
    "LOG_LEVEL": "warning",
    "SENTRY_DSN": "https://made-up@errors.demo.internal/1",
    "STATSD_HOST": "statsd.demo.internal",
    "STATSD_PORT": "8125",
    "COMPANY_NAME": "Demo Team & Co.",
    "INTERNAL_CA_PATH": "/etc/ssl/demo-ca.pem",
    "TRACING_ENDPOINT": "http://tracing.demo.internal:4318",
    "AUDIT_TOKEN": "made-up-audit-token-00000000000001",
}

_TAGGED_SHARED: Final = {
    ("billing-api", "PAYMENT_API_KEY"),
    ("auth", "OAUTH_CLIENT_SECRET"),
    ("mailer", "SMTP_HOST"),
    ("mailer", "SMTP_PORT"),
}
_NEARLY_SHARED: Final = {("search", "EMBEDDING_API_KEY"): {"shard": "true"}, ("support-bot", "SLACK_CHANNEL"): {"Shared": "True"}}
"""Slips of the pen, which an audit finds."""
_STRINGS: Final = {("reports", "SLACK_TOKEN"), ("search", "INDEX_PASSWORD")}
"""Secrets that somebody stored as a String: findings."""
_OWNERS: Final = {"billing-api": "payments", "billing-worker": "payments", "auth": "platform", "web": "storefront", "search": "storefront"}
_EARLIER: Final = {
    ("billing-api", "PAYMENT_API_KEY"): ("made-up-payment-key-of-spring", "made-up-payment-key-of-summer"),
    ("auth", "JWT_SIGNING_KEY"): ("made-up-jwt-key-before-rotation",),
    ("web", "PUBLIC_HOST"): ("old.demo.example", "beta.demo.example"),
}
"""Values of earlier versions, oldest first."""


def entries() -> Iterator[Entry]:
    """The team's parameters, every version of each."""
    for variable, value in _SHARED.items():
        yield from _versions("shared", variable, value)
    for number, (app, own) in enumerate(_APPS.items()):
        common = {variable: value.format(app=app, number=number) for variable, value in _COMMON.items()}
        for variable, value in (common | dict(own)).items():
            yield from _versions(app, variable, value)


def _versions(app: str, variable: str, value: str) -> Iterator[Entry]:
    tags = {"app": app, "env": "prod"}
    if app in _OWNERS:
        tags["owner"] = _OWNERS[app]
    if (app, variable) in _TAGGED_SHARED:
        tags["shared"] = "true"
    tags |= _NEARLY_SHARED.get((app, variable), {})
    kind: ParameterType = "String" if (app, variable) in _STRINGS else classify(variable).type
    for text in (*_EARLIER.get((app, variable), ()), value):
        yield Entry(join(ROOT, app, parameter_key(variable)), text, kind, tags)

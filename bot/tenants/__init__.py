"""Tenants: the backend's tenant file, checked, with what we add to it."""

from bot.tenants.channel import Channel
from bot.tenants.entry import tenant_from_mapping
from bot.tenants.errors import (
    Problem,
    TenantError,
    TenantFileError,
    UnknownTenantError,
    WebhookUrlError,
)
from bot.tenants.loading import read_tenant_file
from bot.tenants.model import (
    REPORT_KEYS,
    WEBHOOK_KINDS,
    Outlet,
    ReportConfig,
    Route,
    Style,
    Tenant,
    WebhookUrl,
)
from bot.tenants.registry import Listing, TenantRegistry
from bot.tenants.webhooks import parse_webhook_url

__all__ = [
    "REPORT_KEYS",
    "WEBHOOK_KINDS",
    "Channel",
    "Listing",
    "Outlet",
    "Problem",
    "ReportConfig",
    "Route",
    "Style",
    "Tenant",
    "TenantError",
    "TenantFileError",
    "TenantRegistry",
    "UnknownTenantError",
    "WebhookUrl",
    "WebhookUrlError",
    "parse_webhook_url",
    "read_tenant_file",
    "tenant_from_mapping",
]

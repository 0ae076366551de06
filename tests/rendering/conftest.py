"""What the tests of the drawing share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.openapi import validator

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator


@pytest.fixture
def webhook_body(request: pytest.FixtureRequest) -> Draft202012Validator:
    """Discord's description of the body of a request to a webhook."""
    return validator(request, "IncomingWebhookRequestPartial")

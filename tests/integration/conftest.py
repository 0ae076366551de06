"""The delivery tests' office, for tests of more than the delivery."""

from __future__ import annotations

from tests.delivery.conftest import office as office
from tests.delivery.conftest import receiver as receiver
from tests.delivery.conftest import state_databases as state_databases

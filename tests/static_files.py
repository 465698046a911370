"""Pages in tests serve static files by their own names: nothing was collected."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import override_settings


@pytest.fixture(autouse=True)
def plain_static_files() -> Iterator[None]:
    """Serve static files as they lie; a module or a conftest that imports this has it for all its tests."""
    with override_settings(
        STORAGES={
            "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
            "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
        }
    ):
        yield

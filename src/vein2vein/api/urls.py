"""The API's URLs."""

from vein2vein.api.mount import api

urlpatterns = api.urls[0]

"""The API's URLs."""

from django.urls import path

from vein2vein.api.mount import api

urlpatterns = [path("", api.urls)]

"""The pages that cross contexts, as a Django app."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Tells the doors how to find who is asking."""

    name = "vein2vein.web"
    label = "web"

    def ready(self) -> None:
        """Register the actor of a request."""
        from vein2vein.doors.pages import register_actor_of
        from vein2vein.web.actors import actor_of_request

        register_actor_of(actor_of_request)

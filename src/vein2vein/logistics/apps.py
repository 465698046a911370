"""The context as a Django app."""

from django.apps import AppConfig


class LogisticsConfig(AppConfig):
    """Registers the context's actions, reads and followers at start-up."""

    name = "vein2vein.logistics"
    label = "logistics"

    def ready(self) -> None:
        """Register what the doors offer."""
        from vein2vein.core.refusals import N_
        from vein2vein.doors.labels import LABELS
        from vein2vein.doors.work import place
        from vein2vein.logistics import actions, followers, printing, reads, working  # noqa: F401 - importing registers them

        place("logistics:list", N_("Shipments"), roles=working.PLACE_ROLES)
        LABELS.update(
            {
                "shipper": N_("Shipping container"),
                "logger": N_("Temperature logger"),
                "lane": N_("Lane"),
                "collect_at": N_("Collected from here at"),
                "permits": N_("Permits, one a line: name = number"),
                "scanned_containers": N_("Scan every container, one a line"),
                "scanned_container": N_("Scan the container"),
                "scanned_shipment": N_("Scan the shipping label"),
                "scanned_shipper": N_("Scan the shipping container"),
                "scanned_logger": N_("Scan the temperature logger"),
                "scanned_seal": N_("Scan the seal"),
                "seal_intact": N_("The seal is intact"),
                "trace": N_("The logger's CSV file"),
                "no_trace_reason": N_("Why there is no trace (the shipment is then quarantined)"),
                "to_carrier": N_("To another carrier (code; empty: the lane's)"),
                "counter": N_("The counter's export (NucleoView)"),
                "maximum_age_h": N_("May be used up to this age (h)"),
                "assessment": N_("Assessment"),
                "tipped": N_("The tip indicator has tripped"),
                "cracked_containers": N_("Scan every cracked container, one a line"),
                "expected_at": N_("Expected at"),
            }
        )

"""The context as a Django app."""

from django.apps import AppConfig


class LogisticsConfig(AppConfig):
    """Registers the context's actions, reads and followers at start-up."""

    name = "vein2vein.logistics"
    label = "logistics"

    def ready(self) -> None:
        """Register what the doors offer."""
        from vein2vein.core.refusals import N_
        from vein2vein.doors.composed import register_composed
        from vein2vein.doors.labels import LABELS
        from vein2vein.doors.work import Menu, place
        from vein2vein.logistics import actions, followers, printing, reads, working  # noqa: F401 - importing registers them

        place("logistics:list", N_("Shipments"), Menu.TREATMENT, roles=working.PLACE_ROLES)
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
        register_composed(
            {
                "Shipment {code}: {found}": N_("Shipment %(code)s: %(found)s"),
                "shipment {code}: {found}": N_("Shipment %(code)s: %(found)s"),
                "shipment {code}": N_("Shipment %(code)s"),
                "Shipment {code} lost": N_("Shipment %(code)s lost"),
                "used by shipment {code}": N_("used by shipment %(code)s"),
                "{permit} = {number}": N_("%(permit)s = %(number)s"),
                "seal intact": N_("seal intact"),
                "seal {seal} broken or replaced ({other})": N_("seal %(seal)s broken or replaced (%(other)s)"),
                "cracked: {codes}": N_("cracked: %(codes)s"),
                "no temperature trace: {rest}": N_("no temperature trace: %(rest)s"),
                "trace {verdict} ({digest}): {minutes} min outside, {coldest} to {warmest} °C, {gaps} gaps, "
                "coverage {coverage}": N_(
                    "trace %(verdict)s (%(digest)s): %(minutes)s min outside, %(coldest)s to %(warmest)s °C, "
                    "%(gaps)s gaps, coverage %(coverage)s"
                ),
                "Starting material {code} misses its limits": N_("Starting material %(code)s misses its limits"),
                "Starting material {code} past its limit": N_("Starting material %(code)s past its limit"),
                "permitted up to {amount} h instead of {limit} h: {rest}": N_(
                    "permitted up to %(amount)s h instead of %(limit)s h: %(rest)s"
                ),
                "{missed}: {found} ({limit})": N_("%(missed)s: %(found)s (%(limit)s)"),
            },
            missed=r"logistics\.\w+",
            permit=r"[A-Z][a-z]+ [a-z ]+",
            number=r"[A-Z][\w/ -]*",
        )

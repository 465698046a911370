"""Tables of the network: markets, sites, rooms, equipment, resources, reservations, lanes, authorisations."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.db.models.expressions import Func

from vein2vein.core.ids import new_id
from vein2vein.core.transitions import Transitions
from vein2vein.network import states


class Market(models.Model):
    """A jurisdiction with its agency."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.TextField(unique=True)
    name_en = models.TextField()
    name_zh = models.TextField()
    agency = models.TextField()


class Site(models.Model):
    """A place that takes part: a manufacturing site, a hospital, a carrier; `qualified_until` is its last good day."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.TextField(unique=True)
    name_en = models.TextField()
    name_zh = models.TextField()
    kind = models.TextField()
    market = models.ForeignKey(Market, on_delete=models.PROTECT, related_name="+")
    zone = models.TextField()
    gln = models.TextField(blank=True)
    qualified_until = models.DateField(null=True)
    demonstration = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=list(states.SiteKind)), name="network_site_kind"),
            models.UniqueConstraint(fields=["gln"], condition=~Q(gln=""), name="network_site_gln"),
        ]

    @property
    def printed_name(self) -> str:
        """Return the name as the record keeps it, in both scripts."""
        return f"{self.name_en} {self.name_zh}".strip()


class Room(models.Model):
    """A room of a site with its clean-room grade (A–D, or "CNC" for controlled, not classified)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    code = models.TextField()
    name_en = models.TextField()
    name_zh = models.TextField()
    grade = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["site", "code"], name="network_room_code")]


class Equipment(models.Model):
    """One piece of equipment: its class (the name that definitions use), its state and its due days."""

    transitions: ClassVar[Transitions] = states.EQUIPMENT

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="+", null=True)
    code = models.TextField(unique=True)
    name_en = models.TextField()
    name_zh = models.TextField()
    equipment_class = models.TextField()
    serial = models.TextField(unique=True)
    state = models.TextField()
    calibration_due_on = models.DateField(null=True)
    requalification_due_on = models.DateField(null=True)
    hold_time_h = models.DecimalField(max_digits=8, decimal_places=2, null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=list(states.EquipmentState)), name="network_equipment_state"),
            models.CheckConstraint(
                condition=Q(hold_time_h__isnull=True) | Q(hold_time_h__gt=0), name="network_equipment_hold_time"
            ),
        ]
        indexes = [models.Index(fields=["site", "equipment_class"], name="network_equipment_class")]


class Resource(models.Model):
    """One unit of what there is one of: a slot line, a workstation, an incubator, a bed, a courier, a person."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    kind = models.TextField()
    code = models.TextField()
    equipment = models.ForeignKey(Equipment, on_delete=models.PROTECT, related_name="+", null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["site", "kind", "code"], name="network_resource_code")]


class Reservation(models.Model):
    """A span of time of one resource, kept for a holder ("order:…"); no two that stand may overlap (N11).

    `held_for` is what people call the holder: a batch number, the code of an order or a shipment.
    """

    transitions: ClassVar[Transitions] = states.RESERVATION

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    resource = models.ForeignKey(Resource, on_delete=models.PROTECT, related_name="+")
    during = DateTimeRangeField()
    holder = models.TextField()
    held_for = models.TextField(default="", db_default="", blank=True)
    state = models.TextField()

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="network_reservation_overlap",
                expressions=[("resource", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
                condition=~Q(state=states.ReservationState.RELEASED),
            ),
            models.CheckConstraint(condition=Q(during__isempty=False), name="network_reservation_not_empty"),
            models.CheckConstraint(
                condition=Q(during__startswith__isnull=False)
                & (Q(during__endswith__isnull=False) | Q(state=states.ReservationState.IN_USE)),
                name="network_reservation_bounded",
            ),
            models.CheckConstraint(
                condition=Q(state__in=list(states.ReservationState)), name="network_reservation_state"
            ),
        ]
        indexes = [models.Index(fields=["holder"], name="network_reservation_holder")]


class Lane(models.Model):
    """A way between two sites by one carrier at one temperature, with the borders it crosses and permits it needs."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.TextField(unique=True)
    carrier = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    origin = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    destination = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    temperature_class = models.TextField()
    typical_hours = models.DecimalField(max_digits=6, decimal_places=1)
    longest_hours = models.DecimalField(max_digits=6, decimal_places=1)
    borders = ArrayField(models.TextField(), default=list)
    permits = ArrayField(models.TextField(), default=list)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(typical_hours__gt=0) & Q(longest_hours__gte=F("typical_hours")), name="network_lane_hours"
            ),
            models.CheckConstraint(
                condition=Q(temperature_class__in=list(states.TemperatureClass)), name="network_lane_temperature"
            ),
        ]


class Authorisation(models.Model):
    """On what route a therapy may be given for an indication in a market, from when to when, by whose permission."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    therapy_code = models.TextField()
    market = models.ForeignKey(Market, on_delete=models.PROTECT, related_name="+")
    indication_code = models.TextField()
    route = models.TextField()
    valid_from_on = models.DateField()
    valid_to_on = models.DateField(null=True)
    reference = models.TextField()
    holder = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to_on__isnull=True) | Q(valid_to_on__gte=F("valid_from_on")),
                name="network_authorisation_dates",
            ),
            models.CheckConstraint(condition=Q(route__in=list(states.Route)), name="network_authorisation_route"),
            ExclusionConstraint(
                name="network_authorisation_overlap",
                expressions=[
                    ("therapy_code", RangeOperators.EQUAL),
                    ("market", RangeOperators.EQUAL),
                    ("indication_code", RangeOperators.EQUAL),
                    ("route", RangeOperators.EQUAL),
                    (
                        Func(
                            F("valid_from_on"),
                            F("valid_to_on"),
                            models.Value("[]"),
                            function="DATERANGE",
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

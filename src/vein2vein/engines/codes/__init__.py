"""Identifiers and what a scanner reads: issue, check, and say what a code is."""

from vein2vein.engines.codes.bad import BadCode
from vein2vein.engines.codes.gs1 import ElementString, build, gs1_check_digit, gs1_date
from vein2vein.engines.codes.isbt import DIN, check_character, flag_value, parse_din
from vein2vein.engines.codes.kinds import PREFIXES, Kind
from vein2vein.engines.codes.own import coi_as_isbt, issue, issue_coi, make
from vein2vein.engines.codes.scanning import Scanned, is_valid, scan, scan_as

__all__ = [
    "DIN",
    "PREFIXES",
    "BadCode",
    "ElementString",
    "Kind",
    "Scanned",
    "build",
    "check_character",
    "coi_as_isbt",
    "flag_value",
    "gs1_check_digit",
    "gs1_date",
    "is_valid",
    "issue",
    "issue_coi",
    "make",
    "parse_din",
    "scan",
    "scan_as",
]

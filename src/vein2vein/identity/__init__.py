"""Patients (de-identified), chains of identity, containers, custody, labels and scans."""

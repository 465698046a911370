"""Reading what instruments write: cell counters and temperature loggers, bytes in, values or `Refused` out."""

"""vein2vein: the open system that runs an autologous cell-therapy site end to end."""

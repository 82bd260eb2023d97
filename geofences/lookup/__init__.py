"""What the index is made of: covers of H3 cells, and footprints laid out so that metres are quick to ask for."""

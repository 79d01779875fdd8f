//! Venue kinds and floor plans: rooms, seats, walls, screens, materials.

//! People, households and the phones they hold.

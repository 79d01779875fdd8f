//! Who was near whom: pair segments in which both poses are simple, and what stood between.

//! What a scan hears: attenuation from distance, carriage, bodies, barriers, shadowing and fading.

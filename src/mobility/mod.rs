//! Where people are: plans, visits, and stances inside a venue; generated, or replayed from a trace.

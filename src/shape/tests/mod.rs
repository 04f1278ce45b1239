//! What the walk finds, and what it refuses.

mod changes;
mod first_fields;
mod guesses;
mod property;
mod refused;
mod vectors;

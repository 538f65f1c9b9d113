//! Update as events in, effects out.

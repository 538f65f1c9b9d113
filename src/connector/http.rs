//! The one HTTP client stack: pacing, budgets, classification and the read-only switch.

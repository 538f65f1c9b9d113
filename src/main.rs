//! The `corkboard` binary.
fn main() {}

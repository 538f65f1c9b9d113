//! Who sits at this machine, as far as the environment tells.

use super::text::one_line;

/// The login of the person at this machine; `you` when the environment does not tell.
pub fn login() -> String {
    let named = ["USER", "LOGNAME", "USERNAME"].iter().find_map(|name| std::env::var(name).ok());
    named.map(|n| one_line(n.trim())).filter(|n| !n.is_empty()).unwrap_or_else(|| "you".to_owned())
}

//! Further fields as they are given on the command line: `priority=high`.

use std::collections::BTreeMap;

use crate::cli::error::CliError;
use crate::domain::fields::{FieldName, Value};

/// The fields of `NAME=VALUE` pairs; a value with commas stays one text.
pub(super) fn given(pairs: &[String]) -> Result<BTreeMap<FieldName, Value>, CliError> {
    let mut out = BTreeMap::new();
    for pair in pairs {
        let known = FieldName::KNOWN.map(FieldName::as_str).join(", ");
        let Some((name, value)) = pair.split_once('=') else {
            return Err(CliError::usage(format!("`{pair}` is not a field and its value"))
                .help("write it as FIELD=VALUE, such as priority=high"));
        };
        let Some(name) = FieldName::new(name.trim()) else {
            return Err(CliError::usage(format!("`{name}` cannot be a further field"))
                .help(format!("there are {known}, and those that the field rules of the config name")));
        };
        if out.insert(name, Value::Text(value.trim().to_owned())).is_some() {
            return Err(CliError::usage(format!("`{name}` is given twice")));
        }
    }
    Ok(out)
}

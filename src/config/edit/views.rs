//! The `[[view]]` tables of the text: one written, one removed, with the comments around it in mind.

use toml_edit::{ArrayOfTables, DocumentMut, InlineTable, Item, Table, TableLike, Value};

use super::EditError;
use super::table::{own_block, put};
use crate::config::views::SavedView;

/// Whether a table is the view of this name.
fn is_view(table: &dyn TableLike, wanted: &SavedView) -> bool {
    table.get("name").and_then(Item::as_str).is_some_and(|name| wanted.is_named(name))
}

fn put_view(table: &mut dyn TableLike, view: &SavedView) {
    put(table, "name", Value::from(view.name.as_str()));
    put(table, "query", Value::from(view.query.as_str()));
}

/// Writes a view: where one of the same name stands, or behind the others.
pub(super) fn write_view(document: &mut DocumentMut, view: &SavedView) -> Result<(), EditError> {
    let views =
        document.as_table_mut().entry("view").or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
    match views {
        Item::ArrayOfTables(tables) => {
            if let Some(table) = tables.iter_mut().find(|t| is_view(*t, view)) {
                put_view(table, view);
                return Ok(());
            }
            let mut table = Table::new();
            table.decor_mut().set_prefix("\n");
            put_view(&mut table, view);
            tables.push(table);
        }
        Item::Value(Value::Array(list)) => {
            let tables = list.iter_mut().filter_map(Value::as_inline_table_mut);
            for table in tables {
                if is_view(table, view) {
                    put_view(table, view);
                    return Ok(());
                }
            }
            let mut table = InlineTable::new();
            put_view(&mut table, view);
            list.push(table);
        }
        _ => return Err(EditError::Unfaithful),
    }
    Ok(())
}

/// Removes a view with the comment directly above it; one that a blank line sets apart stays.
pub(super) fn forget_view(document: &mut DocumentMut, name: &str) -> Result<(), EditError> {
    let gone = SavedView { name: name.to_owned(), query: String::new() };
    let root = document.as_table_mut();
    let mut apart = String::new();
    let left = match root.get_mut("view") {
        Some(Item::ArrayOfTables(tables)) => {
            let at = tables.iter().position(|t| is_view(t, &gone));
            if let Some(at) = at {
                let prefix = tables.get(at).map(prefix_of).unwrap_or_default();
                prefix[..own_block(&prefix)].clone_into(&mut apart);
                tables.remove(at);
                if let Some(next) = tables.get_mut(at).filter(|_| apart.contains('#')) {
                    let own = prefix_of(next);
                    next.decor_mut().set_prefix(format!("{}\n{own}", apart.trim_end_matches('\n')));
                    apart.clear();
                }
            }
            tables.len()
        }
        Some(Item::Value(Value::Array(list))) => {
            list.retain(|v| v.as_inline_table().is_none_or(|t| !is_view(t, &gone)));
            list.len()
        }
        None => return Ok(()),
        Some(_) => return Err(EditError::Unfaithful),
    };
    if left == 0 {
        root.remove("view");
    }
    if apart.contains('#') {
        let behind = document.trailing().as_str().unwrap_or_default().to_owned();
        document.set_trailing(format!("{}\n{behind}", apart.trim_end_matches('\n')));
    }
    Ok(())
}

/// What stands above a table's header.
fn prefix_of(table: &Table) -> String {
    table.decor().prefix().and_then(toml_edit::RawString::as_str).unwrap_or_default().to_owned()
}

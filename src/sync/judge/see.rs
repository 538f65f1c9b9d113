//! An item as a connection reads it beside the card, and the card as the connection can be told it.

use crate::domain::fields::{Field, Fields};
use crate::domain::mapping::{FieldRules, StatusMapping, Told};
use crate::domain::remote::RemoteItem;

use super::Known;

/// An item, read.
pub(super) struct Seen {
    pub fields: Fields,
    /// Whether the mapping names its state.
    pub mapped: bool,
    /// Values that the field rules cannot carry, in words.
    pub unfit: Vec<String>,
}

/// Reads an item. What was not read of it, or cannot be, counts as unchanged.
pub(super) fn see(known: &Known, base: Option<&Fields>, item: &RemoteItem, mapping: &StatusMapping) -> Seen {
    let (mut fields, mapped) = item.common_fields(mapping);
    let mut unfit = Vec::new();
    if !mapping.rules().is_empty() {
        let facts = FieldRules::facts(&known.card, &known.told);
        for (field, why) in mapping.rules().read(&mut fields, &item.raw, Some(&facts)) {
            unfit.extend(why);
            match base {
                Some(base) => fields.take(field, base),
                None if matches!(field, Field::Extra(_)) => fields.clear(field),
                None => {}
            }
        }
    }
    Seen { fields, mapped, unfit }
}

/// The card's fields as a connection can express them: a status it does not map, a field its items do not have and a
/// value its rules cannot carry count as unchanged, and people it has no name for are not there.
pub fn project(card: &Fields, base: Option<&Fields>, mapping: &StatusMapping, told: &Told) -> Fields {
    projected(card, base, mapping, told).0
}

/// The same, with what the rules cannot carry, in words.
pub(super) fn projected(
    card: &Fields,
    base: Option<&Fields>,
    mapping: &StatusMapping,
    told: &Told,
) -> (Fields, Vec<String>) {
    let mut fields = card.clone();
    let mut unfit = Vec::new();
    let unchanged = |fields: &mut Fields, field: Field| match base {
        Some(base) => fields.take(field, base),
        None => fields.clear(field),
    };
    for (field, why) in mapping.rules().project(&mut fields, told) {
        unfit.push(why);
        unchanged(&mut fields, field);
    }
    fields.assignees = mapping.names().expressible(&fields.assignees);
    let all = Fields::all_of(base.into_iter().chain([&fields]));
    for field in all.into_iter().filter(|field| !mapping.writes(*field)) {
        unchanged(&mut fields, field);
    }
    if let (Some(base), None) = (base, mapping.target(&card.status)) {
        fields.status = base.status.clone();
    }
    (fields, unfit)
}

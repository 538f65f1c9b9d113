//! Maps of values: classes of values that mean the same. Letter case does not tell two values apart, as for all names.

use super::written::Otherwise;

/// A map ready to use.
#[derive(Debug)]
pub(super) struct Classes {
    pairs: Vec<(String, Vec<String>)>,
    otherwise: Otherwise,
    back: Option<String>,
}

fn same(a: &str, b: &str) -> bool {
    a == b || a.to_lowercase() == b.to_lowercase()
}

impl Classes {
    /// A map of these classes.
    ///
    /// # Errors
    /// A class is empty, or a value stands in two: both ways must be clear.
    pub(super) fn new(
        classes: &[(String, Vec<String>)],
        otherwise: &Otherwise,
        back: Option<&String>,
    ) -> Result<Self, String> {
        if classes.is_empty() {
            return Err("the map names no value".to_owned());
        }
        for (at, (card, there)) in classes.iter().enumerate() {
            if card.is_empty() || there.is_empty() || there.iter().any(String::is_empty) {
                return Err(format!("`{card}` stands for nothing there"));
            }
            for (other, theirs) in &classes[..at] {
                if same(card, other) {
                    return Err(format!("`{card}` stands in the map twice"));
                }
                if let Some(twice) = there.iter().find(|t| theirs.iter().any(|o| same(t, o))) {
                    return Err(format!("\"{twice}\" stands for both `{other}` and `{card}`"));
                }
            }
        }
        Ok(Self { pairs: classes.to_vec(), otherwise: otherwise.clone(), back: back.cloned() })
    }

    /// The card values it names.
    pub(super) fn cards(&self) -> impl Iterator<Item = &str> {
        self.pairs.iter().map(|(card, _)| card.as_str())
    }

    /// The platform's value for a card's.
    pub(super) fn there(&self, card: &str) -> Result<String, String> {
        if let Some((_, there)) = self.pairs.iter().find(|(c, _)| same(c, card))
            && let Some(first) = there.first()
        {
            return Ok(first.clone());
        }
        match &self.otherwise {
            Otherwise::Refuse => Err(format!("the map does not name \"{}\"", shown(card))),
            Otherwise::Keep => Ok(card.to_owned()),
            Otherwise::Value(value) => Ok(value.clone()),
        }
    }

    /// The card's value for a platform's.
    pub(super) fn here(&self, there: &str) -> Result<String, String> {
        if let Some((card, _)) = self.pairs.iter().find(|(_, theirs)| theirs.iter().any(|t| same(t, there))) {
            return Ok(card.clone());
        }
        match (&self.back, &self.otherwise) {
            (Some(back), _) => Ok(back.clone()),
            (None, Otherwise::Keep) => Ok(there.to_owned()),
            (None, _) => Err(format!("the map does not name the platform's \"{}\"", shown(there))),
        }
    }
}

fn shown(text: &str) -> String {
    crate::support::text::clip(&crate::support::text::one_line(text), 60)
}

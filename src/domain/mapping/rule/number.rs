//! Numbers as they travel: texts in shortest decimal form.

/// Digits behind the point that are kept where nothing says how many.
const PLACES: u32 = 9;
/// Beyond this, whole numbers are no longer exact.
const LARGEST: f64 = 1e15;

/// The number a text means.
pub(super) fn parse(text: &str) -> Result<f64, String> {
    let trimmed = text.trim();
    let good = !trimmed.is_empty()
        && trimmed.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '-' | '+' | 'e' | 'E'));
    let number = if good { trimmed.parse::<f64>().ok() } else { None };
    number.filter(|n| n.is_finite() && n.abs() <= LARGEST).ok_or_else(|| {
        format!(
            "\"{}\" is not a number",
            crate::support::text::clip(&crate::support::text::one_line(text), 60)
        )
    })
}

/// A number in shortest decimal form with at most `places` digits behind the point.
pub(super) fn words(number: f64, places: Option<u32>) -> Result<String, String> {
    if !number.is_finite() || number.abs() > LARGEST {
        return Err("the number is too large".to_owned());
    }
    let places = places.unwrap_or(PLACES).min(PLACES) as usize;
    let text = format!("{number:.places$}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    Ok(if text == "-0" { "0".to_owned() } else { text.to_owned() })
}

/// A number as text in shortest decimal form.
pub(super) fn canonical(text: &str) -> Result<String, String> {
    words(parse(text)?, None)
}

/// `text` times `factor` plus `offset`.
pub(super) fn scale(text: &str, factor: f64, offset: f64, round: Option<u32>) -> Result<String, String> {
    words(rounded(parse(text)?.mul_add(factor, offset), round), round)
}

/// The other way.
pub(super) fn unscale(text: &str, factor: f64, offset: f64, round: Option<u32>) -> Result<String, String> {
    words(rounded((parse(text)? - offset) / factor, round), round)
}

/// Half away from zero, as people round: the formatter alone rounds half to even.
fn rounded(number: f64, places: Option<u32>) -> f64 {
    let Some(places) = places else { return number };
    let shift = 10f64.powi(places.min(PLACES) as i32);
    // A sum of decimals may lie a hair below the half it stands for.
    let nudge = number.abs().max(1.0) * f64::EPSILON * number.signum();
    ((number + nudge) * shift).round() / shift
}

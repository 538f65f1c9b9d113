//! The picture is well-formed, keeps the text and puts every glyph into its cell.

use ratatui::layout::Rect;
use ratatui::style::{Color, Style};

use super::*;

fn buffer(lines: &[(&str, Style)]) -> Buffer {
    let width = lines.iter().map(|(l, _)| l.cell_width()).max().unwrap_or(0);
    let mut buffer = Buffer::empty(Rect::new(0, 0, width, lines.len() as u16));
    for (y, (line, style)) in lines.iter().enumerate() {
        buffer.set_string(0, y as u16, line, *style);
    }
    buffer
}

/// A small reader of XML: elements nest, attributes are quoted and unique, entities are known. Returns the text.
fn read(svg: &str) -> Result<String, String> {
    let (mut text, mut open, mut rest) = (String::new(), Vec::new(), svg);
    while let Some(start) = rest.find('<') {
        text.push_str(&entities(&rest[..start])?);
        let end = rest[start..].find('>').ok_or("a tag is not closed")? + start;
        let tag = &rest[start + 1..end];
        rest = &rest[end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            let was: Option<&str> = open.pop();
            if was != Some(name) {
                return Err(format!("</{name}> closes {was:?}"));
            }
            continue;
        }
        let alone = tag.ends_with('/');
        let tag = tag.trim_end_matches('/');
        let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        check_attributes(attributes)?;
        if !alone {
            open.push(name);
        }
    }
    if open.is_empty() && rest.trim().is_empty() { Ok(text) } else { Err(format!("left open: {open:?}")) }
}

fn check_attributes(mut rest: &str) -> Result<(), String> {
    let mut seen = Vec::new();
    while let Some((name, after)) = rest.trim_start().split_once("=\"") {
        let (value, after) = after.split_once('"').ok_or("a value is not closed")?;
        entities(value)?;
        if seen.contains(&name) || name.contains(char::is_whitespace) {
            return Err(format!("attribute {name}"));
        }
        seen.push(name);
        rest = after;
    }
    if rest.trim().is_empty() { Ok(()) } else { Err(format!("attributes end in {rest}")) }
}

fn entities(raw: &str) -> Result<String, String> {
    if raw.chars().any(|c| c.is_control() && c != '\n') {
        return Err("a control character".into());
    }
    let mut out = String::new();
    for (n, part) in raw.split('&').enumerate() {
        if n == 0 {
            out.push_str(part);
            continue;
        }
        let (name, after) = part.split_once(';').ok_or("a bare ampersand")?;
        out.push(match name {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            other => return Err(format!("entity {other}")),
        });
        out.push_str(after);
    }
    Ok(out)
}

#[test]
fn the_picture_is_well_formed_and_keeps_the_text() {
    let plain = Style::new();
    let b = buffer(&[
        ("a < b && \"c\" > d", plain),
        ("日本 wide 👩\u{200D}💻 ok", plain.fg(Color::Rgb(1, 2, 3)).bg(Color::Indexed(196))),
        ("┌─┐ ▁▂▃█ ▌", plain.fg(Color::Green)),
    ]);
    let text = read(&document(&b, &Palette::DARK, "A & B")).expect("well-formed");
    for want in ["A & B", "a < b && \"c\" > d", "日", "本", " wide", "👩\u{200D}💻"] {
        assert!(text.contains(want.trim()), "{want} is missing in {text}");
    }
}

#[test]
fn a_control_character_never_reaches_the_document() {
    let mut b = buffer(&[("ab", Style::new())]);
    b[(0, 0)].set_symbol("\u{1b}");
    assert!(read(&document(&b, &Palette::LIGHT, "x\u{7}")).is_ok());
}

#[test]
fn a_wide_glyph_is_two_cells_long_and_what_follows_stands_after_it() {
    let svg = document(&buffer(&[("日x", Style::new())]), &Palette::DARK, "t");
    assert!(svg.contains(r##"x="12.0" y="25.5" fill="#d4d8de" textLength="16.8""##), "{svg}");
    assert!(svg.contains(r#"x="28.8" y="25.5""#), "{svg}");
}

#[test]
fn cells_of_one_background_are_one_rectangle() {
    let svg = document(&buffer(&[("abcdef", Style::new().bg(Color::Blue))]), &Palette::DARK, "t");
    assert_eq!(svg.matches(&format!("fill=\"{}\"", Palette::DARK.ansi[4])).count(), 1, "{svg}");
    assert!(svg.contains(&format!("width=\"{:.1}\" height=\"18.0\"", 6.0 * CELL_W)), "{svg}");
}

#[test]
fn attributes_follow_the_style() {
    let style = Style::new().bold().italic().underlined().crossed_out();
    let svg = document(&buffer(&[("word", style)]), &Palette::DARK, "t");
    for want in ["bold", "italic", "underline line-through"] {
        assert!(svg.contains(&format!("=\"{want}\"")), "{want}: {svg}");
    }
}

#[test]
fn reverse_swaps_and_dim_fades() {
    let p = Palette::DARK;
    let svg = document(&buffer(&[("r", Style::new().reversed())]), &p, "t");
    assert!(svg.contains(&format!("height=\"18.0\" fill=\"{}\"", p.foreground)), "{svg}");
    let svg = document(&buffer(&[("d", Style::new().dim())]), &p, "t");
    assert!(svg.contains(&format!("fill=\"{}\"", p.foreground.halfway(p.background))), "{svg}");
}

#[test]
fn every_indexed_colour_has_a_value() {
    for n in 0..=255_u8 {
        let _ = Palette::DARK.resolve(Color::Indexed(n), Rgb(0, 0, 0));
    }
    assert_eq!(xterm(16), Rgb(0, 0, 0));
    assert_eq!(xterm(231), Rgb(255, 255, 255));
}

#[test]
fn an_empty_buffer_is_a_picture_too() {
    assert!(read(&document(&Buffer::empty(Rect::ZERO), &Palette::DARK, "t")).is_ok());
}

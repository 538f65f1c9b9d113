//! The zip archive around an export: finds the `db-1.0.json` in it and unpacks that alone, within bounds.

use std::io::{Read, Seek};

use zip::ZipArchive;

use super::{BYTES_MAX, ExportError};

/// What the list of issues is called in the archive.
const DATABASE: &str = "db-1.0.json";

/// Unpacks the `db-1.0.json` of an exported archive, in whatever folder it lies. Nothing is written to the disk, and
/// no more is unpacked than [`BYTES_MAX`], whatever the archive says of itself.
///
/// # Errors
/// It is no zip archive, holds no such file, or one that is too long or damaged.
pub fn unpack(archive: impl Read + Seek) -> Result<Vec<u8>, ExportError> {
    within(archive, BYTES_MAX)
}

/// The same with a bound of one's own, in bytes.
fn within(archive: impl Read + Seek, most: usize) -> Result<Vec<u8>, ExportError> {
    let mut archive = ZipArchive::new(archive).map_err(ExportError::Archive)?;
    let is_database = |name: &[u8]| name.rsplit(|b| *b == b'/').next() == Some(DATABASE.as_bytes());
    let found = archive.file_names_raw().enumerate().filter(|(_, name)| is_database(name));
    let (at, _) = found.min_by_key(|(_, name)| name.len()).ok_or(ExportError::NoDatabase)?;
    let entry = archive.by_index(at).map_err(ExportError::Archive)?;
    let mut bytes = Vec::new();
    // The size in the entry's head is only what it says: the bound holds for what comes out.
    entry.take(most as u64 + 1).read_to_end(&mut bytes).map_err(ExportError::Packed)?;
    if bytes.len() > most {
        return Err(ExportError::TooLong { bytes: bytes.len() });
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write as _};

    use zip::write::SimpleFileOptions;

    use super::*;

    fn packed(files: &[(&str, &[u8])]) -> Cursor<Vec<u8>> {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in files {
            writer.start_file(*name, SimpleFileOptions::default()).expect("begun");
            writer.write_all(bytes).expect("written");
        }
        let mut done = writer.finish().expect("a zip");
        done.set_position(0);
        done
    }

    #[test]
    fn the_database_is_found_in_its_folder_and_nothing_else_is_taken_for_it() {
        let zip =
            packed(&[("app/attachments/not-db-1.0.json", b"no"), ("app/db-1.0.json", b"{\"issues\": []}")]);
        assert_eq!(unpack(zip).expect("unpacked"), b"{\"issues\": []}");
        assert!(matches!(unpack(packed(&[("x.json", b"{}")])), Err(ExportError::NoDatabase)));
        assert!(matches!(unpack(Cursor::new(b"PK\x03\x04 no zip".to_vec())), Err(ExportError::Archive(_))));
    }

    #[test]
    fn what_unpacks_to_more_than_anybody_exported_is_not_unpacked() {
        let zip = packed(&[("db-1.0.json", &vec![0; 1_000_000])]);
        assert!(zip.get_ref().len() < 10_000, "a small archive");
        assert_eq!(within(zip.clone(), 1_000_000).expect("as long as it may be").len(), 1_000_000);
        assert!(matches!(within(zip, 999_999), Err(ExportError::TooLong { .. })));
    }

    #[test]
    fn a_damaged_archive_is_refused() {
        let mut zip = packed(&[("db-1.0.json", &[b'x'; 4_000])]);
        for byte in &mut zip.get_mut()[45..60] {
            *byte ^= 0xff;
        }
        assert!(matches!(unpack(zip), Err(ExportError::Packed(_) | ExportError::Archive(_))));
    }
}

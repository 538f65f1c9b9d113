//! What a listing of all cards needs besides the board: bodies and remote ids, each in one query.

use std::collections::HashMap;

use super::load::parse;
use super::{Db, Result};
use crate::domain::card::CardId;
use crate::domain::link::LinkId;

impl Db {
    /// The body of every card on the board.
    pub fn bodies(&self) -> Result<HashMap<CardId, String>> {
        let sql = "SELECT card_id, body FROM bodies JOIN cards ON id = card_id WHERE archived_at IS NULL";
        let mut query = self.conn.prepare_cached(sql)?;
        let rows = query.query_map([], |r| Ok((r.get::<_, String>(0)?, r.get(1)?)))?;
        rows.map(|row| row.map_err(Into::into).and_then(|(id, body)| Ok((parse(&id)?, body)))).collect()
    }

    /// The platform's id of every link that exists there.
    pub fn remote_ids(&self) -> Result<HashMap<LinkId, String>> {
        let sql = "SELECT id, remote_id FROM feature_issue_links WHERE remote_id IS NOT NULL";
        let mut query = self.conn.prepare_cached(sql)?;
        let rows = query.query_map([], |r| Ok((r.get::<_, String>(0)?, r.get(1)?)))?;
        rows.map(|row| row.map_err(Into::into).and_then(|(id, remote)| Ok((parse(&id)?, remote)))).collect()
    }
}

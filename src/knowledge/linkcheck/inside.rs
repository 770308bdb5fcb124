//! Links into this site: the database knows whether what they name is there.
use url::Url;

use super::{Found, Link, Reason, store};
use crate::kernel::database::{Conn, StoreError};
use crate::knowledge::model::{Audience, SheetCode};
use crate::knowledge::store as sheet_store;

/// Where a link leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// Into this site, as an address of it.
    Inside(Url),
    Outside(Url),
    /// Nowhere.
    Nothing,
}

/// Where a link leads, seen from a site with this address.
pub(super) fn target(site: &str, url: &str) -> Target {
    let Ok(base) = Url::parse(site) else { return Target::Nothing };
    let read = if url.starts_with('/') && !url.starts_with("//") { base.join(url) } else { Url::parse(url) };
    match read {
        Ok(url) if !matches!(url.scheme(), "http" | "https") || url.host().is_none() => Target::Nothing,
        Ok(url) if url.origin() == base.origin() => Target::Inside(url),
        Ok(url) => Target::Outside(url),
        Err(_) => Target::Nothing,
    }
}

/// Whether what a link names inside this site is there for whoever follows it.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn look(conn: &mut Conn, link: &Link, url: &Url) -> Result<Found, StoreError> {
    let missing = Found::failed(Reason::Missing);
    let parts: Vec<&str> = url.path().split('/').filter(|part| !part.is_empty()).collect();
    if parts.first() == Some(&"scrivania") && link.public {
        return Ok(missing);
    }
    if let ["sportello" | "scrivania", "schede", code, ..] = parts[..]
        && let Some(code) = SheetCode::parse(code)
    {
        let sheet = sheet_store::sheet(conn, code.as_str()).await?.filter(|s| s.is_in_use());
        let Some(sheet) = sheet else { return Ok(missing) };
        let on_site = parts[0] == "sportello";
        let form = match parts[3..] {
            ["moduli", number] => number.parse::<usize>().is_ok_and(|n| (1..=sheet.details.forms.len()).contains(&n)),
            _ => true,
        };
        let seen = form && (!on_site || sheet.audience == Audience::Public);
        return Ok(if seen { Found::GOOD } else { missing });
    }
    for (name, value) in url.query_pairs() {
        if matches!(name.as_ref(), "area" | "category") && !store::has_category(conn, &value).await? {
            return Ok(missing);
        }
    }
    // Other addresses of ours are pages that are always there.
    Ok(Found::GOOD)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_into_the_site_out_of_it_or_nowhere() {
        let site = "https://sportello.example.it";
        assert!(
            matches!(target(site, "/sportello/schede/ANA-01"), Target::Inside(u) if u.path() == "/sportello/schede/ANA-01")
        );
        assert!(matches!(target(site, "https://sportello.example.it/x"), Target::Inside(_)));
        assert!(matches!(target(site, "https://example.it/x"), Target::Outside(_)));
        for nothing in ["pagina.html", "//example.it/x", "https://", "ftp://example.it", "http//example.it"] {
            assert_eq!(target(site, nothing), Target::Nothing, "{nothing}");
        }
    }
}

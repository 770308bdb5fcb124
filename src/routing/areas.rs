//! Areas, and which of them a text or a point is in. A text is always enough (C27): names of areas, streets and
//! places are looked for in it; coordinates are read where there are some.
use std::collections::BTreeSet;

use geo::{Contains, MultiPolygon, Point};
use geojson::{GeoJson, Geometry};
use knowledge_base::analysis::fold;

/// An area as it is looked up.
#[derive(Debug, Clone)]
pub struct Area {
    pub slug: String,
    pub name: String,
    shape: Option<MultiPolygon<f64>>,
    /// Its own name, and those of streets and places inside, without accents and capitals.
    names: Vec<String>,
}

/// An area about to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewArea {
    pub slug: String,
    pub name: String,
    /// GeoJSON geometry; empty when it is known by names alone.
    pub geometry: String,
    /// One a line.
    pub names: String,
}

/// Why areas could not be read.
#[derive(Debug, thiserror::Error)]
pub enum AreaError {
    #[error("{0}")]
    Json(String),
    #[error("the file is no collection of features")]
    NoCollection,
    #[error("feature {0} has no name")]
    Unnamed(usize),
    #[error("feature {0} is no polygon")]
    NoPolygon(usize),
}

impl Area {
    /// An area of its stored parts; a geometry that cannot be read is none.
    pub fn of(new: NewArea) -> Self {
        let names = new.names.lines().chain([new.name.as_str()]).map(words).filter(|name| name.len() > 2).collect();
        Self { shape: shape(&new.geometry), slug: new.slug, name: new.name, names }
    }

    fn has(&self, text: &str, points: &[Point<f64>]) -> bool {
        let named = || self.names.iter().any(|name| text.contains(name));
        points.iter().any(|point| self.shape.as_ref().is_some_and(|shape| shape.contains(point))) || named()
    }
}

/// Words with one space around each.
fn words(text: &str) -> String {
    let folded = fold(text);
    let words: Vec<&str> = folded.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
    format!(" {} ", words.join(" "))
}

fn shape(geometry: &str) -> Option<MultiPolygon<f64>> {
    let geometry: Geometry = geometry.parse::<GeoJson>().ok().and_then(|json| Geometry::try_from(json).ok())?;
    match geo::Geometry::<f64>::try_from(geometry).ok()? {
        geo::Geometry::Polygon(polygon) => Some(polygon.into()),
        geo::Geometry::MultiPolygon(polygons) => Some(polygons),
        _ => None,
    }
}

/// The areas that a text speaks of.
pub fn locate(areas: &[Area], text: &str) -> BTreeSet<String> {
    let (points, text) = (points(text), words(text));
    areas.iter().filter(|area| area.has(&text, &points)).map(|area| area.slug.clone()).collect()
}

/// Coordinates in a text, latitude first as people and maps write them: `44.4949, 11.3426`.
fn points(text: &str) -> Vec<Point<f64>> {
    let number = |part: &str| {
        let part = part.trim_matches(|c: char| !c.is_ascii_digit() && c != '-');
        part.split_once('.').filter(|(_, decimals)| decimals.len() >= 3)?;
        part.parse::<f64>().ok()
    };
    let parts: Vec<Option<f64>> =
        text.split(|c: char| c.is_whitespace() || c == ',' || c == ';').filter(|p| !p.is_empty()).map(number).collect();
    let pair = |pair: &[Option<f64>]| match pair {
        [Some(lat), Some(lon)] if lat.abs() <= 90.0 && lon.abs() <= 180.0 => Some(Point::new(*lon, *lat)),
        _ => None,
    };
    parts.windows(2).filter_map(pair).collect()
}

/// Reads areas of a GeoJSON collection of features: `name` (and `slug`) of their properties, `streets` as a list or
/// lines of names.
///
/// # Errors
/// Names the feature that is wrong.
pub fn read(text: &str) -> Result<Vec<NewArea>, AreaError> {
    let json: GeoJson = text.parse().map_err(|e: geojson::Error| AreaError::Json(e.to_string()))?;
    let GeoJson::FeatureCollection(collection) = json else { return Err(AreaError::NoCollection) };
    let mut found = Vec::with_capacity(collection.features.len());
    for (feature, number) in collection.features.into_iter().zip(1..) {
        let text = |name: &str| feature.property(name).and_then(|v| v.as_str()).unwrap_or_default().trim().to_owned();
        let name = text("name");
        if name.is_empty() {
            return Err(AreaError::Unnamed(number));
        }
        let slug = match text("slug").as_str() {
            "" => slug(&name),
            given => slug(given),
        };
        let names = match feature.property("streets") {
            Some(serde_json::Value::Array(all)) => all.iter().filter_map(|v| v.as_str()).collect::<Vec<_>>().join("\n"),
            Some(other) => other.as_str().unwrap_or_default().to_owned(),
            None => String::new(),
        };
        let geometry = feature.geometry.as_ref().map(ToString::to_string).unwrap_or_default();
        if !geometry.is_empty() && shape(&geometry).is_none() {
            return Err(AreaError::NoPolygon(number));
        }
        found.push(NewArea { slug, name, geometry, names });
    }
    Ok(found)
}

/// A slug made of a name.
pub fn slug(name: &str) -> String {
    let folded = fold(name);
    let parts: Vec<&str> = folded.split(|c: char| !c.is_ascii_alphanumeric()).filter(|p| !p.is_empty()).collect();
    parts.join("-").chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"{ "type": "FeatureCollection", "features": [
        { "type": "Feature", "properties": { "name": "Centro", "streets": ["Via Roma", "Piazza Libertà"] },
          "geometry": { "type": "Polygon", "coordinates": [[[11.0, 44.0], [11.1, 44.0], [11.1, 44.1], [11.0, 44.1], [11.0, 44.0]]] } },
        { "type": "Feature", "properties": { "name": "Borgo Sotto" }, "geometry": null } ] }"#;

    fn areas() -> Vec<Area> {
        read(FILE).unwrap().into_iter().map(Area::of).collect()
    }

    fn found(text: &str) -> Vec<String> {
        locate(&areas(), text).into_iter().collect()
    }

    #[test]
    fn words_are_always_enough_and_coordinates_are_read_where_there_are_some() {
        assert_eq!(found("Lampione spento in PIAZZA LIBERTA' 3"), ["centro"]);
        assert_eq!(found("tra via roma e borgo sotto"), ["borgo-sotto", "centro"]);
        assert_eq!(found("Via Romagna"), [""; 0], "a street is not the beginning of another one");
        assert_eq!(found("buca (44.0500, 11.0500)"), ["centro"]);
        assert_eq!(found("buca 45.0500 11.0500"), [""; 0]);
        assert_eq!(found("ho pagato 44.05, 11.05 euro"), [""; 0], "prices are no places");
    }

    #[test]
    fn a_file_that_is_wrong_says_where() {
        assert!(matches!(read("{"), Err(AreaError::Json(_))));
        let point = FILE.replace("\"name\": \"Borgo Sotto\"", "\"x\": 1");
        assert!(matches!(read(&point), Err(AreaError::Unnamed(2))));
        let point = r#"{ "type": "FeatureCollection", "features": [ { "type": "Feature", "properties": { "name": "P" },
            "geometry": { "type": "Point", "coordinates": [11.0, 44.0] } } ] }"#;
        assert!(matches!(read(point), Err(AreaError::NoPolygon(1))));
    }
}

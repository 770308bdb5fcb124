//! Parts of a file (RFC 9110, 14.2): players jump within a recording without reading it whole.
use actix_web::http::StatusCode;
use actix_web::http::header::{self, Header, Range};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use bytes::Bytes;

/// Answers with the part that is asked for, else with everything. Several parts at once are answered whole, as the
/// standard allows.
pub fn answer(req: &HttpRequest, mut whole: HttpResponseBuilder, bytes: Bytes) -> HttpResponse {
    whole.insert_header((header::ACCEPT_RANGES, "bytes"));
    let length = bytes.len() as u64;
    let asked = req.headers().contains_key(header::RANGE).then(|| Range::parse(req).ok()).flatten();
    let Some(Range::Bytes(parts)) = asked else { return whole.body(bytes) };
    let [part] = parts.as_slice() else { return whole.body(bytes) };
    match part.to_satisfiable_range(length) {
        Some((first, last)) => {
            let place = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
            whole.status(StatusCode::PARTIAL_CONTENT);
            whole.insert_header((header::CONTENT_RANGE, format!("bytes {first}-{last}/{length}")));
            whole.body(bytes.slice(place(first)..=place(last)))
        }
        None => {
            whole.status(StatusCode::RANGE_NOT_SATISFIABLE);
            whole.insert_header((header::CONTENT_RANGE, format!("bytes */{length}")));
            whole.body(Bytes::new())
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::body::to_bytes;
    use actix_web::test::TestRequest;

    use super::*;

    async fn got(range: &str) -> (u16, String, Vec<u8>) {
        let mut request = TestRequest::default();
        if !range.is_empty() {
            request = request.insert_header((header::RANGE, range));
        }
        let answer = answer(&request.to_http_request(), HttpResponse::Ok(), Bytes::from_static(b"0123456789"));
        let part = answer.headers().get(header::CONTENT_RANGE).map(|v| v.to_str().unwrap_or_default().to_owned());
        let status = answer.status().as_u16();
        (status, part.unwrap_or_default(), to_bytes(answer.into_body()).await.unwrap_or_default().to_vec())
    }

    #[actix_web::test]
    async fn the_part_that_is_asked_for_is_given() {
        assert_eq!(got("").await, (200, String::new(), b"0123456789".to_vec()));
        assert_eq!(got("bytes=2-4").await, (206, "bytes 2-4/10".into(), b"234".to_vec()));
        assert_eq!(got("bytes=7-").await, (206, "bytes 7-9/10".into(), b"789".to_vec()));
        assert_eq!(got("bytes=-3").await, (206, "bytes 7-9/10".into(), b"789".to_vec()));
        assert_eq!(got("bytes=5-99").await, (206, "bytes 5-9/10".into(), b"56789".to_vec()));
        assert_eq!(got("bytes=10-").await.0, 416);
        for whole in ["bytes=0-1,4-5", "lines=1-2", "bytes=x"] {
            assert_eq!(got(whole).await.0, 200, "{whole}");
        }
    }
}

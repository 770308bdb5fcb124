//! Who reads a page: a person, or a program that looks at everything. No I/O.
use actix_web::HttpRequest;
use actix_web::http::{Method, header};

/// Words by which programs name themselves; browsers have none of them.
const PROGRAMS: [&str; 17] = [
    "bot",
    "crawl",
    "spider",
    "slurp",
    "facebookexternalhit",
    "preview",
    "monitor",
    "uptime",
    "feed",
    "validator",
    "lighthouse",
    "archive",
    "scan",
    "curl",
    "wget",
    "python",
    "http-client",
];

/// Whether a request for a page counts as one reading: somebody's browser asks for the page itself. Robots, which say
/// so or say nothing, do not count, nor does who only asks whether it is there (HEAD).
pub(in crate::knowledge) fn is_reading(req: &HttpRequest) -> bool {
    let agent = req.headers().get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    req.method() == Method::GET && agent.is_some_and(is_browser)
}

fn is_browser(agent: &str) -> bool {
    let agent = agent.to_lowercase();
    !agent.trim().is_empty() && !PROGRAMS.iter().any(|word| agent.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_told_from_programs_by_what_they_call_themselves() {
        for browser in [
            "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile Safari/604.1",
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0",
            "Lynx/2.9.0 libwww-FM/2.14",
        ] {
            assert!(is_browser(browser), "{browser}");
        }
        for program in [
            "",
            "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "Mozilla/5.0 (compatible; bingbot/2.0)",
            "curl/8.5.0",
            "python-requests/2.32",
            "Go-http-client/2.0",
            "Mozilla/5.0 AppleWebKit/537.36 Chrome/126 Safari/537.36 Chrome-Lighthouse",
        ] {
            assert!(!is_browser(program), "{program}");
        }
    }
}

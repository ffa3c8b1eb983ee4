/// The text with passwords and keys in addresses taken out, for messages and logs.
///
/// What stands before the `@` of an address and what follows its `?` become `...`: proxies carry passwords in the one,
/// signed links keys in the other. Only what merely names a video stays, as in `watch?v=b0RFKhbpFJA`.
#[must_use]
pub fn without_secrets(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, address) = rest.split_at(at + 3);
        out.push_str(before);
        let end = address.find(ends_address).unwrap_or(address.len());
        let (address, after) = address.split_at(end);
        let authority_end = address.find(['/', '?', '#']).unwrap_or(address.len());
        let (authority, path) = address.split_at(authority_end);
        match authority.rsplit_once('@') {
            Some((_, host)) => {
                out.push_str("...@");
                out.push_str(host);
            }
            None => out.push_str(authority),
        }
        match path.split_once('?') {
            // The name of a video is no secret, and says what failed.
            Some((_, query)) if names_video(query) => out.push_str(path),
            Some((path, _)) => {
                out.push_str(path);
                out.push_str("?...");
            }
            None => out.push_str(path),
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

fn names_video(query: &str) -> bool {
    query.strip_prefix("v=").is_some_and(|id| {
        id.len() == 11
            && id
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    })
}

fn ends_address(c: char) -> bool {
    c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>' | ')')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_and_keys_are_taken_out_and_the_rest_stays() {
        for (text, expected) in [
            ("no address: a?b@c", "no address: a?b@c"),
            (
                "proxy http://me:se@cret@proxy.example:3128 refused",
                "proxy http://...@proxy.example:3128 refused",
            ),
            (
                "get 'https://r.example/videoplayback?sig=AB&ip=1' and https://b.example/x.tsv",
                "get 'https://r.example/videoplayback?...' and https://b.example/x.tsv",
            ),
            ("socks5://u:p@h", "socks5://...@h"),
            (
                "https://y.example/watch?v=b0RFKhbpFJA",
                "https://y.example/watch?v=b0RFKhbpFJA",
            ),
            (
                "https://y.example/watch?v=b0RFKhbpFJA&key=1",
                "https://y.example/watch?...",
            ),
            ("https://a.example?k=1", "https://a.example?..."),
        ] {
            assert_eq!(without_secrets(text), expected);
        }
    }
}

/// The text with passwords and keys in addresses taken out, for messages and logs.
///
/// What stands before the `@` of an address and what follows its `?` become `...`: proxies carry passwords in the one,
/// signed links keys in the other. A key after `?` that merely names a video, as in `watch?v=`, goes too.
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
            ("https://a.example?k=1", "https://a.example?..."),
        ] {
            assert_eq!(without_secrets(text), expected);
        }
    }
}

use std::ffi::{OsStr, OsString};

/// What stands for what was taken out.
const TAKEN_OUT: &str = "...";

/// Options whose value is a secret or may hold one. Source: `yt_dlp/options.py`, yt-dlp 2026.10.26.
const SECRET_OPTIONS: [&str; 11] = [
    "--proxy",
    "--geo-verification-proxy",
    "--username",
    "--password",
    "--twofactor",
    "--video-password",
    "--ap-username",
    "--ap-password",
    "--client-certificate-password",
    "--add-headers",
    "--netrc-cmd",
];
/// The short forms of some of them, whose value may be glued on.
const SHORT_OPTIONS: [&str; 3] = ["-u", "-p", "-2"];
/// So much of a long option's name may be written in place of all of it.
const LEAST_OF_A_NAME: usize = "--pa".len();

/// The text with passwords and keys in addresses taken out, for messages and logs.
///
/// What stands before the `@` of an address and what follows its `?` become `...`: proxies carry passwords in the one,
/// signed links keys in the other. An address without `http://` in front is known by a `:` before its `@`. One of which it
/// cannot be told where its password ends, such as `http://me:a/b@host`, is taken out whole. Only what merely names a
/// video stays, as in `watch?v=b0RFKhbpFJA`.
#[must_use]
pub fn without_secrets(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, address) = rest.split_at(at + 3);
        add_words(before, &mut out);
        let end = address.find(ends_address).unwrap_or(address.len());
        let (address, after) = address.split_at(end);
        add_address(address, &mut out);
        rest = after;
    }
    add_words(rest, &mut out);
    out
}

/// Adds an address less its scheme.
fn add_address(address: &str, out: &mut String) {
    let authority_end = address.find(['/', '?', '#']).unwrap_or(address.len());
    let (authority, path) = address.split_at(authority_end);
    if path.contains('@') && authority.contains([':', '@']) {
        // A password may have a `/`, `?` or `#` in it.
        out.push_str(TAKEN_OUT);
        return;
    }
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
}

/// Adds words of which some may be addresses without a scheme, such as `me:secret@proxy:3128`.
fn add_words(text: &str, out: &mut String) {
    for word in text.split_inclusive(ends_address) {
        match word.rsplit_once('@') {
            Some((user, host)) if user.contains(':') => {
                out.push_str("...@");
                out.push_str(host);
            }
            _ => out.push_str(word),
        }
    }
}

/// Arguments as they may be shown: the words after options such as `--password` are taken out whole.
#[must_use]
pub fn args_without_secrets(args: &[OsString]) -> Vec<OsString> {
    let mut next_is_secret = false;
    let shown = args.iter().map(|arg| {
        let text = arg.to_string_lossy();
        if std::mem::take(&mut next_is_secret) {
            return TAKEN_OUT.into();
        }
        match text.split_once('=') {
            Some((name, _)) if is_secret(name) => return format!("{name}={TAKEN_OUT}").into(),
            _ => next_is_secret = is_secret(&text),
        }
        let glued = SHORT_OPTIONS.iter().find(|short| text.starts_with(*short));
        match glued.filter(|_| !next_is_secret) {
            Some(short) => format!("{short}{TAKEN_OUT}").into(),
            None => OsStr::new(arg).to_owned(),
        }
    });
    shown.collect()
}

/// Whether an option's value is a secret. `yt-dlp` takes the beginning of a name for all of it.
fn is_secret(option: &str) -> bool {
    let is_name = |name: &&str| option.len() >= LEAST_OF_A_NAME && name.starts_with(option);
    SHORT_OPTIONS.contains(&option) || SECRET_OPTIONS.iter().any(is_name)
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
                "proxy 'me:se@cret@proxy:3128' refused",
                "proxy '...@proxy:3128' refused",
            ),
            ("me:SE/CRET@h:1, not a@b", "...@h:1, not a@b"),
            ("http://me:SE/CRET@h:1 refused", "http://... refused"),
            ("http://me:SE?CRET@h:1", "http://..."),
            ("http://me:s@e/cret@h", "http://..."),
            ("https://y.example/@channel", "https://y.example/@channel"),
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

    #[test]
    fn words_after_an_option_that_takes_a_secret_are_taken_out_however_it_is_written() {
        for (args, shown) in [
            ("--password hunter2 -v", "--password ... -v"),
            ("--proxy me:hunter2@h:1 --retries 2", "--proxy ... --retries 2"),
            ("--pass hunter2", "--pass ..."),
            ("--username=hunter2 x", "--username=... x"),
            ("-p hunter2 -u hunter2", "-p ... -u ..."),
            ("-phunter2", "-p..."),
            ("--add-headers Cookie:hunter2=a", "--add-headers ..."),
            ("--add-header=Cookie:hunter2", "--add-header=..."),
            ("--password --hunter2", "--password ..."),
            ("--print title --no-playlist", "--print title --no-playlist"),
        ] {
            let args: Vec<OsString> = args.split(' ').map(OsString::from).collect();
            let said = args_without_secrets(&args);
            assert_eq!(said.join(OsStr::new(" ")), shown);
        }
    }
}

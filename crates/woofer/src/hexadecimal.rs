use std::fmt::Write as _;

/// Bytes as hexadecimal digits, two lower-case ones each.
#[must_use]
pub fn hexadecimal(bytes: &[u8]) -> String {
    let digits = String::with_capacity(2 * bytes.len());
    bytes.iter().fold(digits, |mut digits, byte| {
        // Writing to a string cannot fail.
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_byte_has_two_digits() {
        assert_eq!(hexadecimal(&[0x00, 0x0a, 0xff, 0x10]), "000aff10");
        assert_eq!(hexadecimal(&[]), "");
    }
}

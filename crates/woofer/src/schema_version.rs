/// Why a file whose `schema_version` is `found` is refused by a program that reads `known`; none if it is that one.
#[must_use]
pub fn schema_version_fault(found: u32, known: u32) -> Option<String> {
    (found != known)
        .then(|| format!("schema_version {found} is not known to this program, which reads {known}"))
}

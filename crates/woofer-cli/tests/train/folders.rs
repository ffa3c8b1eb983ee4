//! Classes of one's own, named after the folders of clips.

use std::fs;
use std::path::Path;

use crate::support::{stderr, stdout, woofer};
use crate::{sounds, train_classes};

#[test]
fn folders_of_other_names_are_refused_with_the_command_that_makes_classes_of_them() {
    let dir = tempfile::tempdir().unwrap();
    let (clips, model) = (sounds(dir.path()), dir.path().join("hums"));
    let mut of_other_classes = train_classes(dir.path(), Path::new("tomofun"), &clips, &model);
    let said = stderr(of_other_classes.args(["--recipe", "frozen"]));
    assert!(said.contains("`woofer taxonomy new FOLDER`"), "{said}");

    let made = stdout(woofer().args(["taxonomy", "new", "--rest", "high"]).arg(&clips));
    let classes = dir.path().join("made.toml");
    fs::write(&classes, made).unwrap();
    let shown = stdout(woofer().args(["taxonomy", "check"]).arg(&classes));
    for class in ["high", "low", "middle"] {
        assert!(shown.contains(class), "{shown}");
    }
    assert!(shown.contains("and the rest"), "{shown}");
    train_classes(dir.path(), &classes, &clips, &model)
        .assert()
        .success();

    let said = stderr(woofer().args(["taxonomy", "new", "--rest", "quiet"]).arg(&clips));
    assert!(said.contains("rest = \"quiet\" is none of the classes"), "{said}");
    let empty = tempfile::tempdir().unwrap();
    let said = stderr(woofer().args(["taxonomy", "new"]).arg(empty.path()));
    assert!(said.contains("holds no sub-folders"), "{said}");
}

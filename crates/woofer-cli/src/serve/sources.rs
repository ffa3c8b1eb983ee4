use std::path::{Path, PathBuf};

use anyhow::bail;
use woofer::ModelSource;
use woofer_nn::Bundle;

use super::ServeArgs;
use crate::folders::visible_entries;

/// The models to serve: those named, else those of `/opt/ml/model`, else the one built in; none at first where models
/// come and go.
pub fn find(args: &ServeArgs) -> anyhow::Result<Vec<ModelSource>> {
    if !args.model.is_empty() {
        return Ok(args.model.iter().cloned().map(ModelSource::Path).collect());
    }
    if args.multi_model.is_some() {
        return Ok(Vec::new());
    }
    let folder = args.opt_ml.join("model");
    let laid = if folder.is_dir() {
        laid_in(&folder)?
    } else {
        Vec::new()
    };
    if laid.is_empty() {
        return Ok(vec![ModelSource::BuiltIn]);
    }
    Ok(laid.into_iter().map(ModelSource::Path).collect())
}

/// The models that the platform laid into a folder: a bundle, folders that are bundles, or weight files.
///
/// An empty folder has none; one that holds other things is refused, for somebody meant it to be a model.
fn laid_in(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if Bundle::is_at(folder) {
        return Ok(vec![folder.to_owned()]);
    }
    let entries = visible_entries(folder)?;
    let bundles: Vec<PathBuf> = entries
        .iter()
        .filter(|path| Bundle::is_at(path))
        .cloned()
        .collect();
    if !bundles.is_empty() {
        return Ok(bundles);
    }
    let weights: Vec<PathBuf> = entries
        .iter()
        .filter(|path| is_weight_file(path))
        .cloned()
        .collect();
    if weights.is_empty() && !entries.is_empty() {
        let names: Vec<String> = entries
            .iter()
            .filter_map(|path| path.file_name())
            .take(5)
            .map(|name| name.to_string_lossy().into_owned())
            .collect();
        bail!(
            "{}: holds no model, but {}; a model is a folder with a model.toml, or a weight file (.pt, .pth, .safetensors)",
            folder.display(),
            names.join(", ")
        );
    }
    Ok(weights)
}

fn is_weight_file(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str());
    path.is_file() && ending.is_some_and(|ending| ["pt", "pth", "safetensors"].contains(&ending))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn bundles_are_found_in_the_folder_or_one_below_and_foreign_things_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        assert!(laid_in(root).unwrap().is_empty());
        fs::write(root.join("._model.toml"), "x").unwrap();
        assert!(laid_in(root).unwrap().is_empty());
        fs::write(root.join("notes.txt"), "x").unwrap();
        let error = laid_in(root).unwrap_err().to_string();
        assert!(error.contains("notes.txt"), "{error}");
        fs::write(root.join("mn04.pt"), "x").unwrap();
        assert_eq!(laid_in(root).unwrap(), [root.join("mn04.pt")]);
        for name in ["b", "a"] {
            fs::create_dir(root.join(name)).unwrap();
            fs::write(root.join(name).join("model.toml"), "x").unwrap();
        }
        assert_eq!(laid_in(root).unwrap(), [root.join("a"), root.join("b")]);
        fs::write(root.join("model.toml"), "x").unwrap();
        assert_eq!(laid_in(root).unwrap(), [root.to_owned()]);
    }
}

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Args)]
#[command(after_help = "\
The published file is fetched into a folder that later fetches find it in, checked, and made a model as by \
`woofer model import`. An interrupted fetch goes on where it ended. Where the publisher states no SHA-256, that of the first \
fetch is kept in SHA256SUMS of that folder, and another is refused from then on. Proxies are taken from HTTPS_PROXY and \
NO_PROXY, further certificates from SSL_CERT_FILE.

Without a network: fetch the file elsewhere (`woofer model fetch --list` prints the addresses) and give it to \
`woofer model import`.

Examples:
  woofer model fetch --list
  woofer model fetch mn04 --taxonomy tomofun
  woofer model fetch mn10 -o models/mn10")]
pub struct FetchArgs {
    /// Which network
    #[arg(value_name = "NAME", required_unless_present = "list")]
    pub name: Option<String>,

    /// Print the published networks with their addresses and licences
    #[arg(long)]
    pub list: bool,

    /// Classes to score: a built-in taxonomy or a file [default: AudioSet's own]
    #[arg(short, long, value_name = "NAME|FILE")]
    pub taxonomy: Option<String>,

    /// Folder of the new model [default: its name, in the present folder]
    #[arg(short, long, value_name = "FOLDER")]
    pub output: Option<PathBuf>,

    /// Replace a model that is there already
    #[arg(long)]
    pub force: bool,

    /// Take the file from the folder at this address in place of the publisher's
    #[arg(long, value_name = "URL")]
    pub mirror: Option<String>,

    /// Folder for the fetched files [default: weights in woofer's folder for caches]
    #[arg(long, value_name = "FOLDER")]
    pub weights: Option<PathBuf>,
}

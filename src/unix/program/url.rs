//! A URL taken apart, for the programs that fetch.

use http::Uri;

/// Where a URL leads.
pub(super) struct Place {
    pub secure: bool,
    pub host: String,
    pub port: u16,
    /// The path with what is asked.
    pub target: String,
}

impl Place {
    /// Reads a URL; one without a scheme is plain HTTP. Other schemes and what is no URL is refused.
    pub fn of(url: &str) -> Result<Self, ()> {
        let absolute = if url.contains("://") { url.to_owned() } else { format!("http://{url}") };
        let scheme = absolute.split("://").next().unwrap_or_default().to_lowercase();
        if scheme != "http" && scheme != "https" {
            return Err(());
        }
        // What follows `#` never goes over the wire.
        let uri: Uri = absolute.split('#').next().unwrap_or_default().parse().map_err(drop)?;
        let secure = scheme == "https";
        Ok(Self {
            secure,
            host: uri.host().unwrap_or_default().to_owned(),
            port: uri.port_u16().unwrap_or(if secure { 443 } else { 80 }),
            target: uri.path_and_query().map_or("/", |path| path.as_str()).to_owned(),
        })
    }
}

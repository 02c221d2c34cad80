//! How web servers are told to serve the folder right.

use std::path::Path;

use reqwest::Url;

use super::app::App;

/// The settings for one web server.
pub(super) struct ServerSettings {
    name: &'static str,
    /// What the file holds.
    pub(super) text: String,
}

/// What every page tells the browser: load nothing from elsewhere, run nothing.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'";

impl ServerSettings {
    /// Where the file lies in the folder.
    pub(super) fn path(&self) -> String {
        format!("server-settings/{}", self.name)
    }
}

/// The settings for each of the usual servers, for a folder that lies at `folder` and is served at `base`.
pub(super) fn all(base: &Url, folder: &Path, apps: &[App]) -> Vec<ServerSettings> {
    let place = Placeholders::new(base, folder);
    vec![
        ServerSettings { name: "nginx.conf", text: place.fill(NGINX) },
        ServerSettings { name: "Caddyfile", text: place.fill(CADDY) },
        ServerSettings { name: "apache.conf", text: place.fill(APACHE) },
        ServerSettings { name: "s3.sh", text: s3(&place, apps) },
    ]
}

struct Placeholders {
    host: String,
    /// The path under which the folder is served, with a slash at both ends.
    path: String,
    folder: String,
}

impl Placeholders {
    fn new(base: &Url, folder: &Path) -> Self {
        let host = base.host_str().unwrap_or_default();
        let port = base.port().map(|port| format!(":{port}")).unwrap_or_default();
        // A name with quotes or line ends in it must not become a setting of its own.
        let folder = folder.display().to_string();
        let is_plain = folder.chars().all(|c| c.is_alphanumeric() || "/._-+ ".contains(c));
        Self {
            host: format!("{host}{port}"),
            path: base.path().to_owned(),
            folder: if is_plain { folder } else { "/path/to/this/folder".to_owned() },
        }
    }

    fn fill(&self, template: &str) -> String {
        template
            .replace(
                "{BARE_NGINX}",
                &self.without_slash("location = {BARE} {\n    return 301 {PATH};\n}\n\n"),
            )
            .replace("{BARE_CADDY}", &self.without_slash("\tredir {BARE} {PATH} permanent\n"))
            .replace(
                "{BARE_APACHE}",
                &self.without_slash("RedirectMatch permanent \"^{BARE}$\" \"{PATH}\"\n"),
            )
            .replace("{HOST}", &self.host)
            .replace("{PATH}", &self.path)
            .replace("{FOLDER}", &self.folder)
            .replace("{POLICY}", POLICY)
    }

    /// What leads from the path without its slash to the folder; nothing for the root, which has no such path.
    fn without_slash(&self, template: &str) -> String {
        match self.path.trim_end_matches('/') {
            "" => String::new(),
            bare => template.replace("{BARE}", bare),
        }
    }
}

const NGINX: &str = r#"# nginx: include this file in the `server` block of {HOST}, which must have TLS:
#     include "{FOLDER}/server-settings/nginx.conf";
# Change the `alias` to where the folder lies on the server. Devices do not log in,
# and may not follow redirects to another place.

{BARE_NGINX}location ^~ {PATH}server-settings/ {
    return 404;
}

location ^~ {PATH} {
    alias "{FOLDER}/";
    index index.html;
    autoindex off;

    # Packages are archives: compressing them again would hide their size from the device.
    gzip off;
    etag on;
    charset utf-8;
    charset_types text/css text/xml;
    types {
        text/html                html;
        text/css                 css;
        image/svg+xml            svg;
        image/png                png;
        text/xml                 plist;
        application/octet-stream ipa;
    }
    default_type application/octet-stream;

    # Pages and manifests change with each build; packages must pass every proxy byte for byte.
    set $airstair_cache "no-store";
    if ($uri ~ "\.ipa$") {
        set $airstair_cache "private, no-transform";
    }
    add_header Cache-Control $airstair_cache always;
    add_header Content-Security-Policy "{POLICY}" always;
    add_header Referrer-Policy "no-referrer" always;
    add_header X-Content-Type-Options "nosniff" always;
    add_header X-Robots-Tag "noindex, nofollow" always;
}
"#;

const CADDY: &str = r#"# Caddy: merge this into the site block of {HOST}. Caddy gets the certificate by itself.
# Change the `root` to where the folder lies on the server. Devices do not log in,
# and may not follow redirects to another place.

{HOST} {
{BARE_CADDY}	handle_path {PATH}* {
		root * "{FOLDER}"

		@settings path /server-settings /server-settings/*
		respond @settings 404

		# Packages are archives: keep `encode` out of here, it would hide their size from the device.
		@package path *.ipa
		header @package Content-Type application/octet-stream
		header @package Cache-Control "private, no-transform"
		@manifest path *.plist
		header @manifest Content-Type "text/xml; charset=utf-8"
		@changing not path *.ipa
		header @changing Cache-Control no-store
		header Content-Security-Policy "{POLICY}"
		header Referrer-Policy no-referrer
		header X-Content-Type-Options nosniff
		header X-Robots-Tag "noindex, nofollow"

		file_server
	}
}
"#;

const APACHE: &str = r#"# Apache: include this file in the `VirtualHost` of {HOST}, which must have TLS:
#     Include "{FOLDER}/server-settings/apache.conf"
# Change the two paths to where the folder lies on the server. It needs mod_alias, mod_mime,
# mod_dir, mod_env and mod_headers. Devices do not log in, and may not follow redirects to another place.

{BARE_APACHE}Alias "{PATH}" "{FOLDER}/"

<Directory "{FOLDER}">
    Require all granted
    Options -Indexes
    AllowOverride None
    DirectoryIndex index.html

    AddType text/html                .html
    AddType text/css                 .css
    AddType image/svg+xml            .svg
    AddType image/png                .png
    AddType text/xml                 .plist
    AddType application/octet-stream .ipa
    AddCharset utf-8 .html .css .plist

    # Packages are archives: compressing them again would hide their size from the device.
    SetEnv no-gzip 1
    SetEnv no-brotli 1

    Header always set Cache-Control "no-store"
    Header always set Content-Security-Policy "{POLICY}"
    Header always set Referrer-Policy "no-referrer"
    Header always set X-Content-Type-Options "nosniff"
    Header always set X-Robots-Tag "noindex, nofollow"
    <FilesMatch "\.ipa$">
        Header always set Cache-Control "private, no-transform"
    </FilesMatch>
</Directory>

<Directory "{FOLDER}/server-settings">
    Require all denied
</Directory>
"#;

const S3_HEAD: &str = r#"#!/bin/sh
# S3 and its like: uploads the folder with the right types. Run it where the folder lies:
#     BUCKET=my-bucket sh server-settings/s3.sh
# With another service than Amazon's set AWS_ENDPOINT_URL too. The page comes last, so that nobody finds a page whose
# package is not there yet.
#
# {HOST}{PATH} must lead to these objects over HTTPS: a CDN before the bucket, or the service's own address. Give the
# CDN index.html as index document, also in folders. Signed addresses do not work: the one in the manifest must last,
# and answer HEAD as well as GET.
set -eu
: "${BUCKET:?set BUCKET to the name of the bucket}"
cd "$(dirname "$0")/.."

put() { # FILE TYPE CACHE
    aws s3 cp "$1" "s3://$BUCKET{PATH}$1" --content-type "$2" --cache-control "$3"
}

"#;

fn s3(place: &Placeholders, apps: &[App]) -> String {
    let mut lines = vec![place.fill(S3_HEAD)];
    let mut put = |path: &str, media_type: &str, cache: &str| {
        lines.push(format!("put {path} '{media_type}' '{cache}'\n"));
    };
    for app in apps {
        let prefix = app.prefix();
        put(&format!("{prefix}{}", app.package_name()), "application/octet-stream", "private, no-transform");
        put(&format!("{prefix}icon-57.png"), "image/png", "no-store");
        put(&format!("{prefix}icon-512.png"), "image/png", "no-store");
        put(&format!("{prefix}manifest.plist"), "text/xml; charset=utf-8", "no-store");
    }
    put("airstair.css", "text/css; charset=utf-8", "no-store");
    put("mark.svg", "image/svg+xml", "no-store");
    for app in apps {
        put(&format!("{}index.html", app.prefix()), "text/html; charset=utf-8", "no-store");
    }
    if apps.len() > 1 {
        put("index.html", "text/html; charset=utf-8", "no-store");
    }
    lines.concat()
}

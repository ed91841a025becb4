//! Where documents are kept, by the settings: a folder beside the database, or S3 as soon as a bucket is named.

use std::fmt;
use std::path::{Path, PathBuf};

/// The variables that name the server of S3, the more particular one first, as the AWS tools read them.
const ENDPOINTS: [&str; 2] = ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"];

/// Where documents are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StorageSettings {
    /// In a folder: `DOCUMENTS_PATH`, by default `documents` beside the database, named after it.
    Folder(PathBuf),
    /// In S3, or in something that speaks its protocol.
    S3(S3Settings),
}

/// A bucket and how to get to it.
#[derive(Clone, PartialEq, Eq)]
pub struct S3Settings {
    /// `AWS_S3_BUCKET`.
    pub bucket: String,
    /// `AWS_REGION`, `us-east-1` by default.
    pub region: String,
    /// `AWS_ACCESS_KEY_ID`.
    pub access_key_id: String,
    /// `AWS_SECRET_ACCESS_KEY`.
    pub secret_access_key: String,
    /// `AWS_SESSION_TOKEN`, for keys that were lent.
    pub session_token: Option<String>,
    /// `AWS_ENDPOINT_URL_S3` or `AWS_ENDPOINT_URL`, for servers that are not Amazon's.
    pub endpoint: Option<String>,
}

impl fmt::Debug for S3Settings {
    /// Leaves the secrets out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut settings = f.debug_struct("S3Settings");
        settings
            .field("bucket", &self.bucket)
            .field("region", &self.region)
            .field("endpoint", &self.endpoint);
        settings.finish_non_exhaustive()
    }
}

impl StorageSettings {
    /// Reads the settings. `setting` returns what a variable says, or nothing when it is unset or empty.
    ///
    /// # Errors
    ///
    /// Names the variable that is missing or wrong.
    pub(crate) fn read(
        setting: impl Fn(&str) -> Result<Option<String>, String>,
        db_path: &Path,
    ) -> Result<Self, String> {
        let Some(bucket) = setting("AWS_S3_BUCKET")? else {
            let path = setting("DOCUMENTS_PATH")?.map(PathBuf::from);
            return Ok(Self::Folder(path.unwrap_or_else(|| db_path.with_extension("documents"))));
        };
        if setting("DOCUMENTS_PATH")?.is_some() {
            return Err("DOCUMENTS_PATH and AWS_S3_BUCKET are two places for documents; unset one".to_owned());
        }
        let required = |name: &str| {
            setting(name)?
                .ok_or_else(|| format!("{name} is not set; AWS_S3_BUCKET asks for S3, which needs it"))
        };
        Ok(Self::S3(S3Settings {
            access_key_id: required("AWS_ACCESS_KEY_ID")?,
            secret_access_key: required("AWS_SECRET_ACCESS_KEY")?,
            session_token: setting("AWS_SESSION_TOKEN")?,
            region: region(setting("AWS_REGION")?)?,
            endpoint: endpoint(&setting)?,
            bucket: checked_bucket(bucket)?,
        }))
    }
}

fn region(value: Option<String>) -> Result<String, String> {
    let region = value.unwrap_or_else(|| "us-east-1".to_owned());
    let is_region = region.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    if is_region {
        Ok(region)
    } else {
        Err(format!("AWS_REGION is `{region}`, which is no region such as `us-east-1`"))
    }
}

/// The bucket becomes a part of addresses, so it may only be what S3 lets a bucket be called.
fn checked_bucket(bucket: String) -> Result<String, String> {
    let is_bucket = (3..=63).contains(&bucket.len())
        && bucket.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte))
        && !bucket.contains("..");
    if is_bucket {
        Ok(bucket)
    } else {
        Err(format!("AWS_S3_BUCKET is `{bucket}`, which no bucket can be called"))
    }
}

fn endpoint(setting: impl Fn(&str) -> Result<Option<String>, String>) -> Result<Option<String>, String> {
    for name in ENDPOINTS {
        let Some(url) = setting(name)? else { continue };
        let address = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"));
        let is_address = address.is_some_and(|rest| {
            !rest.starts_with(['/', ':']) && !rest.is_empty() && !rest.contains(['?', '#', '@', ' '])
        });
        if !is_address {
            return Err(format!("{name} is `{url}`, which is no address such as `http://localhost:9000`"));
        }
        return Ok(Some(url.trim_end_matches('/').to_owned()));
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn read(settings: &[(&str, &str)]) -> Result<StorageSettings, String> {
        let settings: BTreeMap<_, _> = settings.iter().copied().collect();
        let setting = |name: &str| Ok(settings.get(name).map(|value| (*value).to_owned()));
        StorageSettings::read(setting, Path::new("data/sprout.db"))
    }

    const S3: [(&str, &str); 3] =
        [("AWS_S3_BUCKET", "notes"), ("AWS_ACCESS_KEY_ID", "id"), ("AWS_SECRET_ACCESS_KEY", "hush")];

    fn fault(changes: &[(&str, &str)]) -> String {
        read(&[&S3[..], changes].concat()).unwrap_err()
    }

    #[test]
    fn documents_are_beside_the_database_unless_told() {
        assert_eq!(read(&[]), Ok(StorageSettings::Folder("data/sprout.documents".into())));
        assert_eq!(read(&[("DOCUMENTS_PATH", "/srv/d")]), Ok(StorageSettings::Folder("/srv/d".into())));
        // Keys alone are those of another program on the machine.
        assert!(matches!(read(&S3[1..]), Ok(StorageSettings::Folder(_))));
    }

    #[test]
    fn a_bucket_asks_for_s3() {
        let StorageSettings::S3(s3) = read(&S3).unwrap() else { panic!("a folder") };
        assert_eq!(
            (s3.bucket.as_str(), s3.region.as_str(), s3.endpoint.as_deref()),
            ("notes", "us-east-1", None)
        );
        assert_eq!((s3.access_key_id.as_str(), s3.secret_access_key.as_str()), ("id", "hush"));
        assert!(!format!("{s3:?}").contains("hush"));

        let more = [
            ("AWS_REGION", "eu-central-1"),
            ("AWS_ENDPOINT_URL", "http://other:1"),
            ("AWS_ENDPOINT_URL_S3", "http://localhost:9000/"),
        ];
        let StorageSettings::S3(s3) = read(&[&S3[..], &more].concat()).unwrap() else { panic!("a folder") };
        assert_eq!(
            (s3.region.as_str(), s3.endpoint.as_deref()),
            ("eu-central-1", Some("http://localhost:9000"))
        );
    }

    #[test]
    fn a_wrong_setting_is_named() {
        assert_eq!(
            read(&S3[..1]).unwrap_err(),
            "AWS_ACCESS_KEY_ID is not set; AWS_S3_BUCKET asks for S3, which needs it"
        );
        assert_eq!(
            fault(&[("AWS_ENDPOINT_URL", "localhost:9000")]),
            "AWS_ENDPOINT_URL is `localhost:9000`, which is no address such as `http://localhost:9000`"
        );
        assert_eq!(
            fault(&[("AWS_REGION", "eu central")]),
            "AWS_REGION is `eu central`, which is no region such as `us-east-1`"
        );
        assert_eq!(
            fault(&[("AWS_S3_BUCKET", "a/../b")]),
            "AWS_S3_BUCKET is `a/../b`, which no bucket can be called"
        );
        assert_eq!(
            fault(&[("DOCUMENTS_PATH", "d")]),
            "DOCUMENTS_PATH and AWS_S3_BUCKET are two places for documents; unset one"
        );
    }
}

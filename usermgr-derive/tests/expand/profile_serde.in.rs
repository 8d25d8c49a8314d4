#[derive(Clone, Debug, Serialize, Deserialize, Profile)]
#[serde(rename_all = "camelCase")]
#[profile(crate = ::um)]
struct Customer {
    #[serde(default, alias = "title")]
    job_title: Option<String>,
    #[serde(rename = "key", with = "hex", default, skip_serializing_if = "is_zero")]
    public_key: [u8; 32],
    #[profile(hidden)]
    cache: Cache,
}

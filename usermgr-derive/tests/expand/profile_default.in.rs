#[derive(Clone, Debug, Serialize, Deserialize, Profile)]
#[serde(default)]
#[allow(non_snake_case)]
struct Customer {
    #[allow(clippy::option_option)]
    Name: Option<Option<String>>,
    #[serde(default = "one")]
    number: u8,
    #[profile(server)]
    credits: u32,
    #[profile(transient)]
    #[serde(skip_serializing, rename = "code")]
    invitation: Option<String>,
}

struct Customer {
    #[profile(claim = "name")]
    display_name: String,
    #[profile(claim = "picture")]
    #[serde(rename = "photo")]
    avatar: Option<String>,
    nickname: Option<String>,
    #[serde(default)]
    visits: u32,
    #[profile(server)]
    credits: u32,
}

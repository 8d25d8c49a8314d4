#[derive(Clone, Debug, Serialize, Deserialize, Profile)]
pub struct Staff {
    pub name: String,
    #[profile(admin)]
    pub roles: Vec<String>,
    #[profile(admin, hidden)]
    #[serde(with = "hex")]
    note: [u8; 4],
    #[profile(server)]
    credits: u32,
}

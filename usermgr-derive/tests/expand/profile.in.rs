/// A customer of the shop.
#[derive(Clone, Debug, Serialize, Deserialize, Profile)]
pub struct Customer {
    /// How to address them.
    pub name: String,
    pub(crate) nickname: Option<String>,
    #[profile(server)]
    credits: u32,
}

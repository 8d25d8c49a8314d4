#[derive(Clone, Debug, Serialize, Deserialize, Profile)]
struct Nothing {}

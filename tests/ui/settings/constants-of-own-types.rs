// Constants have custom types.
// Remedy: convert them: `SECRET.0`
use usermgr::prelude::*;

struct Text(&'static [u8]);

const SECRET: Text = Text(b"secret");
const HOUR: [u64; 1] = [3600];

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = SECRET, verify_audience = Self::AUDIENCE, verify_lifetime = HOUR)]
impl Accounts {
    const AUDIENCE: Text = Text(b"shop");
}

fn main() {}

//! The routes that answer first and work afterwards: what becomes of an address in the end.

use serde_json::{Value, json};

use crate::world::{Kind, World};

/// A user of this kind asks; the answer is 202 whoever he is, and the hook is called so many times.
pub(crate) async fn asked_for(world: &World, path: &str, hook: &str, kind: Kind, mails: usize) {
    let rig = world.rig().await;
    let someone = rig.host.someone(kind).await;
    rig.ask_for_mail(path, &someone.email).await;
    assert_eq!(rig.journal.count(hook, &someone.email), mails);
    let someone = world.someone(kind).await;
    world.client().post(path, json!({ "email": someone.email })).await.expect_json(202, Value::Null);
}

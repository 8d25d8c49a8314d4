//! The routes that answer first and work afterwards: what becomes of an address in the end.

use crate::world::{Kind, World};

/// A user of this kind asks. The answer is always 202; `mails` says how often the hook is called.
pub(crate) async fn asked_for(world: &World, path: &str, hook: &str, kind: Kind, mails: usize) {
    let rig = world.rig().await;
    let someone = rig.host.someone(kind).await;
    rig.ask_for_mail(path, &someone.email).await;
    assert_eq!(rig.journal.count(hook, &someone.email), mails);
}

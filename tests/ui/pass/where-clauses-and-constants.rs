// A manager may have where clauses and constant parameters.
use usermgr::prelude::*;

struct Accounts<T, const LIMIT: usize>
where
    T: Clone,
{
    engine: Engine<MemoryStore>,
    greeting: T,
}

#[user_manager(store = MemoryStore, reset_secret = "0123456789abcdef0123456789abcdef")]
impl<T, const LIMIT: usize> Accounts<T, LIMIT>
where
    T: Clone + AsRef<str> + Send + Sync + 'static,
{
    async fn on_before_register(&self, draft: &mut Draft) -> Result<(), Rejection> {
        let greeting = self.greeting.clone();
        match draft.email().as_str().len() + greeting.as_ref().len() > LIMIT {
            true => Err(Rejection::new("TOO_LONG")),
            false => Ok(()),
        }
    }
}

pub fn main() {
    Accounts::<_, 80> { engine: Engine::new(MemoryStore::new()), greeting: "welcome" }.check().unwrap();
}

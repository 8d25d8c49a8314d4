//! The commands that a user of Redis needs, tried when a server is opened: a list of rights may lack one that is used
//! rarely.

use redis::{ErrorKind, Script, ServerErrorKind, aio::MultiplexedConnection};

use super::greeting::Refusal;

/// What a server is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    Sessions,
    Counters,
}

/// The commands of the scripts, as calls on four scratch keys: a hash, a text, a sorted set and a set.
const SESSIONS: &[&str] = &[
    "HSET $1 field 1",
    "HGET $1 field",
    "HMGET $1 field",
    "HGETALL $1",
    "PEXPIRE $1 1000",
    "PTTL $1",
    "EXISTS $1",
    "SET $2 1 PX 1000",
    "GET $2",
    "ZADD $3 1 member",
    "ZRANGE $3 0 -1",
    "ZRANGEBYSCORE $3 -inf +inf",
    "ZREMRANGEBYSCORE $3 -inf 0",
    "ZREM $3 member",
    "SADD $4 member",
    "SRANDMEMBER $4",
    "SREM $4 member",
    "DEL $1 $2 $3 $4",
];
const COUNTERS: &[&str] = &["HSET $1 hits 1", "HMGET $1 hits", "HINCRBY $1 hits 1", "PEXPIRE $1 1000", "DEL $1"];

impl Use {
    const fn calls(self) -> &'static [&'static str] {
        match self {
            Self::Sessions => SESSIONS,
            Self::Counters => COUNTERS,
        }
    }

    /// Runs each command once.
    pub(super) async fn try_commands(
        self,
        connection: &mut MultiplexedConnection,
        prefix: &str,
    ) -> Result<(), Refusal> {
        let script = Script::new(include_str!("commands.lua"));
        let mut call = script.prepare_invoke();
        for number in 1..=4 {
            call.key(format!("{prefix}scratch:{number}"));
        }
        call.arg(self.calls());
        let attempt = async {
            // A server that knows the script would not show whether it may be loaded.
            script.load_async(connection).await?;
            call.invoke_async::<Vec<String>>(connection).await
        };
        let lacking = match attempt.await {
            Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::NoPerm) => vec![error.to_string()],
            outcome => outcome?,
        };
        if lacking.is_empty() {
            return Ok(());
        }
        Err(format!("the user of Redis may not do what it must ({})", lacking.join("; ")).into())
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use super::*;

    /// The words behind a text in all files of a folder, and in one more file.
    fn called(folder: &str, more: &str, before: &str) -> BTreeSet<String> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let files = fs::read_dir(root.join(folder)).unwrap().map(|entry| entry.unwrap().path());
        let scripts = files.filter(|file| file.extension().is_some_and(|end| end == "lua"));
        let texts = scripts.chain([root.join(more)]).map(|file| fs::read_to_string(file).unwrap());
        let words = |text: String| {
            let words = text.split(before).skip(1).map(|rest| rest.split(['\'', '"']).next().unwrap_or("").to_owned());
            words.collect::<Vec<_>>()
        };
        texts.flat_map(words).collect()
    }

    #[test]
    fn every_command_that_is_called_is_tried_when_a_server_is_opened() {
        let tried = |kind: Use| -> BTreeSet<String> {
            kind.calls().iter().map(|line| line.split(' ').next().unwrap_or_default().to_owned()).collect()
        };
        assert_eq!(called("store/redis", "store/redis.rs", "redis.call('"), tried(Use::Sessions));
        let counters = &called("limits/redis", "limits/redis.rs", "redis.call('")
            | &called("limits/redis", "limits/redis.rs", "redis::cmd(\"");
        assert_eq!(counters, tried(Use::Counters));
    }
}

//! The list of users, and the search in it.

use serde_json::json;

use super::rig::Rig;
use crate::testing::Client;

/// The addresses on the pages of a list, read from page to page.
async fn listed(client: &Client, query: &str) -> Vec<String> {
    let (mut addresses, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = client.get(&format!("/users?{query}{cursor}")).await.expect(200).json;
        let users = page["users"].as_array().unwrap();
        addresses.extend(users.iter().map(|user| user["email"].as_str().unwrap().to_owned()));
        let Some(next) = page["next_cursor"].as_str() else { return addresses };
        cursor = format!("&cursor={}", next.replace('+', "%2B").replace('@', "%40"));
        assert!(addresses.len() < 20, "the pages never end");
    }
}

#[tokio::test]
async fn a_search_finds_by_the_beginning_of_the_address_and_by_flags() {
    let rig = Rig::new(|engine| engine).await;
    rig.add("bob@example.com", |new| new.verified(true)).await;
    rig.add("ada+work@example.com", |new| new.superuser(true)).await;
    rig.add("Ada@example.com", |new| new.verified(true)).await;
    rig.add("adam@example.com", |new| new.active(false)).await;
    for (query, expected) in [
        ("email=ada", &["ada+work@example.com", "Ada@example.com", "adam@example.com"][..]),
        ("email=ADA", &["ada+work@example.com", "Ada@example.com", "adam@example.com"]),
        ("email=ada%2Bw", &["ada+work@example.com"]),
        ("email=ada%40example.com", &["Ada@example.com"]),
        ("email=da", &[]),
        ("email=%25", &[]),
        ("email=ada&is_active=false", &["adam@example.com"]),
        ("email=ada&is_active=yes&is_superuser=0", &["Ada@example.com"]),
        ("is_verified=true", &["Ada@example.com", "bob@example.com"]),
        ("is_superuser=true", &["ada+work@example.com", "root@example.com"]),
    ] {
        for limit in ["", "&limit=1", "&limit=2"] {
            assert_eq!(listed(&rig.root, &format!("{query}{limit}")).await, expected, "{query}{limit}");
        }
    }
    // Nothing to search for is the list in the order of ids, as without parameters.
    let all = listed(&rig.root, "limit=2").await;
    let added = ["root@example.com", "bob@example.com", "ada+work@example.com", "Ada@example.com", "adam@example.com"];
    assert_eq!(all, added);
    assert_eq!(listed(&rig.root, "email=&limit=2").await, added);
}

#[tokio::test]
async fn a_bad_parameter_of_a_search_is_named() {
    let rig = Rig::new(|engine| engine).await;
    for (query, kind, name) in [
        ("is_active=perhaps", "bool_parsing", "is_active"),
        ("is_superuser=", "bool_parsing", "is_superuser"),
        ("is_verified=2", "bool_parsing", "is_verified"),
        ("email=ada%00", "value_error", "email"),
        ("email=ada&limit=0", "value_error", "limit"),
        ("email=ada&cursor=018f0000-0000-7000-8000-000000000000", "value_error", "cursor"),
        ("email=ada&cursor=a%00%40example.com", "value_error", "cursor"),
        ("cursor=ada%40example.com", "value_error", "cursor"),
    ] {
        let entry = rig.root.get(&format!("/users?{query}")).await.expect(422).json["detail"][0].take();
        assert_eq!((&entry["type"], &entry["loc"]), (&json!(kind), &json!(["query", name])), "{query}");
    }
}

#[tokio::test]
async fn only_superusers_search() {
    let rig = Rig::new(|engine| engine).await;
    rig.add("ada@example.com", |new| new).await;
    rig.stranger().get("/users?email=ada").await.expect(401);
    rig.client("ada@example.com").await.get("/users?email=ada").await.expect(403);
    rig.age();
    rig.root.get("/users?email=ada").await.expect(200);
}

//! Routes of the application's own behind each extractor, once as they are and once optional.

use serde_json::{Value, json};
use usermgr_tests::Client;

use crate::world::{Kind, World};

/// Who asks.
enum Who {
    Nobody,
    /// A client with an invalid token.
    Bad,
    User(Kind),
}

use Kind::{Inactive, Superuser, Unverified, Verified, VerifiedSuperuser};
use Who::{Bad, Nobody, User};

/// The client, and the address to expect in the response if the guard accepts the user.
async fn client(world: &World, who: Who) -> (Client, Value) {
    let host = &world.rig().await.host;
    match who {
        Nobody => (host.client(), Value::Null),
        Bad => (host.client().with_token("foo"), Value::Null),
        User(kind) => {
            let someone = host.someone(kind).await;
            (someone.client, someone.email.into())
        }
    }
}

/// What a route behind an extractor answers; 200 with the user.
async fn answers(world: &World, extractor: &str, who: Who, status: u16) {
    let (client, email) = client(world, who).await;
    let reply = client.get(&format!("/app/{extractor}")).await;
    match status {
        200 => assert_eq!(reply.expect(200).json()["email"], email),
        401 => drop(reply.expect_detail(401, "Unauthorized")),
        _ => drop(reply.expect_detail(403, "Forbidden")),
    }
}

/// What a route behind an optional extractor gets: the user or none.
async fn gets(world: &World, extractor: &str, who: Who, somebody: bool) {
    let (client, email) = client(world, who).await;
    let reply = client.get(&format!("/app/optional/{extractor}")).await.expect(200);
    match somebody {
        true => assert_eq!(reply.json()["email"], email),
        false => assert_eq!(reply.json(), json!(null)),
    }
}

rows! {
    "Guards of your own routes", |world|

    once r1_any_for_nobody("any user: no credential" => "401") {
        answers(world, "any", Nobody, 401).await;
    }
    once r2_any_for_a_bad_token("any user: invalid token" => "401") {
        answers(world, "any", Bad, 401).await;
    }
    once r3_any_for_an_unverified_user(
        "any user: unverified user" => "200, the user";
        "an inactive user passes too; here a deactivation ends their tokens"
    ) {
        answers(world, "any", User(Unverified), 200).await;
    }
    once r4_active_for_nobody("`CurrentUser`: no credential" => "401") {
        answers(world, "active", Nobody, 401).await;
    }
    once r5_active_for_a_bad_token("`CurrentUser`: invalid token" => "401") {
        answers(world, "active", Bad, 401).await;
    }
    once r6_active_for_an_inactive_user("`CurrentUser`: inactive user" => "401") {
        answers(world, "active", User(Inactive), 401).await;
    }
    once r7_active_for_an_unverified_user("`CurrentUser`: unverified user" => "200, the user") {
        answers(world, "active", User(Unverified), 200).await;
    }
    once r8_verified_for_nobody("`Verified`: no credential" => "401") {
        answers(world, "verified", Nobody, 401).await;
    }
    once r9_verified_for_a_bad_token("`Verified`: invalid token" => "401") {
        answers(world, "verified", Bad, 401).await;
    }
    once r10_verified_for_an_unverified_user("`Verified`: unverified user" => "403") {
        answers(world, "verified", User(Unverified), 403).await;
    }
    once r11_verified_for_a_verified_user("`Verified`: verified user" => "200, the user") {
        answers(world, "verified", User(Verified), 200).await;
    }
    once r12_superuser_for_nobody("`Superuser`: no credential" => "401") {
        answers(world, "superuser", Nobody, 401).await;
    }
    once r13_superuser_for_a_bad_token("`Superuser`: invalid token" => "401") {
        answers(world, "superuser", Bad, 401).await;
    }
    once r14_superuser_for_an_unverified_user("`Superuser`: unverified user" => "403") {
        answers(world, "superuser", User(Unverified), 403).await;
    }
    once r15_superuser_for_a_superuser("`Superuser`: unverified superuser" => "200, the user") {
        answers(world, "superuser", User(Superuser), 200).await;
    }
    once r16_verified_superuser_for_nobody("`VerifiedSuperuser`: no credential" => "401") {
        answers(world, "verified-superuser", Nobody, 401).await;
    }
    once r17_verified_superuser_for_a_bad_token("`VerifiedSuperuser`: invalid token" => "401") {
        answers(world, "verified-superuser", Bad, 401).await;
    }
    once r18_verified_superuser_for_an_unverified_user("`VerifiedSuperuser`: unverified user" => "403") {
        answers(world, "verified-superuser", User(Unverified), 403).await;
    }
    once r19_verified_superuser_for_a_verified_user("`VerifiedSuperuser`: verified user" => "403") {
        answers(world, "verified-superuser", User(Verified), 403).await;
    }
    once r20_verified_superuser_for_a_superuser("`VerifiedSuperuser`: unverified superuser" => "403") {
        answers(world, "verified-superuser", User(Superuser), 403).await;
    }
    once r21_verified_superuser_for_a_verified_superuser(
        "`VerifiedSuperuser`: verified superuser" => "200, the user"
    ) {
        answers(world, "verified-superuser", User(VerifiedSuperuser), 200).await;
    }
    once r22_optional_any_for_nobody("any user, optional: no credential" => "200, `None`") {
        gets(world, "any", Nobody, false).await;
    }
    once r23_optional_any_for_a_bad_token("any user, optional: invalid token" => "200, `None`") {
        gets(world, "any", Bad, false).await;
    }
    once r24_optional_any_for_an_unverified_user("any user, optional: unverified user" => "200, the user") {
        gets(world, "any", User(Unverified), true).await;
    }
    once r25_optional_verified_for_nobody("`Option<Verified>`: no credential" => "200, `None`") {
        gets(world, "verified", Nobody, false).await;
    }
    once r26_optional_verified_for_a_bad_token("`Option<Verified>`: invalid token" => "200, `None`") {
        gets(world, "verified", Bad, false).await;
    }
    once r27_optional_verified_for_an_unverified_user("`Option<Verified>`: unverified user" => "200, `None`") {
        gets(world, "verified", User(Unverified), false).await;
    }
    once r28_optional_verified_for_a_verified_user("`Option<Verified>`: verified user" => "200, the user") {
        gets(world, "verified", User(Verified), true).await;
    }
    once r29_optional_active_for_nobody("`Option<CurrentUser>`: no credential" => "200, `None`") {
        gets(world, "active", Nobody, false).await;
    }
    once r30_optional_active_for_a_bad_token("`Option<CurrentUser>`: invalid token" => "200, `None`") {
        gets(world, "active", Bad, false).await;
    }
    once r31_optional_active_for_an_inactive_user("`Option<CurrentUser>`: inactive user" => "200, `None`") {
        gets(world, "active", User(Inactive), false).await;
    }
    once r32_optional_active_for_an_unverified_user("`Option<CurrentUser>`: unverified user" => "200, the user") {
        gets(world, "active", User(Unverified), true).await;
    }
    once r33_optional_superuser_for_nobody("`Option<Superuser>`: no credential" => "200, `None`") {
        gets(world, "superuser", Nobody, false).await;
    }
    once r34_optional_superuser_for_a_bad_token("`Option<Superuser>`: invalid token" => "200, `None`") {
        gets(world, "superuser", Bad, false).await;
    }
    once r35_optional_superuser_for_an_unverified_user("`Option<Superuser>`: unverified user" => "200, `None`") {
        gets(world, "superuser", User(Unverified), false).await;
    }
    once r36_optional_superuser_for_a_superuser("`Option<Superuser>`: unverified superuser" => "200, the user") {
        gets(world, "superuser", User(Superuser), true).await;
    }
    once r37_optional_verified_superuser_for_nobody("`Option<VerifiedSuperuser>`: no credential" => "200, `None`") {
        gets(world, "verified-superuser", Nobody, false).await;
    }
    once r38_optional_verified_superuser_for_a_bad_token("`Option<VerifiedSuperuser>`: invalid token" => "200, `None`") {
        gets(world, "verified-superuser", Bad, false).await;
    }
    once r39_optional_verified_superuser_for_an_unverified_user(
        "`Option<VerifiedSuperuser>`: unverified user" => "200, `None`"
    ) {
        gets(world, "verified-superuser", User(Unverified), false).await;
    }
    once r40_optional_verified_superuser_for_a_verified_user(
        "`Option<VerifiedSuperuser>`: verified user" => "200, `None`"
    ) {
        gets(world, "verified-superuser", User(Verified), false).await;
    }
    once r41_optional_verified_superuser_for_a_superuser(
        "`Option<VerifiedSuperuser>`: unverified superuser" => "200, `None`"
    ) {
        gets(world, "verified-superuser", User(Superuser), false).await;
    }
    once r42_optional_verified_superuser_for_a_verified_superuser(
        "`Option<VerifiedSuperuser>`: verified superuser" => "200, the user"
    ) {
        gets(world, "verified-superuser", User(VerifiedSuperuser), true).await;
    }
}

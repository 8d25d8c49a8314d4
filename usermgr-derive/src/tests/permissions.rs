//! The errors of `#[derive(Permission)]` and `#[derive(Roles)]`, by mistake.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::permissions::{permission, roles};

#[track_caller]
fn check(output: TokenStream, expected: &[&str]) -> String {
    let texts = super::errors(output.clone());
    let lines: Vec<&str> = texts.iter().map(|text| text.lines().next().unwrap_or_default()).collect();
    assert_eq!(lines, expected);
    output.to_string()
}

/// What an enum of permissions with these variants gets.
#[track_caller]
fn says(variants: TokenStream, expected: &[&str]) -> String {
    check(permission(quote!(enum Can { #variants })), expected)
}

/// What an enum of roles with these variants gets.
#[track_caller]
fn roles_say(variants: TokenStream, expected: &[&str]) -> String {
    check(roles(quote!(#[roles(Can)] enum Role { #variants })), expected)
}

#[test]
fn what_is_written_and_what_is_made_of_a_variant_are_names() {
    let output = says(
        quote!(
            #[permission("orders:read")]
            OrdersRead,
            HTTPRead
        ),
        &[],
    );
    assert!(output.contains(r#""orders:read""#) && output.contains(r#""http_read""#), "{output}");
    assert!(output.contains("mod can"), "{output}");
    let output = roles_say(
        quote!(
            #[role()]
            ShiftLead,
            #[role(name = "sales", A)]
            Clerk
        ),
        &[],
    );
    assert!(output.contains(r#""shift_lead""#) && output.contains(r#""sales""#), "{output}");
    says(quote!(), &[]);
}

#[test]
fn the_shape() {
    for derive in [permission, roles] {
        let of_roles = derive(quote!(
            #[roles(Can)]
            enum C<T> {
                #[role()]
                A,
            }
        ))
        .to_string()
        .contains("roles");
        let (one, many) = if of_roles { ("role", "roles") } else { ("permission", "permissions") };
        let must = |found: &str| format!("{many} must be an enum, found {found}");
        check(
            derive(quote!(
                #[roles(Can)]
                struct C {
                    a: u8,
                }
            )),
            &[&must("a struct")],
        );
        check(derive(quote!(#[roles(Can)] union C { a: u8 })), &[&must("a union")]);
        let generic = format!("an enum of {many} must not be generic");
        check(
            derive(quote!(
                #[roles(Can)]
                enum C<T> {
                    #[role()]
                    A,
                }
            )),
            &[&generic],
        );
        let fields = |variant: &str| format!("the {one} `{variant}` has fields");
        let output = check(
            derive(quote!(
                #[roles(Can)]
                enum C {
                    #[role()]
                    A(u8),
                    #[role()]
                    B { c: u8 },
                    #[role()]
                    C(),
                }
            )),
            &[&fields("A"), &fields("B"), &fields("C")],
        );
        assert!(output.contains("Self :: B { .. } =>"), "the trait is there: {output}");
    }
}

#[test]
fn az2_names_of_permissions_are_unique_and_of_one_form() {
    says(
        quote!(
            #[permission("Orders Read")]
            A,
            #[permission("")]
            B,
            Öffnen,
        ),
        &[
            "`Orders Read` cannot be the name of a permission",
            "`` cannot be the name of a permission",
            "`öffnen` cannot be the name of a permission",
        ],
    );
    says(
        quote!(
            #[permission("orders:read")]
            Read,
            #[permission("orders:read")]
            Twin,
            OrdersWrite,
            #[permission("orders_write")]
            Write,
        ),
        &[
            "`Read` and `Twin` have the same name `orders:read`",
            "`OrdersWrite` and `Write` have the same name `orders_write`",
        ],
    );
    says(
        quote!(
            #[permission("a", "b")]
            A
        ),
        &["the permission `A` has two names"],
    );
    says(
        quote!(
            #[permission("a")]
            #[permission("b")]
            A
        ),
        &["the permission `A` has two names"],
    );
    says(
        quote!(
            #[permission]
            A
        ),
        &["`#[permission]` needs its words in parentheses"],
    );
    says(
        quote!(
            #[permission = "a"]
            A
        ),
        &["`#[permission]` needs its words in parentheses"],
    );
    let quoted = "expected the name of the permission in quotes";
    says(
        quote!(
            #[permission(a)]
            A,
            #[permission(name = "b")]
            B,
            #[permission(c(d))]
            C
        ),
        &[quoted; 3],
    );
    says(
        quote!(
            #[permission(5)]
            A
        ),
        &[quoted],
    );
}

#[test]
fn the_enum_of_permissions() {
    let variants = (0..130).map(|number| format_ident!("V{number}"));
    says(quote!(#(#variants),*), &["an enum has at most 128 permissions, found 130"]);
    let variants = (0..128).map(|number| format_ident!("V{number}"));
    let output = says(quote!(#(#variants),*), &[]);
    assert!(output.contains("127u8"), "every permission has its own bit");
    let with = |attribute: TokenStream| permission(quote!(#attribute enum Can { A }));
    check(with(quote!(#[permission("a")])), &["a name belongs to a variant, found one on the enum"]);
    check(with(quote!(#[permission(crat = ::um)])), &["unknown word `crat` on an enum of permissions"]);
    check(with(quote!(#[permission(crate = um)])), &["the `crate` path must be absolute"]);
    let output = check(with(quote!(#[permission(crate = ::um)])), &[]);
    assert!(output.contains(":: um :: permissions") && !output.contains("usermgr"), "{output}");
    says(
        quote!(
            #[permission(crate = ::um)]
            A
        ),
        &["`crate` belongs to the enum, found it on a variant"],
    );
    says(
        quote!(A(
            #[permission("a")]
            u8
        )),
        &["the permission `A` has fields", "`#[permission]` belongs on a variant, found it on a field"],
    );
    let named = |name: &str| {
        let name = format_ident!("{name}");
        permission(quote!(enum #name { A }))
    };
    check(named("can"), &["the enum `can` and the module that is made for it have the same name"]);
    check(named("Super"), &["the enum `Super` would have the module `super`, which is a keyword"]);
    assert!(check(named("Move"), &[]).contains("mod r#move"));
}

#[test]
fn the_permissions_of_roles() {
    let of = |attribute: TokenStream| roles(quote!(#attribute enum Role { #[role(A)] R }));
    let missing = "`Role` does not say which permissions its roles grant";
    check(of(quote!()), &[missing]);
    check(of(quote!(#[roles()])), &[missing]);
    check(of(quote!(#[roles(crate = ::um)])), &[missing]);
    check(of(quote!(#[roles])), &["`#[roles]` needs its words in parentheses"]);
    check(of(quote!(#[roles = "Can"])), &["`#[roles]` needs its words in parentheses"]);
    let output = check(of(quote!(#[roles("Can")])), &["expected the enum of the permissions, found a string"]);
    assert!(output.contains("type Permission = Can"), "{output}");
    check(of(quote!(#[roles(Can, May)])), &["roles grant the permissions of one enum, found a second one"]);
    check(of(quote!(#[roles(Can, name = "x")])), &["unknown word `name` on an enum of roles"]);
    check(of(quote!(#[roles(crate::Can, crate = um)])), &["the `crate` path must be absolute"]);
    let output = check(of(quote!(#[roles(crate::Can, crate = ::um)])), &[]);
    assert!(output.contains("crate :: Can :: A") && !output.contains("usermgr"), "{output}");
}

#[test]
fn grants_of_roles() {
    roles_say(
        quote!(Clerk, Owner),
        &["the role `Clerk` does not say what it grants", "the role `Owner` does not say what it grants"],
    );
    roles_say(
        quote!(
            #[role]
            Clerk
        ),
        &["`#[role]` needs its words in parentheses"],
    );
    let output = roles_say(
        quote!(
            #[role(all, A)]
            Owner
        ),
        &["`all` grants `A` too"],
    );
    assert!(output.contains(":: all :: < Self > ()"), "{output}");
    roles_say(
        quote!(
            #[role(A, B, A)]
            R
        ),
        &["`A` is given twice"],
    );
    roles_say(
        quote!(
            #[role(all)]
            #[role(all)]
            R
        ),
        &["`all` is given twice"],
    );
    roles_say(
        quote!(
            #[role(Can::A)]
            R
        ),
        &["expected the variant of a permission, found a path"],
    );
    roles_say(
        quote!(
            #[role("a")]
            R
        ),
        &["expected the variant of a permission, found a literal"],
    );
    roles_say(
        quote!(
            #[role(all(A))]
            R
        ),
        &["`all` takes no words"],
    );
    roles_say(
        quote!(
            #[role(nam = "a")]
            R
        ),
        &["unknown word `nam` on a role"],
    );
    roles_say(
        quote!(
            #[role(name = 5)]
            R
        ),
        &["`name` must be a string"],
    );
    roles_say(
        quote!(
            #[role(name = "a", name = "b")]
            R
        ),
        &["`name` is given twice"],
    );
    roles_say(
        quote!(
            #[role(name = "A B")]
            R
        ),
        &["`A B` cannot be the name of a role"],
    );
    roles_say(
        quote!(
            #[role(name = "s")]
            R,
            #[role()]
            S
        ),
        &["`R` and `S` have the same name `s`"],
    );
    roles_say(
        quote!(
            #[role()]
            A(
                #[role(B)]
                u8
            )
        ),
        &["the role `A` has fields", "`#[role]` belongs on a variant, found it on a field"],
    );
}

/// Each mistake has its remedy.
#[test]
fn every_message_has_help() {
    let outputs = [
        permission(quote!(
            enum can {
                #[permission("A b")]
                A,
                #[permission(x)]
                B,
                #[permission("b", "c")]
                C(u8),
            }
        )),
        roles(quote!(
            #[roles("Can", x = 1)]
            enum Role {
                A,
                #[role(all, B, X::Y, "z", n = "m", all(z))]
                B {
                    c: u8,
                },
            }
        )),
        roles(quote!(
            enum Role {}
        )),
    ];
    for text in outputs.into_iter().flat_map(super::errors) {
        assert!(text.contains("\n= help: "), "{text}");
    }
}

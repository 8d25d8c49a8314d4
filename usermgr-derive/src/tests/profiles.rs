//! The first line of every error of `#[derive(Profile)]`, by mistake.

use proc_macro2::TokenStream;
use quote::quote;

use crate::profile::expand;

#[track_caller]
fn says(item: TokenStream, expected: &[&str]) -> String {
    let output = expand(item);
    let texts = super::errors(output.clone());
    let lines: Vec<&str> = texts.iter().map(|text| text.lines().next().unwrap_or_default()).collect();
    assert_eq!(lines, expected);
    output.to_string()
}

#[test]
fn the_shape() {
    let shapes = [
        (
            quote!(
                enum C {
                    A,
                }
            ),
            "an enum",
        ),
        (quote!(union C { a: u8 }), "a union"),
        (
            quote!(
                struct C(u8);
            ),
            "a tuple struct",
        ),
        (
            quote!(
                struct C;
            ),
            "a unit struct",
        ),
    ];
    for (item, found) in shapes {
        let output = says(item, &[&format!("a profile must be a struct with named fields, found {found}")]);
        // A union can have none of the traits that a profile needs.
        assert_eq!(output.contains("impl :: usermgr :: Profile for C"), found != "a union", "{output}");
    }
    says(
        quote!(
            struct C<'a> {
                a: &'a str,
            }
        ),
        &["a profile must not be generic"],
    );
    says(
        quote!(
            struct C {}
        ),
        &[],
    );
}

#[test]
fn names() {
    let reserved = |name: &str| format!("`{name}` is a field of every user and cannot be a profile field");
    says(
        quote!(
            struct C {
                email: String,
            }
        ),
        &[&reserved("email")],
    );
    says(
        quote!(
            struct C {
                r#id: String,
            }
        ),
        &[&reserved("id")],
    );
    says(
        quote!(
            struct C {
                #[serde(rename = "email")]
                contact: String,
            }
        ),
        &[&reserved("email")],
    );
    says(
        quote!(
            struct C {
                #[serde(alias = "id")]
                number: u8,
            }
        ),
        &[&reserved("id")],
    );
    says(
        quote!(
            #[serde(rename_all = "camelCase")]
            struct C {
                _id: u8,
            }
        ),
        &[&reserved("id")],
    );
    says(
        quote!(
            #[serde(rename_all = "camelCase")]
            struct C {
                #[serde(rename = "no")]
                _id: u8,
            }
        ),
        &[],
    );
    says(
        quote!(
            struct C {
                #[profile(server)]
                is_superuser: bool,
            }
        ),
        &[&reserved("is_superuser")],
    );
}

#[test]
fn types_and_serde() {
    says(
        quote!(
            struct C {
                a: Vec<Option<u128>>,
                b: [i128; 2],
            }
        ),
        &["a profile cannot hold `u128`", "a profile cannot hold `i128`"],
    );
    says(
        quote!(
            struct C {
                #[serde(flatten)]
                a: A,
            }
        ),
        &["`#[serde(flatten)]` is not supported in a profile"],
    );
    says(
        quote!(
            #[serde(deny_unknown_fields)]
            struct C {
                a: A,
            }
        ),
        &["`#[serde(deny_unknown_fields)]` is not supported on a profile"],
    );
}

#[test]
fn words() {
    let output = says(
        quote!(
            struct C {
                #[profile(servr)]
                a: A,
            }
        ),
        &["unknown word `servr` on a field of a profile"],
    );
    assert!(output.contains("struct CRegister { }"), "a misspelt word counts as what was meant: {output}");
    says(
        quote!(
            struct C {
                #[profile(colour)]
                a: A,
            }
        ),
        &["unknown word `colour` on a field of a profile"],
    );
    says(
        quote!(
            struct C {
                #[profile("server")]
                a: A,
            }
        ),
        &["unknown word `\"server\"` on a field of a profile"],
    );
    says(
        quote!(
            struct C {
                #[profile]
                a: A,
            }
        ),
        &["`#[profile]` needs its words in parentheses"],
    );
    says(
        quote!(
            struct C {
                #[profile(server, server)]
                a: A,
            }
        ),
        &["`server` is given twice"],
    );
    says(
        quote!(
            struct C {
                #[profile(server = true)]
                a: A,
            }
        ),
        &["expected `server`"],
    );
    says(
        quote!(
            #[profile(crate = um)]
            struct C {
                a: A,
            }
        ),
        &["the `crate` path must be absolute"],
    );
    says(
        quote!(
            #[profile(server)]
            struct C {
                a: A,
            }
        ),
        &["unknown word `server` on the struct of a profile"],
    );
}

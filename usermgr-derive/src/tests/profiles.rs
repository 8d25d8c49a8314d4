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
        // A union cannot have the traits that a profile needs.
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
                a: &'static str,
            }
        ),
        &["a profile cannot hold a reference"],
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

#[test]
fn what_does_not_read_back() {
    let loses = |word: &str| format!("`#[serde({word})]` loses the field whenever the profile is stored");
    for word in ["skip", "skip_deserializing", "skip_serializing"] {
        let name = quote::format_ident!("{word}");
        says(
            quote!(
                struct C {
                    #[serde(default, #name)]
                    a: A,
                }
            ),
            &[&loses(word)],
        );
    }
    let missing = "`skip_serializing_if` leaves out a field that must be there when it is read back";
    says(
        quote!(
            struct C {
                #[serde(skip_serializing_if = "f")]
                a: A,
            }
        ),
        &[missing],
    );
    // If serde does not read the field by itself, it does not treat it as an option.
    says(
        quote!(
            struct C {
                #[serde(skip_serializing_if = "f", with = "m")]
                a: Option<A>,
            }
        ),
        &[missing],
    );
    says(
        quote!(
            struct C {
                #[serde(skip_serializing_if = "f")]
                a: ::core::option::Option<A>,
            }
        ),
        &[],
    );
    says(
        quote!(
            struct C {
                #[serde(skip_serializing_if = "f", default)]
                a: A,
            }
        ),
        &[],
    );
    says(
        quote!(
            #[serde(default)]
            struct C {
                #[serde(skip_serializing_if = "f")]
                a: A,
            }
        ),
        &[],
    );
    let reader = "`serialize_with` needs the function that reads back what it writes";
    says(
        quote!(
            struct C {
                #[serde(serialize_with = "f")]
                a: A,
            }
        ),
        &[reader],
    );
    says(
        quote!(
            struct C {
                #[serde(serialize_with = "f", deserialize_with = "g")]
                a: A,
            }
        ),
        &[],
    );
    let rename =
        |word: &str, written: &str, read: &str| format!("`{word}` makes serde write `{written}` and read `{read}`");
    says(
        quote!(
            struct C {
                #[serde(rename(serialize = "b"))]
                a: A,
            }
        ),
        &[&rename("rename", "b", "a")],
    );
    says(
        quote!(
            struct C {
                #[serde(rename(deserialize = "b"))]
                a: A,
            }
        ),
        &[&rename("rename", "a", "b")],
    );
    says(
        quote!(
            struct C {
                #[serde(rename(deserialize = "b"), alias = "a")]
                a: A,
            }
        ),
        &[],
    );
    says(
        quote!(
            struct C {
                #[serde(rename(serialize = "b", deserialize = "b"))]
                a: A,
            }
        ),
        &[],
    );
    says(
        quote!(
            #[serde(rename_all(serialize = "camelCase"))]
            struct C {
                a_b: A,
                c_d: A,
            }
        ),
        &[&rename("rename_all", "aB", "a_b")],
    );
    says(
        quote!(
            #[serde(rename_all(deserialize = "SCREAMING-KEBAB-CASE"))]
            struct C {
                a_b: A,
            }
        ),
        &[&rename("rename_all", "a_b", "A-B")],
    );
    says(
        quote!(
            #[serde(rename_all(serialize = "camelCase"))]
            struct C {
                a: A,
                #[serde(alias = "cD")]
                c_d: A,
            }
        ),
        &[],
    );
}

#[test]
fn hidden_and_transient() {
    let output = says(
        quote!(
            #[serde(rename_all = "PascalCase")]
            struct C {
                #[profile(hidden)]
                last_seen: A,
                #[profile(transient)]
                #[serde(skip_serializing, default)]
                code: A,
            }
        ),
        &[],
    );
    assert!(output.contains(r#"["LastSeen" , "Code"]"#), "{output}");
    let stored = "the transient field `a` must be left out when the profile is stored";
    says(
        quote!(
            struct C {
                #[profile(transient)]
                a: A,
            }
        ),
        &[stored],
    );
    says(
        quote!(
            struct C {
                #[profile(transient)]
                #[serde(skip_serializing)]
                a: A,
            }
        ),
        &[stored],
    );
    says(
        quote!(
            struct C {
                #[profile(transient)]
                #[serde(skip_serializing)]
                a: Option<A>,
            }
        ),
        &[],
    );
    says(
        quote!(
            struct C {
                #[profile(hidden, transient)]
                #[serde(skip_serializing)]
                a: Option<A>,
            }
        ),
        &["a transient field is sent by clients and cannot be a field of the server"],
    );
}

#[test]
fn fields_of_superusers() {
    let output = says(
        quote!(
            struct C {
                name: A,
                #[profile(admin)]
                roles: A,
                #[profile(admin, hidden)]
                #[serde(rename = "why", with = "m")]
                note: A,
            }
        ),
        &[],
    );
    assert!(output.contains(r#"["why"]"#), "{output}");
    assert!(output.contains("type AdminUpdate = CAdminUpdate"), "{output}");
    assert!(output.contains("CAdminUpdate::__read_note") && !output.contains("CUpdate::__read_note"), "{output}");
    let output = says(
        quote!(
            struct C {
                name: A,
            }
        ),
        &[],
    );
    assert!(output.contains("type AdminUpdate = CUpdate"), "{output}");
    for (words, message) in [
        (quote!(admin, server), "no request sets a field of the server, but superusers set one with `admin`"),
        (quote!(admin, transient), "a transient field is sent at a registration and cannot be a field of superusers"),
        (quote!(admin, claim = "name"), "no provider sets a field of superusers"),
        (quote!(admn), "unknown word `admn` on a field of a profile"),
    ] {
        says(
            quote!(
                struct C {
                    #[profile(#words)]
                    #[serde(default, skip_serializing)]
                    a: Option<A>,
                }
            ),
            &match words.to_string().contains("transient") {
                true => vec![message],
                false => vec![message, "`#[serde(skip_serializing)]` loses the field whenever the profile is stored"],
            },
        );
    }
}

/// A registration of such a user needs nothing that no claim says.
#[test]
fn an_option_with_a_reader_of_its_own_must_be_there() {
    let (plain, reader) = (quote!(), quote!(with = "iso"));
    let cases = [
        (plain, true),
        (reader.clone(), false),
        (quote!(deserialize_with = "<Iso as Reader>::read"), false),
        (quote!(default, #reader), true),
    ];
    for (words, made) in cases {
        let output = says(
            quote!(
                struct C {
                    #[serde(#words)]
                    born: Option<Date>,
                }
            ),
            &[],
        );
        assert_eq!(output.contains("FromClaims for C"), made, "{words}");
    }
}

#[test]
fn the_function_of_a_trait_reads_a_field_and_makes_the_default() {
    let output = says(
        quote!(
            #[serde(default = "<C as Preset>::preset")]
            struct C {
                #[serde(serialize_with = "write", deserialize_with = "<Trim as Reader>::read")]
                city: String,
            }
        ),
        &[],
    );
    assert!(output.contains("< Trim as Reader > :: read (deserializer)"), "{output}");
    assert!(output.contains("< C as Preset > :: preset () . city"), "{output}");
}

/// A literal that a `macro_rules!` passes is in an invisible group.
#[test]
fn words_through_a_macro_are_read() {
    let group = |text: &str| proc_macro2::Group::new(proc_macro2::Delimiter::None, quote!(#text));
    let (name, reader) = (group("remark"), group("read"));
    let output = says(
        quote!(
            struct C {
                #[profile(hidden)]
                #[serde(rename = #name, default)]
                note: String,
                #[serde(deserialize_with = #reader, default)]
                city: String,
            }
        ),
        &[],
    );
    assert!(output.contains(r#"& ["remark"]"#), "{output}");
    assert!(output.contains("read (deserializer)"), "{output}");
}
